"""Whatever error the brokers answer with, events arrive once, in order, and soon.

The brokers are librdkafka's mock cluster; relay, sender, feed and reader are the real ones.
"""

from collections.abc import AsyncIterator

import pytest

from tests.databases import Database, Server
from tests.kafka.crossing import PARTITIONS, TOPIC, crossing
from tests.kafka.matrix import CODES, NOT_COVERED, Cell, cells, outcomes
from tests.kafka.mock import DISCONNECT, Api, mock_cluster

pytestmark = pytest.mark.integration

AT_ONCE = 8
# One of each kind that is over at once, and the one that leaves aiokafka dead by itself.
HANDFUL = (
    Cell(api=Api.API_VERSIONS, code=DISCONNECT),
    Cell(api=Api.METADATA, code=29),
    Cell(api=Api.INIT_PRODUCER_ID, code=-1),
    Cell(api=Api.PRODUCE, code=46),
    Cell(api=Api.PRODUCE, code=10),
    Cell(api=Api.FETCH, code=6),
    Cell(api=Api.FIND_COORDINATOR, code=15),
    Cell(api=Api.HEARTBEAT, code=-1),
)


@pytest.fixture
async def several(postgres_server: Server) -> AsyncIterator[list[Database]]:
    """Return databases for as many cells at a time."""
    made = [await postgres_server.database() for _ in range(AT_ONCE)]
    yield made
    await postgres_server.drop(*made)


async def test_a_handful_of_errors(postgres_server: Server, several: list[Database]) -> None:
    found = await outcomes(HANDFUL, several, postgres_server.empty)
    assert [str(each) for each in found if not each.is_good] == []


@pytest.mark.slow
@pytest.mark.matrix
# aiokafka does not close a connection that is being opened while it stops.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("api", CODES, ids=lambda api: api.name.lower())
async def test_every_error_of(
    api: Api,
    postgres_server: Server,
    several: list[Database],
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = await outcomes(list(cells(api)), several, postgres_server.empty)
    with capsys.disabled():
        print("", *found, sep="\n")  # noqa: T201 - the table of the matrix
    assert [str(each) for each in found if not each.is_good] == []


async def test_nothing_is_asked_of_the_brokers_that_the_matrix_leaves_out(
    database: Database,
) -> None:
    with mock_cluster() as cluster:
        cluster.make_topic(TOPIC, PARTITIONS)
        async with crossing(database, cluster.brokers) as made:
            await made.write_until(lambda: cluster.requests()[Api.HEARTBEAT] > 0, 60.0)
        asked = set(cluster.requests())
    assert asked == set(CODES)
    assert not asked & set(NOT_COVERED)
