"""An event that does not fit its schema is found in the log of whatever service stored it."""

import asyncpg
import msgspec
import pytest

from tests.databases import Database
from tests.schemas import event_types
from tests.schemas.checking import faults_in_logs
from tests.schemas.examples import example_of

pytestmark = pytest.mark.integration

ACTIVATED = "forbear.ledger.account-activated.v1"
_STORE = """
INSERT INTO events (tenant_id, stream, version, event_id, type, data, metadata, occurred_at)
VALUES ('agy_1', 'account-1', $1, $2, $3, $4, '{}', now())
"""


async def test_a_stored_event_that_does_not_fit_is_named(database: Database) -> None:
    (event,) = (each for each in event_types.every() if each.name == ACTIVATED)
    right = example_of(event.cls)
    wrong = right | {"consumer_ids": ["Ada Lovelace"], "at": "lately"}
    connection = await asyncpg.connect(database.admin)
    try:
        await connection.execute(_STORE, 1, "evt_1", ACTIVATED, msgspec.json.encode(right))
        assert await faults_in_logs({"ledger": database}) == []
        await connection.execute(_STORE, 2, "evt_2", ACTIVATED, msgspec.json.encode(wrong))
        await connection.execute(_STORE, 3, "evt_3", "forbear.ledger.unheard-of.v1", b"{}")
    finally:
        await connection.close()
    found = await faults_in_logs({"ledger": database})
    assert sorted(each.partition(":")[0] for each in found) == [
        f"{ACTIVATED}.at",
        f"{ACTIVATED}.at",
        f"{ACTIVATED}.consumer_ids[0]",
        "forbear.ledger.unheard-of.v1",
    ]
    assert not any("Ada" in each for each in found)
