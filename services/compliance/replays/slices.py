"""One slice of a replay: gate after gate for a while, each folded once.

The deciding is done in a thread and in small parts, because the same process answers permits.
Memory holds one part of the log at a time, and what differs in it.
"""

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from services.compliance.books import domain as books
from services.compliance.books.recorded import find_book
from services.compliance.replays import judging, views
from services.compliance.replays.domain import Progress, ReplayRequested
from services.compliance.replays.redeciding import (
    Asked,
    GatePass,
    Learnt,
    Stored,
    learnt_of,
    sum_of,
)
from services.compliance.replays.tally import Tally, total
from services.compliance.rules.book import Book
from services.compliance.rules.pack import MalformedPack
from shared.http.call import tenant_rows
from shared.kernel.records import record, replace
from shared.service.foundation import Foundation

SLICE_S = 2.0
"""How long a slice works: other jobs of the process wait for it."""

GATES_MAX = 500
"""Gates looked up at once."""

PART_MAX = 500
"""Events read and gone through at once; a gate that has more comes in parts."""

IsLeftOut = Callable[[str], bool]
"""Tells of a consumer's id whether it is nobody's: theirs are no decisions about people."""

_LABEL = re.compile(rb'"rule_pack":"(rulebook@[0-9a-f]{16})"')


def nobody(consumer_id: str) -> bool:
    """Leave nobody out."""
    return False


@record
class Gate:
    """A gate's stream, the version of its newest event, and when that happened."""

    stream: str
    version: int
    at: datetime

    @property
    def consumer_id(self) -> str:
        """Whose it is."""
        return self.stream.removeprefix(views.GATES_START)


class Slice:
    """Takes one replay on for a while.

    Args:
        tz_version: the time-zone data at hand.
        is_left_out: tells of a consumer whether their decisions are no part of the history.
        slice_s: how long to work, for one part of the log at least.
    """

    def __init__(
        self,
        foundation: Foundation,
        tenant: str,
        requested: ReplayRequested,
        *,
        tz_version: str,
        is_left_out: IsLeftOut = nobody,
        slice_s: float = SLICE_S,
    ) -> None:
        self._foundation = foundation
        self._tenant = tenant
        self._replay_id = requested.replay_id
        self._scope = scope = requested.scope
        self._is_left_out = is_left_out
        self._slice_s = slice_s
        self._asked = Asked(since=scope.since, until=scope.until, tz_version=tz_version)
        packs = tuple(books.pack_of(each) for each in scope.packs)
        if scope.in_force_throughout:
            packs = judging.in_force_throughout(packs, requested.at.date())
        self._packs = packs
        self._books: dict[str, Book | None] = {}

    async def run(self, progress: Progress) -> tuple[Progress, bool]:
        """Go on from where it stands; return how far it came, and whether that is the end.

        Raises:
            StoreUnavailable: no answer.
        """
        deadline = time.monotonic() + self._slice_s
        while True:
            page = await self._gates(progress.after)
            is_last = len(page) < GATES_MAX
            if not progress.is_counted:
                progress = self._counted(progress, page, is_last)
                if time.monotonic() >= deadline:
                    return progress, False
                continue
            for batch in _batches(page):
                tally = await self._go_through(batch, progress.tally.listed)
                progress = replace(
                    progress, after=batch[-1].stream, tally=total([progress.tally, tally])
                )
                if time.monotonic() >= deadline:
                    return progress, is_last and batch[-1] is page[-1]
            if is_last:
                return progress, True

    async def _gates(self, after: str) -> list[Gate]:
        rows = await self._rows(views.gates(after, GATES_MAX))
        return [
            Gate(stream=row["stream"], version=row["version"], at=row["occurred_at"])
            for row in rows
        ]

    def _matters(self, gate: Gate) -> bool:
        return gate.at >= self._scope.since and not self._is_left_out(gate.consumer_id)

    def _counted(self, progress: Progress, page: Sequence[Gate], is_last: bool) -> Progress:
        counted = progress.counted + sum(map(self._matters, page))
        if is_last:
            return replace(progress, counted=counted, is_counted=True, after="")
        return replace(progress, counted=counted, after=page[-1].stream)

    async def _go_through(self, batch: Sequence[Gate], listed: int) -> Tally:
        gates = [each for each in batch if self._matters(each)]
        streams = [each.stream for each in gates]
        learnt = await self._learnt(streams)
        passes = {
            each.stream: GatePass(
                self._asked, self._book, each.consumer_id, learnt.get(each.stream, ())
            )
            for each in gates
        }
        newest = max((each.version for each in gates), default=0)
        for first in range(1, newest + 1, PART_MAX):
            versions = range(first, first + PART_MAX)
            rows = await self._rows(views.events_of(streams, versions, self._scope.until))
            await self._find_books(rows)
            await asyncio.to_thread(_take, passes, rows)
        found = [each for one in passes.values() for each in one.differences]
        kept = found[: max(0, views.DIFFERENCES_LISTED_MAX - listed)]
        await views.keep(self._foundation.pool, self._tenant, self._replay_id, kept)
        return replace(sum_of(passes.values()), listed=len(kept))

    async def _learnt(self, streams: Sequence[str]) -> Mapping[str, tuple[Learnt, ...]]:
        if self._scope.facts == "known_then" or not streams:
            return {}
        rows = await self._rows(views.facts_of(streams, self._scope.since))
        return {stream: learnt_of(part) for stream, part in _by_stream(rows)}

    async def _find_books(self, rows: Iterable[Any]) -> None:
        if self._scope.rule_book != judging.AS_DECIDED:
            labels = {self._scope.rule_book}
        else:
            labels = {each.decode() for row in rows for each in _LABEL.findall(row["data"])}
        for label in labels - self._books.keys():
            book = await find_book(self._foundation, self._tenant, label)
            self._books[label] = self._with_packs(book)

    def _with_packs(self, book: Book | None) -> Book | None:
        if book is None or (not self._packs and self._scope.rule_book == judging.AS_DECIDED):
            return book
        try:
            return judging.with_packs(book, self._packs)
        except MalformedPack:
            return None  # in an old book a pack takes the place of one that had more rules

    def _book(self, label: str) -> Book | None:
        is_own = self._scope.rule_book == judging.AS_DECIDED
        return self._books.get(label if is_own else self._scope.rule_book)

    async def _rows(self, query: Any) -> list[Any]:
        return await tenant_rows(self._foundation, self._tenant, query)


def _batches(page: Sequence[Gate]) -> Iterator[list[Gate]]:
    """Put gates together that one read brings in, so that a large one comes alone."""
    batch: list[Gate] = []
    events = 0
    for each in page:
        if batch and events + each.version > PART_MAX:
            yield batch
            batch, events = [], 0
        batch.append(each)
        events += each.version
    if batch:
        yield batch


def _take(passes: Mapping[str, GatePass], rows: Iterable[Any]) -> None:
    for stream, part in _by_stream(rows):
        passes[stream].take(part)


def _by_stream(rows: Iterable[Any]) -> Iterator[tuple[str, Iterator[Stored]]]:
    for stream, those in groupby(rows, key=lambda row: row["stream"]):
        yield (
            stream,
            (Stored(version=row["version"], type=row["type"], data=row["data"]) for row in those),
        )
