"""Runs worked examples through compliance's own HTTP API, on a store in memory.

The same routes, deciders and rules as in production; only PostgreSQL is left out. Time is the
tenant's test clock, moved by each step of an example.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx2
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.compliance.books.shelves import OneBook
from services.compliance.licences import domain as licences
from services.compliance.main import ROUTERS, UPSTREAM
from services.compliance.permits.asking import Basis
from services.compliance.rules.act_request import ActRequest
from services.compliance.rules.book import Book
from services.compliance.rules.check.driver import (
    CallRefused,
    Decision,
    Made,
    content_decision,
    licensed_everywhere,
)
from services.compliance.rules.facts import Fact
from services.compliance.rules.message import Message
from services.compliance.rules.request import ContactRequest
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Transactor
from shared.http.app import Wiring, create_app
from shared.http.auth import authorize
from shared.http.service_token import ServiceTokenSigner, ServiceTokenVerifier
from shared.kernel.clock import RandomIds, SystemClock
from shared.vault.memory import MemoryVault
from shared.vault.sealer import Sealer

TENANT = "agy_01h455vb4pex5vsknk084sn02q"
CALLER = "contact"
LICENSED_AT = datetime(2020, 1, 1, tzinfo=UTC)
_LONG = timedelta(days=1)  # an example takes no real time


@dataclass(frozen=True, kw_only=True)
class MemoryFoundation:
    """As much of a service's foundation as the permit routes use, in memory."""

    store: MemoryEventStore
    transactor: Transactor
    sealer: Sealer
    ids: RandomIds
    tokens: ServiceTokenVerifier


class Api:
    """Compliance's application in this process, with one caller: the contact service."""

    def __init__(self, book: Book, tz_version: str) -> None:
        ids, clock, key = RandomIds(), SystemClock(), Ed25519PrivateKey.generate()
        self.loop = asyncio.new_event_loop()
        self.store = MemoryEventStore(clock.now)
        self.ids = ids
        app = create_app("compliance", "1", ROUTERS, ids=ids, wiring=Wiring(authorize=authorize))
        verifier = ServiceTokenVerifier("compliance", {CALLER: [key.public_key()]}, clock=clock.now)
        self.foundation = MemoryFoundation(
            store=self.store,
            transactor=Transactor(self.store, ids),
            sealer=Sealer(MemoryVault()),
            ids=ids,
            tokens=verifier,
        )
        app.api.state.foundation = self.foundation
        app.api.state.basis = Basis(
            books=OneBook(book), tz_version=tz_version, upstream=UPSTREAM, staleness=_LONG
        )
        self._signer = ServiceTokenSigner(CALLER, key, clock=clock.now)
        self._clock = clock
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1"
        )

        self.loop.run_until_complete(self._license(book))

    async def _license(self, book: Book) -> None:
        """Put every licence on record: that is an agency key's to do, and here calls a service."""

        def issue(authority: str) -> Issue:
            command = licences.RecordLicence(
                authority=authority, number="EXAMPLE", expires_on=None, now=LICENSED_AT
            )
            return Issue(
                stream=licences.stream(),
                decider=licences.LICENCES,
                command=lambda moment: command,
            )

        context = Context(tenant=TENANT, metadata=Metadata(actor="check", correlation_id="check"))
        issues = [issue(each) for each in licensed_everywhere(book)]
        await Transactor(self.store, self.ids).transact(context, issues)

    def call(self, at: datetime, method: str, path: str, body: dict[str, Any]) -> Any:
        """Call a route at an instant of the test clock and return its answer.

        Raises:
            CallRefused: the answer is a problem.
        """
        self.store.clocks[TENANT] = at
        self.store.watermarks = dict.fromkeys(UPSTREAM, self._clock.now())
        token = self._signer.token(audience="compliance", tenant=TENANT, actor="check", scopes=())
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": self.ids.new("req"),
        }
        answer = self.loop.run_until_complete(
            self._client.request(
                method, f"/v1{path}", content=msgspec.json.encode(body), headers=headers
            )
        )
        if answer.status_code >= 400:
            raise CallRefused(f"{method} {path} answered {answer.status_code}: {answer.text}")
        return answer.json()

    def close(self) -> None:
        """End the loop."""
        self.loop.run_until_complete(self._client.aclose())
        self.loop.close()


class HttpDriver:
    """One consumer's gate, over HTTP. Labels of an example become ids of ours."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._names: dict[tuple[str, str], str] = {}
        self._versions: dict[str, int] = {}
        self._source = f"profile-{api.ids.new('cns')}"

    def name(self, prefix: str, label: str) -> str:
        """Return the id that stands for a label, the same each time."""
        return self._names.setdefault((prefix, label), self._api.ids.new(prefix))

    def apply_fact(self, at: datetime, fact_key: str, fact: Fact) -> None:
        """Put a fact in force."""
        self._versions[fact_key] = self._versions.get(fact_key, 0) + 1
        self._api.call(
            at,
            "PUT",
            f"/protective-facts/{fact_key}",
            {
                "consumer_id": self.name("cns", "P1"),
                "source_stream": self._source,
                "source_version": self._versions[fact_key],
                "fact": msgspec.to_builtins(fact),
            },
        )

    def release_fact(self, at: datetime, fact_key: str) -> None:
        """End a fact."""
        self._versions[fact_key] = self._versions.get(fact_key, 0) + 1
        self._api.call(
            at,
            "PUT",
            f"/protective-facts/{fact_key}/release",
            {
                "consumer_id": self.name("cns", "P1"),
                "source_stream": self._source,
                "source_version": self._versions[fact_key],
                "released_by": "example",
                "reason": "the person said otherwise",
            },
        )

    def made(self, at: datetime, attempt: Made) -> None:
        """Report an attempt without a permit: an example's past need not be lawful."""
        self._api.call(
            max(at, attempt.ended_at),
            "POST",
            "/unpermitted-attempts",
            {
                **self._body(attempt.request),
                "attempt_id": self._api.ids.new("att"),
                "outcome": attempt.outcome,
                "started_at": _instant(attempt.started_at),
                "ended_at": _instant(attempt.ended_at),
                "discussed": list(attempt.discussed),
                "raised": list(attempt.raised),
            },
        )

    def ask(self, at: datetime, request: ContactRequest) -> Decision:
        """Ask for a permit."""
        answer = self._api.call(at, "POST", "/permits", self._body(request))
        earliest = answer["earliest_permitted_at"]
        return Decision(
            verdict=answer["decision"],
            permit_id=answer["id"],
            flags=tuple(each["flag"] for each in answer["flags"]),
            rules=tuple(each["rule"] for each in answer["objections"]),
            laws=_laws(answer),
            earliest=datetime.fromisoformat(earliest) if earliest else None,
        )

    def check(self, at: datetime, message: Message) -> Decision:
        """Have a message checked."""
        answer = self._api.call(at, "POST", "/content-checks", _told(message))
        return content_decision(
            answer["id"],
            ((each["rule"], each["verdict"], each["explanation"]) for each in answer["findings"]),
            is_communication=answer["is_communication"],
            may_be_initial=answer["may_be_initial"],
        )

    def redeem(self, at: datetime, request: ContactRequest, decision: Decision) -> Decision:
        """Redeem what was permitted."""
        path = f"/permits/{decision.permit_id}/redeem"
        answer = self._api.call(at, "POST", path, self._body(request))
        if answer["is_redeemed"]:
            return decision
        return Decision(
            verdict="deny",
            permit_id=decision.permit_id,
            rules=tuple(each["rule"] for each in answer["objections"]),
            laws=_laws(answer),
        )

    def conclude(self, at: datetime, decision: Decision, outcome: str) -> None:
        """Report what came of a redeemed permit."""
        self._api.call(
            at,
            "POST",
            f"/permits/{decision.permit_id}/outcome",
            {
                "consumer_id": self.name("cns", "P1"),
                "outcome": outcome,
                "started_at": _instant(at),
                "ended_at": _instant(at),
            },
        )

    def clear(self, at: datetime, request: ActRequest) -> Decision:
        """Ask for a clearance."""
        body = msgspec.to_builtins(request)
        digest = body.pop("content_digest")
        if digest:
            body["content_digest"] = sha256(digest.encode()).hexdigest()
        body["act"] = {key: value for key, value in body["act"].items() if value not in ("", None)}
        answer = self._api.call(at, "POST", "/clearances", body)
        earliest = answer["earliest_permitted_at"]
        return Decision(
            verdict=answer["decision"],
            permit_id=answer["id"],
            flags=tuple(each["flag"] for each in answer["flags"]),
            rules=tuple(each["rule"] for each in answer["objections"]),
            earliest=datetime.fromisoformat(earliest) if earliest else None,
        )

    def _body(self, request: ContactRequest) -> dict[str, Any]:
        body = {
            "consumer_id": request.consumer_id,
            "account_ids": list(request.account_ids),
            "party_id": request.party_id,
            "channel": request.channel,
            "contact_point_id": request.contact_point_id,
            "purpose": request.purpose,
            "act": request.act,
            "in_reply_to": request.in_reply_to,
            "portion": request.portion,
            "renewed_for": request.renewed_for,
            "says": list(request.says),
            "technology": request.technology,
            "disclosures": list(request.disclosures),
        }
        if request.content_digest:
            body["content_digest"] = sha256(request.content_digest.encode()).hexdigest()
        return body


def _told(said: Any) -> dict[str, Any]:
    """Return what is said, without all that is left open."""
    return {
        each.name: _told(value) if isinstance(value, msgspec.Struct) else msgspec.to_builtins(value)
        for each in msgspec.structs.fields(said)
        if (value := getattr(said, each.name)) != each.default
    }


def _instant(at: datetime) -> str:
    return str(msgspec.to_builtins(at))


def _laws(answer: dict[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each["law"] for each in answer["objections"]))
