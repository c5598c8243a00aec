"""Counts what was answered while the demo plays, with one example of every rule that objected."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.kernel.records import record


@record
class Example:
    """One veto: who asked for what, and what the rule said."""

    order: tuple[int, int]
    at: datetime
    channel: str
    citation: str
    explanation: str
    earliest_permitted_at: str | None


class Tally:
    """What was counted so far."""

    def __init__(self) -> None:
        self.decisions: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.examples: dict[str, Example] = {}

    def decided(self, answer: Mapping[str, Any], at: datetime, order: tuple[int, int]) -> None:
        """Count the answer to a request for an attempt."""
        self.decisions[answer["decision"]] += 1
        self.objected(answer["objections"], answer["channel"], at, order)

    def objected(self, objections: Any, channel: str, at: datetime, order: tuple[int, int]) -> None:
        """Count objections, and keep the first example of each rule."""
        for each in objections:
            rule = each["rule"]
            self.rules[rule] += 1
            known = self.examples.get(rule)
            if known is None or order < known.order:
                self.examples[rule] = Example(
                    order=order,
                    at=at,
                    channel=channel,
                    citation=each["citation"],
                    explanation=each["explanation"],
                    earliest_permitted_at=each["earliest_permitted_at"],
                )
