"""Goes once through the events of a gate and makes each decision of a period again.

What a decision stands on is the state that the events before it fold to; with hindsight, what was
learnt after it and held by then is folded in beside. Nothing is written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from services.compliance.permits.domain import GATES, GateState, evolve
from services.compliance.permits.domain import events as gate_events
from services.compliance.permits.domain.again import Decision, decide_again, labels_of
from services.compliance.replays.comparing import Difference, compare, outcome_of, stage_of
from services.compliance.replays.tally import (
    DifferenceCount,
    Outcome,
    RecordedCount,
    RuleCount,
    Stage,
    Tally,
    total,
)
from services.compliance.rules.book import Book
from services.compliance.rules.validity import valid_from
from shared.eventstore import codec
from shared.kernel.records import record, replace

Facts = Literal["known_then", "known_now"]
Books = Callable[[str], Book | None]
"""Which book decides again what a recorded label decided; None where it is not on record."""

CLASSES: Mapping[str, Any] = codec.classes_by_name(GATES.events)
FACT_TYPES = tuple(
    name
    for name, kind in CLASSES.items()
    if kind in (gate_events.FactRecorded, gate_events.FirstFactRecorded)
)


@record
class Asked:
    """What a replay asks: of which period, with which time-zone data at hand."""

    since: datetime
    until: datetime
    tz_version: str


@record
class Stored:
    """One stored event of a gate."""

    version: int
    type: str
    data: bytes


@record
class Learnt:
    """A fact that a gate took in, with the instant since which it held."""

    held_from: datetime
    event: gate_events.FactRecorded


class GatePass:
    """One gate on its way through its events, which may come in several parts.

    Args:
        learnt: facts to be known before they were taken in; none without hindsight.
    """

    def __init__(
        self, asked: Asked, books: Books, consumer_id: str, learnt: Sequence[Learnt] = ()
    ) -> None:
        self._asked = asked
        self._books = books
        self._consumer_id = consumer_id
        self._learnt = learnt
        self._state: GateState = GATES.initial
        self._recorded: dict[tuple[Stage, Outcome], int] = {}
        self._other_zone_data = 0
        self._undecided = 0
        self.differences: list[Difference] = []

    def take(self, part: Iterable[Stored]) -> None:
        """Go through the next events."""
        for stored in part:
            event = codec.decode(CLASSES[stored.type], stored.data)
            if isinstance(event, Decision) and self._asked.since <= event.at < self._asked.until:
                self._decide_again(event, stored.version)
            self._state = evolve(self._state, event)

    @property
    def tally(self) -> Tally:
        """Return what it came to."""
        return Tally(
            consumers=1,
            affected=int(bool(self.differences)),
            recorded=tuple(
                RecordedCount(stage=stage, outcome=outcome, decisions=number)
                for (stage, outcome), number in self._recorded.items()
            ),
            differences=tuple(
                DifferenceCount(stage=each.stage, kind=each.kind, decisions=1)
                for each in self.differences
            ),
            by_rule=tuple(
                RuleCount(
                    rule=part.rule,
                    law=part.law,
                    citation=part.citation,
                    stage=each.stage,
                    kind=each.kind,
                    decisions=1,
                )
                for each in self.differences
                for part in each.decided_by
            ),
            other_zone_data=self._other_zone_data,
            undecided=self._undecided,
        )

    def _decide_again(self, decision: Decision, version: int) -> None:
        went = (stage_of(decision), outcome_of(decision))
        self._recorded[went] = self._recorded.get(went, 0) + 1
        self._other_zone_data += decision.tz_version != self._asked.tz_version
        book = self._books(decision.rule_pack)
        if book is None or any(self._books(each) is None for each in labels_of(decision)):
            self._undecided += 1
            return
        before = in_hindsight(self._state, self._learnt, decision.at)
        found = compare(decision, decide_again(decision, before, book, self._books), version)
        if found is not None:
            self.differences.append(found)


def learnt_of(part: Iterable[Stored]) -> tuple[Learnt, ...]:
    """Return the facts among a gate's events that say since when they hold."""
    found = []
    for stored in part:
        event = codec.decode(CLASSES[stored.type], stored.data)
        if isinstance(event, gate_events.FirstFactRecorded):
            event = gate_events.latest(event)
        if not isinstance(event, gate_events.FactRecorded):
            continue
        held_from = valid_from(event.fact)
        if held_from is not None:
            found.append(Learnt(held_from=held_from, event=event))
    return tuple(found)


def in_hindsight(state: GateState, learnt: Iterable[Learnt], at: datetime) -> GateState:
    """Return what the gate would have known at an instant, had it known what held by then."""
    for each in learnt:
        if each.held_from <= at < each.event.at:
            state = evolve(state, replace(each.event, at=at))
    return state


def sum_of(passes: Iterable[GatePass]) -> Tally:
    """Add up what gates came to."""
    return total(each.tally for each in passes)
