"""What a process knows of rule packs when something fails while it looks them up."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from services.compliance.books.shelves import Library
from services.compliance.packs.domain import RULE_PACKS, Command, stream
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Metadata, StoreUnavailable
from shared.eventstore.transact import Context, Issue, Outcome, Transactor
from shared.kernel.clock import RandomIds
from tests.unit.compliance.samples import BOOK, NOON
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


def labels(library: Library) -> set[str]:
    """Return the packs that are enforced once the activation is in effect."""
    return {each.label for each in library.shelf(TENANT).at(LATER).packs}
