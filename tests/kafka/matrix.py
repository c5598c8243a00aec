"""Every error of every request that our clients send, once and three times in a row."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

from aiokafka.errors import for_code

from shared.kernel.records import record
from tests.databases import Database
from tests.kafka.crossing import PARTITIONS, TOPIC, crossing
from tests.kafka.mock import DISCONNECT, Api, MockCluster, mock_cluster

RECOVERY_S_MAX = 15.0
IN_A_ROW = 3
SETTLING_S = 1.0
MEETING_S_MAX = 40.0  # metadata is asked for every few seconds, three times in a row

_ANY = (DISCONNECT, -1, 7)
CODES: Mapping[Api, Sequence[int]] = {
    Api.API_VERSIONS: (*_ANY, 35, 42),
    Api.METADATA: (*_ANY, 3, 5, 6, 9, 17, 29, 41, 56, 72),
    Api.INIT_PRODUCER_ID: (*_ANY, 14, 15, 16, 31, 42, 47, 51, 53, 90),
    Api.PRODUCE: (
        *(*_ANY, 2, 3, 5, 6, 10, 13, 17, 18, 19, 20, 29, 31, 42, 45, 46, 47, 56, 59, 72, 74, 87),
        *(89, 90),
    ),
    Api.LIST_OFFSETS: (*_ANY, 3, 5, 6, 9, 13, 29, 42, 43, 56, 74, 75, 78),
    Api.FETCH: (*_ANY, 1, 2, 3, 5, 6, 9, 13, 29, 42, 56, 70, 71, 74, 75, 78, 100),
    Api.FIND_COORDINATOR: (*_ANY, 14, 15, 16, 24, 30, 42),
    Api.JOIN_GROUP: (*_ANY, 14, 15, 16, 22, 23, 24, 25, 26, 27, 30, 42, 81, 82),
    Api.SYNC_GROUP: (*_ANY, 14, 15, 16, 22, 23, 25, 27, 30, 42, 82),
    Api.HEARTBEAT: (*_ANY, 14, 15, 16, 22, 25, 27, 30, 42, 82),
    Api.LEAVE_GROUP: (*_ANY, 14, 15, 16, 25, 30, 42, 82),
}
NOT_COVERED = {
    Api.CREATE_TOPICS: "the mock makes topics only when told to, not over the wire",
    Api.DESCRIBE_CONFIGS: "the mock's topics have no settings",
    Api.OFFSET_FETCH: "never sent: the checkpoint says where to read on",
    Api.OFFSET_COMMIT: "never sent: the checkpoint says where to read on",
}
# The mock says that it does not know the member, and goes on waiting for it until its session ends.
# To the member that takes its place it says that a group cannot have two.
DISOWNED = {(Api.SYNC_GROUP, 22), (Api.SYNC_GROUP, 25)}
DISOWNED_S_MAX = 10.0
# What makes a running client send a request that it sends otherwise only at the start.
_PROVOKED_BY = {
    Api.API_VERSIONS: (Api.PRODUCE, 87),
    Api.INIT_PRODUCER_ID: (Api.PRODUCE, 87),
    Api.LIST_OFFSETS: (Api.HEARTBEAT, 27),
    Api.FIND_COORDINATOR: (Api.HEARTBEAT, 16),
    Api.JOIN_GROUP: (Api.HEARTBEAT, 27),
    Api.SYNC_GROUP: (Api.HEARTBEAT, 27),
    Api.LEAVE_GROUP: (Api.HEARTBEAT, 30),
}
_LATE = (Api.HEARTBEAT, Api.LEAVE_GROUP)  # not sent by who has just begun


@record
class Cell:
    """An error of a request, so many times in a row."""

    api: Api
    code: int
    times: int = 1

    @property
    def errors(self) -> list[int]:
        """Return the answers."""
        return [self.code] * self.times

    def __str__(self) -> str:
        name = "disconnected" if self.code == DISCONNECT else for_code(self.code).__name__
        return f"{self.api.name.lower()} {self.code} {name} x{self.times}"


@record
class Outcome:
    """What became of a cell: how long events stood still at the start, and later on."""

    cell: Cell
    start_s: float = 0.0
    later_s: float = 0.0
    wrong: str = ""

    @property
    def is_good(self) -> bool:
        """Tell whether all is as it should be."""
        limit = RECOVERY_S_MAX * self.cell.times
        if (self.cell.api, self.cell.code) in DISOWNED:
            limit += DISOWNED_S_MAX
        return not self.wrong and max(self.start_s, self.later_s) <= limit

    def __str__(self) -> str:
        return f"{self.cell}: {self.start_s:.1f} s, {self.later_s:.1f} s {self.wrong}".rstrip()


def cells(api: Api) -> Iterator[Cell]:
    """Return the cells of a kind of request."""
    for times in (1, IN_A_ROW):
        for code in CODES[api]:
            yield Cell(api=api, code=code, times=times)


async def outcomes(
    given: Sequence[Cell],
    databases: Sequence[Database],
    empty: Callable[[Database], Awaitable[None]],
) -> list[Outcome]:
    """Try cells, as many at a time as there are databases."""
    free: asyncio.Queue[Database] = asyncio.Queue()
    for each in databases:
        free.put_nowait(each)

    async def tried(cell: Cell) -> Outcome:
        database = await free.get()
        try:
            await empty(database)
            return await outcome(cell, database)
        finally:
            free.put_nowait(database)

    return list(await asyncio.gather(*(tried(each) for each in given)))


async def outcome(cell: Cell, database: Database) -> Outcome:
    """Try one cell: the error at the start, and again once events flow."""
    with mock_cluster() as cluster:
        cluster.make_topic(TOPIC, PARTITIONS)
        if cell.api not in _LATE:
            cluster.fail(cell.api, cell.errors)
        start_s = later_s = 0.0
        async with crossing(database, cluster.brokers) as made:
            try:
                meeting = _Meeting(cluster, cell.api, 0 if cell.api in _LATE else cell.times)
                await made.write_until(meeting.is_over, MEETING_S_MAX)
                start_s = made.slowest_s(meeting.began_at)
                meeting = _Meeting(cluster, cell.api, cell.times)
                _provoke(cluster, cell)
                await made.write_until(meeting.is_over, MEETING_S_MAX)
                later_s = made.slowest_s(meeting.began_at)
                wrong = made.what_is_wrong()
                if await made.begun() > 1:
                    wrong = "all was sent again"
            except TimeoutError:
                wrong = f"stands still: {made.what_is_wrong()} {dict(cluster.requests())}"
        return Outcome(cell=cell, start_s=start_s, later_s=later_s, wrong=wrong)


def _provoke(cluster: MockCluster, cell: Cell) -> None:
    cluster.fail(cell.api, cell.errors)
    if provoked_by := _PROVOKED_BY.get(cell.api):
        api, code = provoked_by
        cluster.fail(api, [code] * (cell.times if cell.api in _LATE else 1))


class _Meeting:
    """Errors of one kind of request being met: from the first of them until all are behind us."""

    def __init__(self, cluster: MockCluster, api: Api, times: int) -> None:
        self._cluster = cluster
        self._api = api
        self._before = cluster.requests()[api]
        self._times = times
        self._ended_at = 0.0
        self.began_at = 0.0

    def is_over(self) -> bool:
        """Tell whether all were met, a moment ago."""
        met = self._cluster.requests()[self._api] - self._before
        now = time.monotonic()
        if met and not self.began_at:
            self.began_at = now
        if met >= self._times and not self._ended_at:
            self._ended_at = now
        return bool(self._ended_at) and now - self._ended_at > SETTLING_S
