"""A gate as rules on acts other than contacts see it: the law of every place involved counts."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from services.compliance.rules import facts, local_time
from services.compliance.rules.act_request import ActRequest, LegalAction
from services.compliance.rules.gate import Known
from services.compliance.rules.slots import Reach


class ActGate(Known[ActRequest]):
    """What is known of one consumer when an act is judged.

    `periods` are the states whose limitation periods the book knows; `reached` says, by account,
    how the consumer was spoken with or written to about it.
    """

    def __init__(
        self,
        *,
        periods: frozenset[str] = frozenset(),
        reached: Mapping[str, tuple[Reach, ...]] | None = None,
        **known: Any,
    ) -> None:
        super().__init__(**known)
        self.periods = periods
        self.reached = reached or {}

    @cached_property
    def histories(self) -> dict[str, facts.DebtHistory]:
        """What is known of how the accounts asked about came about, by account."""
        return {
            fact.account_id: fact
            for _, fact in self.of(facts.DebtHistory)
            if fact.account_id in self.requested
        }

    @cached_property
    def jurisdictions(self) -> frozenset[str]:
        """Where the person may be, where the act takes place, and whose law the debts are under."""
        act = self.request.act
        forum = act.forum_state if isinstance(act, LegalAction) else None
        governing = (each.governing_state for each in self.histories.values())
        return super().jurisdictions | {each for each in (forum, *governing) if each}

    def last_date(self, at: datetime) -> date:
        """Return the latest local date among the places the person may be in."""
        return max(local_time.local_date(each, at) for each in self.counting_zones)

    def first_date(self, at: datetime) -> date:
        """Return the earliest local date among the places the person may be in."""
        return min(local_time.local_date(each, at) for each in self.counting_zones)

    def from_day(self, day: date) -> datetime:
        """Return the first instant at which it is that date or later everywhere."""
        return max(local_time.first_instant(each, day) for each in self.counting_zones)
