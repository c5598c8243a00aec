"""What a replay adds up: decisions gone through, and how many of them would have been others."""

from collections.abc import Iterable
from typing import Literal

from shared.kernel.records import record, replace

Stage = Literal["permit", "redemption", "act"]
Outcome = Literal["granted", "refused"]
Kind = Literal[
    "granted_to_refused",
    "refused_to_granted",
    "other_reasons",
    "other_earliest",
    "other_details",
]


@record
class RecordedCount:
    """How many decisions of a stage went one way when they were made."""

    stage: Stage
    outcome: Outcome
    decisions: int


@record
class DifferenceCount:
    """How many decisions of a stage would have been others, and in what."""

    stage: Stage
    kind: Kind
    decisions: int


@record
class RuleCount:
    """How many of those differ because of one rule under one law; a decision counts for each."""

    rule: str
    law: str
    citation: str
    stage: Stage
    kind: Kind
    decisions: int


@record
class Tally:
    """The sums so far.

    `consumers` were gone through, `affected` of them have a difference. `other_zone_data` counts
    decisions that were made with other time-zone data than is at hand; `undecided` those that could
    not be made again, because their book is not on record. `listed` differences are kept one by
    one, at most so many.
    """

    consumers: int = 0
    affected: int = 0
    recorded: tuple[RecordedCount, ...] = ()
    differences: tuple[DifferenceCount, ...] = ()
    by_rule: tuple[RuleCount, ...] = ()
    other_zone_data: int = 0
    undecided: int = 0
    listed: int = 0

    @property
    def decisions(self) -> int:
        """How many decisions were gone through."""
        return sum(each.decisions for each in self.recorded)

    @property
    def differing(self) -> int:
        """How many would have been others."""
        return sum(each.decisions for each in self.differences)


def total(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up."""
    parts = tuple(tallies)
    return Tally(
        consumers=sum(each.consumers for each in parts),
        affected=sum(each.affected for each in parts),
        recorded=_recorded(count for each in parts for count in each.recorded),
        differences=_differences(count for each in parts for count in each.differences),
        by_rule=_by_rule(count for each in parts for count in each.by_rule),
        other_zone_data=sum(each.other_zone_data for each in parts),
        undecided=sum(each.undecided for each in parts),
        listed=sum(each.listed for each in parts),
    )


def _recorded(counts: Iterable[RecordedCount]) -> tuple[RecordedCount, ...]:
    found: dict[tuple[str, str], RecordedCount] = {}
    for each in counts:
        key = (each.stage, each.outcome)
        known = found.get(key)
        decisions = each.decisions + (known.decisions if known else 0)
        found[key] = replace(each, decisions=decisions)
    return tuple(found[key] for key in sorted(found))


def _differences(counts: Iterable[DifferenceCount]) -> tuple[DifferenceCount, ...]:
    found: dict[tuple[str, str], DifferenceCount] = {}
    for each in counts:
        key = (each.stage, each.kind)
        known = found.get(key)
        decisions = each.decisions + (known.decisions if known else 0)
        found[key] = replace(each, decisions=decisions)
    return tuple(found[key] for key in sorted(found))


def _by_rule(counts: Iterable[RuleCount]) -> tuple[RuleCount, ...]:
    found: dict[tuple[str, ...], RuleCount] = {}
    for each in counts:
        key = (each.rule, each.law, each.citation, each.stage, each.kind)
        known = found.get(key)
        decisions = each.decisions + (known.decisions if known else 0)
        found[key] = replace(each, decisions=decisions)
    return tuple(found[key] for key in sorted(found))
