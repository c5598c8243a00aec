"""A tiny aggregate for the contract suites: a counter that refuses to pass ten."""

from datetime import datetime

from shared.kernel.decider import Claim, Decider
from shared.kernel.errors import DomainError
from shared.kernel.jobs import Cancel, Job
from shared.kernel.records import event, record


@record
class Add:
    """Add an amount, once per reference."""

    reference: str
    amount: int
    now: datetime


@event("forbear.test.added.v1")
class Added:
    """The counter went up."""

    reference: str
    amount: int
    at: datetime
    consumer_ids: tuple[str, ...] = ()


class TooMuch(DomainError):
    """The counter may not pass ten."""

    kind = "conflict"
    code = "too-much"


@record
class Count:
    """The sum and what made it."""

    total: int = 0
    references: tuple[str, ...] = ()


LIMIT = 10


def decide(command: Add, state: Count) -> tuple[Added, ...]:
    """Add unless it was added before or passes the limit."""
    if command.reference in state.references:
        return ()
    if state.total + command.amount > LIMIT:
        raise TooMuch("the counter may not pass ten")
    return (Added(reference=command.reference, amount=command.amount, at=command.now),)


def evolve(state: Count, event: Added) -> Count:
    """Apply one addition."""
    return Count(total=state.total + event.amount, references=(*state.references, event.reference))


def jobs(event: Added) -> tuple[Job | Cancel, ...]:
    """Ask for a reminder of every addition of three; one of four withdraws it."""
    if event.amount == 3:
        return (Job(key=f"remind-{event.reference}", kind="remind", due_at=event.at),)
    if event.amount == 4:
        return (Cancel(key=f"remind-{event.reference[:-1]}"),)
    return ()


def claims(event: Added) -> tuple[Claim, ...]:
    """Take a name with every addition of two."""
    if event.amount == 2:
        return (Claim(kind="name", digest="two", target=event.reference),)
    return ()


COUNTERS: Decider[Add, Count, Added] = Decider(
    initial=Count(), evolve=evolve, decide=decide, events=(Added,), jobs=jobs, claims=claims
)
INLINE_COUNTERS: Decider[Add, Count, Added] = Decider(
    initial=Count(), evolve=evolve, decide=decide, events=(Added,), state=Count, is_guard=True
)
