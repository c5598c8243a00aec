"""What a canary is, what its gate must know, and what an answer to its act means.

A canary's act is forbidden at every instant. So whatever is answered without the rule that forbids
it shows that the rule has stopped working.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from services.compliance.permits.domain import GateState, commands, events
from services.compliance.permits.domain.state import address
from services.compliance.rules import slots
from services.compliance.rules.act_request import ActRequest
from services.compliance.rules.facts import Fact, LocationEvidence
from services.compliance.rules.request import ContactRequest
from shared.kernel.records import record

CALLS_FRESH = timedelta(days=4)
"""Calls older than this are made anew: they must count for at least one more day of seven."""

Answer = Literal["refused", "granted", "missed"]
"""`refused` by the rule it expects; `granted`; `missed`: refused, and not by that rule."""

Decided = events.PermitGranted | events.PermitRefused | events.ActCleared | events.ActRefused


@record
class Canary:
    """One synthetic consumer and the act that a rule forbids on it.

    `calls` with `outcome` were made to it in the last days; `unapplied` are streams that are
    claimed to have been seen; `act` is how people call what is tried.
    """

    name: str
    act: str
    expects: str
    request: ContactRequest | ActRequest
    facts: tuple[Fact, ...]
    calls: int = 0
    outcome: str = "no_answer"
    unapplied: tuple[str, ...] = ()

    @property
    def consumer_id(self) -> str:
        """Return the id of the synthetic consumer."""
        return self.request.consumer_id

    @property
    def source(self) -> str:
        """Return the name under which its facts are stated; there is no such stream."""
        return f"canary-{self.consumer_id}"

    @property
    def states(self) -> tuple[str, ...]:
        """Return the states in which the synthetic consumer may be."""
        homes = (each for each in self.facts if isinstance(each, LocationEvidence))
        return tuple(state for each in homes for state in each.states)

    def keyed(self) -> Iterator[tuple[str, Fact]]:
        """Yield its facts with their keys."""
        for number, fact in enumerate(self.facts, start=1):
            yield f"canary-{number}", fact


@record
class Tried:
    """What was answered to a canary's act, and by which rules."""

    canary: str
    answer: Answer
    objections: tuple[str, ...]


def unplanted(canary: Canary, state: GateState) -> list[tuple[str, Fact, int]]:
    """Return the facts that the gate does not know, with the versions in which to state them."""
    found = []
    for key, fact in canary.keyed():
        kept = state.facts.get(address(canary.source, key))
        if kept is None:
            found.append((key, fact, 1))
        elif kept.fact != fact:  # a release of ours has changed it
            found.append((key, fact, kept.source_version + 1))
    return found


def calls_due(canary: Canary, state: GateState, now: datetime) -> int:
    """Return how many calls must be made up so that enough of them lie in the last days."""
    fresh = [
        slot
        for slot in state.slots.values()
        if slot.status == "unpermitted" and slots.latest_instant(slot) > now - CALLS_FRESH
    ]
    return max(0, canary.calls - len(fresh))


def is_planted(canary: Canary, state: GateState, now: datetime) -> bool:
    """Tell whether the gate knows all that forbids the act."""
    return not unplanted(canary, state) and not calls_due(canary, state, now)


def call_made(canary: Canary, attempt_id: str, now: datetime) -> commands.ReportUnpermittedAttempt:
    """Return the command that makes up a call to the canary; none was ever placed.

    Raises:
        ValueError: the act is no contact, so there are no calls to count.
    """
    if not isinstance(canary.request, ContactRequest):
        raise ValueError("calls count toward contacts alone")
    return commands.ReportUnpermittedAttempt(
        attempt_id=attempt_id,
        request=canary.request,
        outcome=canary.outcome,
        started_at=now,
        ended_at=now,
        now=now,
    )


def judged(canary: Canary, decided: Decided) -> Tried:
    """Say what an answer means."""
    match decided:
        case events.PermitGranted() | events.ActCleared():
            return Tried(canary=canary.name, answer="granted", objections=())
        case events.PermitRefused() | events.ActRefused():
            rules = tuple(dict.fromkeys(each.rule for each in decided.objections))
            answer: Answer = "refused" if canary.expects in rules else "missed"
            return Tried(canary=canary.name, answer=answer, objections=rules)
