"""Compliance's own application on a store in memory, to run worked examples through.

The same routes, deciders and rules as in production; only PostgreSQL is left out. Time is the
tenant's test clock, moved by each step of an example.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
from services.compliance.rules.book import Book
from services.compliance.rules.check.driver import (
    CallRefused,
    licensed_everywhere,
)
from services.compliance.rules.loading import read_pack
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
        self._books = Library(book)
        self._books.open(self.store, self.foundation.transactor, ids, _Heads(self.store))
        app.api.state.foundation = self.foundation
        app.api.state.basis = Basis(
            books=self._books, tz_version=tz_version, upstream=UPSTREAM, staleness=_LONG
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
        await self._books.look()

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
        if self._books.is_stale(self._clock.now() + BOUND / 2):
            self.loop.run_until_complete(self._books.look())
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


def _issue(stream: str, decider: Decider[Any, Any, Any], command: object) -> Issue:
    return Issue(stream=stream, decider=decider, command=lambda moment: command)


def _context(tenant: str) -> Context:
    return Context(tenant=tenant, metadata=Metadata(actor="check", correlation_id="check"))
