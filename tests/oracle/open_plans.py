"""Which plans are open on an account: never two, and none once the account was recalled or closed.

Every account is followed through the ledger's commits, whatever stream an event stands in. What
was committed together happens together: a recall may be logged before the end of its plan.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from tests.oracle.log import Event
from tests.oracle.report import Findings

OPENS = ("plan-agreed", "plan-reopened")
ENDS = ("plan-completed", "plan-cancelled")
LEAVES = ("account-recalled", "account-closed")
RETURNS = ("account-reopened",)

COMMIT_TAKES_MAX = timedelta(seconds=2)
"""A transaction lasts no longer, so one that ended so near the end may be cut off in the middle."""


@dataclass(frozen=True, slots=True)
class Step:
    """An event that opens or ends a plan, or by which an account leaves or returns."""

    name: str
    plan_id: str
    event_id: str
    order: tuple[int, int]
    commit: Any
    recorded_at: datetime


class OpenPlans:
    """Collects the steps of every account, and goes through them at the end."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._steps: dict[tuple[str, str], list[Step]] = defaultdict(list)

    def take(self, events: Sequence[Event]) -> None:
        """Keep what a stream of an account or of a plan says of this."""
        for event in events:
            if event.name not in (*OPENS, *ENDS, *LEAVES, *RETURNS):
                continue
            logged = event.logged
            self._steps[logged.tenant, event.body["account_id"]].append(
                Step(
                    name=event.name,
                    plan_id=event.body.get("plan_id", ""),
                    event_id=event.id,
                    order=logged.order,
                    # A log kept in memory numbers no transactions; its commits are instants.
                    commit=logged.order[0] or logged.recorded_at,
                    recorded_at=logged.recorded_at,
                )
            )

    def finish(self, end: datetime) -> None:
        """Name every commit that leaves an account with two plans, or a plan without an account."""
        whole_until = end - COMMIT_TAKES_MAX
        for (tenant, account_id), steps in self._steps.items():
            open_plans: set[str] = set()
            is_gone = False
            for commit in _commits(steps):
                before = set(open_plans)
                was_gone = is_gone
                for step in commit:
                    if step.name in OPENS:
                        open_plans.add(step.plan_id)
                    elif step.name in ENDS:
                        open_plans.discard(step.plan_id)
                    else:
                        is_gone = step.name in LEAVES
                if commit[-1].recorded_at > whole_until:
                    break
                event_ids = tuple(step.event_id for step in commit)
                self._findings.checked["two-open-plans"] += 1
                if len(open_plans) > 1 and open_plans != before:
                    self._findings.name(
                        "two-open-plans",
                        tenant,
                        account_id,
                        event_ids,
                        f"{sorted(open_plans)} are open at once.",
                    )
                self._findings.checked["plan-left-open"] += 1
                if is_gone and open_plans and (open_plans != before or not was_gone):
                    self._findings.name(
                        "plan-left-open",
                        tenant,
                        account_id,
                        event_ids,
                        f"The account was recalled or closed, {sorted(open_plans)} is open.",
                    )


def _commits(steps: list[Step]) -> Iterator[list[Step]]:
    ordered = sorted(steps, key=lambda step: step.order)
    for _, commit in groupby(ordered, key=lambda step: step.commit):
        yield list(commit)
