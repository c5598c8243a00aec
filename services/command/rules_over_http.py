"""Runs worked examples through compliance's own HTTP API, on a store in memory.

The same routes, deciders and rules as in production; only PostgreSQL is left out. Time is the
tenant's test clock, moved by each step of an example.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx2
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.compliance.books import domain as books
from services.compliance.books.shelves import BOUND, Library
from services.compliance.licences import domain as licences
from services.compliance.main import ROUTERS, UPSTREAM
from services.compliance.packs import domain as packs
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
from services.compliance.rules.loading import read_pack
from services.compliance.rules.message import Message
from services.compliance.rules.request import ContactRequest
from shared.eventstore import codec
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Transactor
from shared.http.app import Wiring, create_app
from shared.http.auth import authorize
from shared.http.service_token import ServiceTokenSigner, ServiceTokenVerifier
from shared.kernel.clock import RandomIds, SystemClock
from shared.kernel.decider import Decider
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


class _Heads:
    """The newest versions of packs in memory, given as a connection to the log gives them."""

    def __init__(self, store: MemoryEventStore) -> None:
        self._store = store

    @asynccontextmanager
    async def acquire(self, timeout: float) -> AsyncIterator["_Heads"]:
        """Lend the connection."""
        yield self

    async def fetchval(self, query: str) -> datetime:
        """Return what time it is."""
        return self._store.system_now()

    async def fetch(self, query: str) -> list[dict[str, Any]]:
        """Return the newest version of each pack, by tenant."""
        return [
            {"tenant_id": each.tenant, "stream": each.event.stream, "version": each.event.version}
            for each in self._store.log
            if each.event.stream.startswith("rulepack-")
        ]


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
        self.library = Library(book)
        self.library.open(self.store, self.foundation.transactor, ids, _Heads(self.store))
        app.api.state.foundation = self.foundation
        app.api.state.basis = Basis(
            books=self.library, tz_version=tz_version, upstream=UPSTREAM, staleness=_LONG
        )
        self._signer = ServiceTokenSigner(CALLER, key, clock=clock.now)
        self._clock = clock
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1"
        )

        self._authorities = licensed_everywhere(book)
        self.loop.run_until_complete(self._license(TENANT))

    async def _license(self, tenant: str) -> None:
        """Put every licence on record: that is an agency key's to do, and here calls a service."""

        issues = [
            _issue(
                licences.stream(),
                licences.LICENCES,
                licences.RecordLicence(
                    authority=each, number="EXAMPLE", expires_on=None, now=LICENSED_AT
                ),
            )
            for each in self._authorities
        ]
        await self.foundation.transactor.transact(_context(tenant), issues)

    def agency_with(self, at: datetime, document: str) -> str:
        """Return an agency of its own at which a pack is in force from an instant on."""
        tenant = self.ids.new("agy")
        self.loop.run_until_complete(self._license(tenant))
        self.loop.run_until_complete(self._adopt(tenant, at, document))
        return tenant

    async def _adopt(self, tenant: str, at: datetime, document: str) -> None:
        """Draft, observe and activate a pack: an agency key's to do, as licences are."""
        pack, pack_id = read_pack(document, "the example's pack"), self.ids.new("rpk")
        drafted_at = at - 2 * packs.LEAD
        steps: list[packs.Command] = [
            packs.DraftRulePack(
                pack_id=pack_id,
                pack=pack.pack,
                version=pack.version,
                jurisdiction=pack.jurisdiction,
                document=books.text_of(pack),
                author="author",
                now=drafted_at,
            ),
            packs.ObserveRulePack(pack_id=pack_id, revision=1, by="author", now=drafted_at),
            packs.ActivateRulePack(
                pack_id=pack_id,
                revision=2,
                approved_by="approver",
                effective_at=at,
                now=drafted_at,
            ),
        ]
        for step in steps:
            issue = _issue(packs.stream(pack_id), packs.RULE_PACKS, step)
            await self.foundation.transactor.transact(_context(tenant), [issue])
        await self.library.look()

    def book(self, tenant: str, label: str) -> Book:
        """Return a book from what is on record of it.

        Raises:
            LookupError: nothing is.
        """
        stream = books.stream(books.digest_of(label))
        recorded = (each.event for each in self.store.log if each.tenant == tenant)
        first = next((each for each in recorded if each.stream == stream), None)
        if first is None:
            raise LookupError(f"no book {label}")
        return books.book_of(codec.decode(books.RuleBookRecorded, first.data))

    def call(
        self, at: datetime, method: str, path: str, body: dict[str, Any], tenant: str = TENANT
    ) -> Any:
        """Call a route at an instant of the test clock and return its answer.

        Raises:
            CallRefused: the answer is a problem.
        """
        self.store.clocks[tenant] = at
        self.store.watermarks = dict.fromkeys(UPSTREAM, self._clock.now())
        if self.library.is_stale(self._clock.now() + BOUND / 2):
            self.loop.run_until_complete(self.library.look())
        token = self._signer.token(audience="compliance", tenant=tenant, actor="check", scopes=())
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
        self._tenant = TENANT

    def adopt(self, at: datetime, document: str) -> None:
        """Go on at an agency of its own, at which the pack is in force."""
        self._tenant = self._api.agency_with(at, document)

    def book(self, label: str) -> Book:
        """Return a book that has judged, as it is on record."""
        return self._api.book(self._tenant, label)

    def _call(self, at: datetime, method: str, path: str, body: dict[str, Any]) -> Any:
        return self._api.call(at, method, path, body, self._tenant)

    def name(self, prefix: str, label: str) -> str:
        """Return the id that stands for a label, the same each time."""
        return self._names.setdefault((prefix, label), self._api.ids.new(prefix))

    def apply_fact(self, at: datetime, fact_key: str, fact: Fact) -> None:
        """Put a fact in force."""
        self._versions[fact_key] = self._versions.get(fact_key, 0) + 1
        self._call(
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
        self._call(
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
        self._call(
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
        answer = self._call(at, "POST", "/permits", self._body(request))
        earliest = answer["earliest_permitted_at"]
        decisive = [
            each["law"] for each in answer["objections"] if each["verdict"] == answer["decision"]
        ]
        return Decision(
            verdict=answer["decision"],
            permit_id=answer["id"],
            flags=tuple(each["flag"] for each in answer["flags"]),
            rules=tuple(each["rule"] for each in answer["objections"]),
            laws=_laws(answer),
            earliest=datetime.fromisoformat(earliest) if earliest else None,
            rule_pack=answer["rule_pack"],
            cited=tuple(dict.fromkeys(decisive)),
        )

    def check(self, at: datetime, message: Message) -> Decision:
        """Have a message checked."""
        answer = self._call(at, "POST", "/content-checks", _told(message))
        return content_decision(
            answer["id"],
            ((each["rule"], each["verdict"], each["explanation"]) for each in answer["findings"]),
            is_communication=answer["is_communication"],
            may_be_initial=answer["may_be_initial"],
        )

    def redeem(self, at: datetime, request: ContactRequest, decision: Decision) -> Decision:
        """Redeem what was permitted."""
        path = f"/permits/{decision.permit_id}/redeem"
        answer = self._call(at, "POST", path, self._body(request))
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
        self._call(
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
        answer = self._call(at, "POST", "/clearances", body)
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


def _issue(stream: str, decider: Decider[Any, Any, Any], command: object) -> Issue:
    return Issue(stream=stream, decider=decider, command=lambda moment: command)


def _context(tenant: str) -> Context:
    return Context(tenant=tenant, metadata=Metadata(actor="check", correlation_id="check"))


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
