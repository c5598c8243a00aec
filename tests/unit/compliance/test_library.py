"""What a process knows of rule packs when something fails while it looks them up."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.compliance.books.shelves import Library
from services.compliance.packs.domain import RULE_PACKS, Command, stream
from services.compliance.rules.request import Circumstances
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Metadata, Reading, StoreUnavailable
from shared.eventstore.transact import Context, Issue, Outcome, Transactor
from shared.kernel.clock import RandomIds
from tests.unit.compliance.samples import BOOK, NOON, World
from tests.unit.compliance.test_rule_packs import LATER, PACK_ID, activate, draft, observe

TENANT = "agy_01h455vb4pex5vsknk084sn02q"
CONTEXT = Context(tenant=TENANT, metadata=Metadata(actor="ada", correlation_id="req_1"))
TERMS = {
    "rule": "contact-frequency",
    "law": "TOY",
    "citation": "Toy Code 1",
    "effective_from": "2026-01-01",
    "parameters": {"contacts_max": 1, "days": 7, "channels": ["call"], "per": ["person"]},
}
TOY = {"pack": "toy", "version": "1", "jurisdiction": "XX", "rules": [TERMS]}


class Heads:
    """Connections that see the pack of the one agency."""

    version = 0

    @asynccontextmanager
    async def acquire(self, *, timeout: float) -> AsyncIterator["Heads"]:
        yield self

    async def fetchval(self, query: str) -> datetime:
        return NOON

    async def fetch(self, query: str) -> list[dict[str, Any]]:
        return [{"tenant_id": TENANT, "stream": stream(PACK_ID), "version": self.version}]


class ManyHeads(Heads):
    """Connections that see packs of several agencies."""

    def __init__(self) -> None:
        self.versions: dict[tuple[str, str], int] = {}

    async def fetch(self, query: str) -> list[dict[str, Any]]:
        return [
            {"tenant_id": tenant, "stream": name, "version": version}
            for (tenant, name), version in self.versions.items()
        ]


class Failing(Transactor):
    """A transactor whose store can be away."""

    is_away = False

    async def transact(self, *arguments: Any, **more: Any) -> Outcome:
        if self.is_away:
            raise StoreUnavailable("away")
        return await super().transact(*arguments, **more)


async def test_a_pack_is_looked_at_again_until_its_book_is_on_record() -> None:
    store, heads = MemoryEventStore(lambda: NOON), Heads()
    transactor = Failing(store, RandomIds())
    library = Library(BOOK)
    library.open(store, transactor, RandomIds(), heads)

    async def do(command: Command) -> None:
        await transactor.transact(
            CONTEXT,
            [Issue(stream=stream(PACK_ID), decider=RULE_PACKS, command=lambda _: command)],
        )
        heads.version += 1

    await do(draft(document=json.dumps(TOY)))
    await do(observe())
    await library.look()
    await library.ready(TENANT)
    await do(activate())
    transactor.is_away = True
    with pytest.raises(StoreUnavailable):
        await library.look()
    assert "toy@1" not in labels(library)
    transactor.is_away = False
    await library.look()
    assert "toy@1" in labels(library)


class Spoiled(MemoryEventStore):
    """A store in which what one agency wrote cannot be understood."""

    spoiled = ""

    async def load(self, tenant: str, *streams: Any, **more: Any) -> Reading:
        if tenant == self.spoiled:
            raise KeyError("effective_at")
        return await super().load(tenant, *streams, **more)


class Shop:
    """A library with packs of two agencies."""

    def __init__(self) -> None:
        self.store, self.heads = Spoiled(lambda: NOON), ManyHeads()
        self.transactor = Transactor(self.store, RandomIds())
        self.books = Library(BOOK)
        self.books.open(self.store, self.transactor, RandomIds(), self.heads)

    async def adopt(self, tenant: str, document: str) -> None:
        for command in (draft(document=document), observe(), activate()):
            context = Context(tenant=tenant, metadata=Metadata(actor="ada", correlation_id="r"))
            issue = Issue(stream=stream(PACK_ID), decider=RULE_PACKS, command=_giving(command))
            await self.transactor.transact(context, [issue])
            key = (tenant, stream(PACK_ID))
            self.heads.versions[key] = self.heads.versions.get(key, 0) + 1


def _giving(command: Command) -> Any:
    return lambda moment: command


OTHER = "agy_01h455vb4pex5vsknk084sn03q"
BROKEN = json.dumps({**TOY, "rules": [{**TERMS, "effective_from": {"a": [1]}}]})


@pytest.mark.parametrize("broken", [BROKEN, "{", "[" * 5_000, '"\\ud800"', "null", "[1]"])
async def test_an_agency_whose_pack_cannot_be_read_fails_closed_alone(broken: str) -> None:
    shop = Shop()
    await shop.adopt(OTHER, broken)
    await shop.adopt(TENANT, json.dumps(TOY))
    await shop.books.look()
    await shop.books.look()
    assert not shop.books.is_stale(NOON)
    assert "toy@1" in labels(shop.books)
    for tenant in (OTHER, TENANT):
        await shop.books.ready(tenant)
    (named,) = shop.books.shelf(OTHER).unusable_at(LATER)
    assert shop.books.shelf(TENANT).unusable_at(LATER) == ()
    circumstances = Circumstances(is_rulebook_stale=True, unusable_packs=(named,))
    refused = World().ask(circumstances=circumstances)
    (objection,) = refused.objections
    assert objection.rule == "rulebook-stale"
    assert named in objection.explanation
    assert objection.facts == {"packs": named}


async def test_packs_that_cannot_be_taken_in_at_all_stop_their_agency_alone() -> None:
    shop = Shop()
    await shop.adopt(OTHER, json.dumps(TOY))
    await shop.adopt(TENANT, json.dumps(TOY))
    shop.store.spoiled = OTHER
    with capture_logs() as logs:
        await shop.books.look()
        await shop.books.look()
    assert [each["event"] for each in logs].count("rule-packs-not-taken-in") == 1
    assert shop.books.shelf(OTHER).unusable_at(NOON) == (PACK_ID,)
    assert not shop.books.is_stale(NOON)
    assert "toy@1" in labels(shop.books)


def labels(library: Library) -> set[str]:
    """Return the packs that are enforced once the activation is in effect."""
    return {each.label for each in library.shelf(TENANT).at(LATER).packs}
