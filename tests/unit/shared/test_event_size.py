"""No event is stored that the brokers would refuse: the relay could neither send nor skip it."""

import pytest

from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Metadata
from shared.eventstore.transact import EVENT_BYTES_MAX, Context, Transactor
from shared.kernel.clock import RandomIds, SystemClock
from shared.kernel.errors import InvariantViolated
from shared.messaging.kafka.configs import RECORD_BYTES_MAX
from tests.contract.tally import note

CONTEXT = Context(tenant="agy_1", metadata=Metadata(actor="key_test", correlation_id="c-1"))
HEADERS_BYTES_MAX = 64 * 1024


async def test_an_event_that_fits_into_no_record_is_refused() -> None:
    store = MemoryEventStore(SystemClock().now)
    run = Transactor(store, RandomIds())
    with pytest.raises(InvariantViolated, match=r"forbear\.test\.other-written\.v1 is larger"):
        await run.transact(CONTEXT, [note("x" * EVENT_BYTES_MAX)])
    assert store.log == []
    await run.transact(CONTEXT, [note("x" * (EVENT_BYTES_MAX - 200))])
    assert EVENT_BYTES_MAX + HEADERS_BYTES_MAX < RECORD_BYTES_MAX
