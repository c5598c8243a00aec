"""Every agency's books in this process's memory, looked up anew every few seconds.

A permit costs no look-up. Instead a change of what is enforced takes effect `packs.domain.LEAD`
after it was committed, and a process that has not looked for `BOUND` refuses permits. The bound is
half the lead: a change is committed within seconds of the clock reading it carries.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.compliance.books import domain as books
from services.compliance.packs import domain as packs
from services.compliance.packs import views
from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.pack import MalformedPack, RulePack
from services.compliance.rules.shelf import Adopted, Shelf, assemble
from shared.eventstore.store import EventStore, LoadedStream, Metadata, StoreUnavailable
from shared.eventstore.transact import Context, Issue, Moment, Transactor, rebuild
from shared.kernel.ids import Ids
from shared.telemetry import metrics
from shared.telemetry.logging import get_logger

EVERY_S = 2.0
BOUND = timedelta(seconds=30)
ACTOR = "compliance"

log = get_logger(__name__)


class Shelves(Protocol):
    """Where the books of an agency are found."""

    async def ready(self, tenant: str) -> None:
        """See that every book by which a decision may be made for the tenant is on record."""
        ...

    def shelf(self, tenant: str) -> Shelf:
        """Return the tenant's books."""
        ...

    def is_stale(self, system_now: datetime) -> bool:
        """Tell whether books may be in force that this process does not know."""
        ...


class OneBook:
    """The same book for everybody, for ever: for worked examples and simulations."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._shelf = Shelf.of(book)

    async def ready(self, tenant: str) -> None:
        """Have nothing to record."""

    def shelf(self, tenant: str) -> Shelf:
        """Return the one book."""
        return self._shelf

    def is_stale(self, system_now: datetime) -> bool:
        """Know everything there is."""
        return False


class Library:
    """The shipped packs, and what each agency has adopted beside them.

    Args:
        shipped: the book of the packs that ship with the rules.
    """

    def __init__(self, shipped: Book) -> None:
        self._shipped = Shelf.of(shipped)
        self._book = shipped
        self._shelves: dict[str, Shelf] = {}
        self._packs: dict[tuple[str, str], packs.PackState] = {}
        self._recorded: dict[str, Shelf] = {}
        self._failed: dict[str, dict[str, int]] = {}
        self._as_of: datetime | None = None
        self._looking = asyncio.Lock()

    def open(self, store: EventStore, transactor: Transactor, ids: Ids, every_tenant: Any) -> None:
        """Say where the packs are; `every_tenant` reads the events of all tenants."""
        self._store = store
        self._transactor = transactor
        self._ids = ids
        self._every_tenant = every_tenant

    async def run(self) -> None:
        """Look every few seconds until cancelled; a store that is away is waited for."""
        while True:
            try:
                await self.look()
            except StoreUnavailable:
                log.warning("rule-packs-not-looked-up")
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Take in every pack that has changed since the last look.

        Raises:
            StoreUnavailable: no answer.
        """
        async with self._looking:
            now, heads = await views.heads(self._every_tenant)
            changed: dict[str, list[str]] = {}
            for (tenant, stream), version in heads.items():
                known = self._packs.get((tenant, stream))
                if known is None or known.revision < version:
                    changed.setdefault(tenant, []).append(stream)
            for tenant, streams in changed.items():
                try:
                    await self._take_in(tenant, streams)
                except StoreUnavailable:
                    raise
                except Exception as error:  # noqa: BLE001 - no other agency's books wait for it
                    seen = {each: heads[tenant, each] for each in streams}
                    self._set_aside(tenant, seen, error)
            self._as_of = now

    async def ready(self, tenant: str) -> None:
        """See that every book by which a decision may be made for the tenant is on record.

        Raises:
            StoreUnavailable: no answer; only when the process or the tenant is new to this.
        """
        if self._as_of is None:
            await self.look()
        shelf = self.shelf(tenant)
        if self._recorded.get(tenant) is not shelf:
            await self._record(tenant, shelf)

    def shelf(self, tenant: str) -> Shelf:
        """Return the tenant's books."""
        return self._shelves.get(tenant, self._shipped)

    def is_stale(self, system_now: datetime) -> bool:
        """Tell whether books may be in force that this process does not know."""
        return self._as_of is None or system_now - self._as_of > BOUND

    async def _take_in(self, tenant: str, streams: list[str]) -> None:
        reading = await self._store.load(tenant, streams)
        found = {
            (tenant, each): rebuild(packs.RULE_PACKS, reading.streams.get(each, LoadedStream()))
            for each in streams
        }
        shelf = assemble(self._book, _adopted(tenant, self._packs | found))
        for each in shelf.editions:
            if not each.is_whole:
                named = ", ".join(each.unusable)
                log.error("rule-book-not-whole", tenant=tenant, packs=named)
        if tenant in self._recorded:
            await self._record(tenant, shelf)
        # Last: a pack that counts as taken in is not looked at again, whatever failed before.
        self._packs |= found
        self._shelves[tenant] = shelf
        self._failed.pop(tenant, None)

    def _set_aside(self, tenant: str, seen: dict[str, int], error: Exception) -> None:
        """Let an agency's permits be refused until its packs can be taken in; look again anyway."""
        if self._failed.get(tenant) == seen:
            return
        pack_ids = tuple(sorted(map(packs.id_of, seen)))
        log.error("rule-packs-not-taken-in", tenant=tenant, packs=", ".join(pack_ids), error=error)
        metrics.RULE_PACK_FAILURES.add(1, {"forbear.stage": "taking_in"})
        self._failed[tenant] = seen
        self._shelves[tenant] = Shelf.unusable(self._book, pack_ids)

    async def _record(self, tenant: str, shelf: Shelf) -> None:
        context = Context(
            tenant=tenant, metadata=Metadata(actor=ACTOR, correlation_id=self._ids.new("req"))
        )
        by_label = {each.book.label: each.book for each in shelf.editions}
        await self._transactor.transact(context, [_issue(each) for each in by_label.values()])
        self._recorded[tenant] = shelf


def _adopted(tenant: str, known: Mapping[tuple[str, str], packs.PackState]) -> list[Adopted]:
    return [
        Adopted(
            pack=_readable(each),
            label=f"{each.pack}@{each.version}",
            observed_from=each.observed_from,
            active_from=each.active_from,
            withdrawn_from=each.withdrawn_from,
        )
        for (owner, _), each in sorted(known.items())
        if owner == tenant and each.observed_from is not None
    ]


def _readable(state: packs.PackState) -> RulePack | None:
    """Return a pack, unless it was written for other rules than these, or breaks them."""
    try:
        pack = books.pack_of(state.document)
        rulebook.bind((), (pack,))
    except MalformedPack as error:
        log.error("rule-pack-unreadable", pack_id=state.pack_id, error=error)
        return None
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is wrong for one
        log.error("rule-pack-unusable", pack_id=state.pack_id, error=error)
        metrics.RULE_PACK_FAILURES.add(1, {"forbear.stage": "taking_in"})
        return None
    return pack


def _issue(book: Book) -> Issue:
    def command(moment: Moment) -> books.RecordRuleBook:
        return books.record_of(book, moment.now)

    stream = books.stream(books.digest_of(book.label))
    return Issue(stream=stream, decider=books.RULE_BOOKS, command=command)
