"""Two aggregates without memory of what was asked, so that everything done twice shows.

Notes are written at the source; a tally is kept of them on the other side.
"""

from datetime import datetime

from shared.eventstore.transact import Issue, Moment
from shared.kernel.decider import Decider
from shared.kernel.records import event, record


@record
class Write:
    """Write a note about some consumers."""

    reference: str
    consumer_ids: tuple[str, ...]
    now: datetime


@event("forbear.test.written.v1")
class Written:
    """A note was written."""

    reference: str
    consumer_ids: tuple[str, ...]
    at: datetime


@event("forbear.test.other-written.v1")
class OtherWritten:
    """Something happened that nobody asks for."""

    reference: str
    at: datetime
    consumer_ids: tuple[str, ...] = ()


@record
class Tally:
    """Count once more."""

    reference: str
    now: datetime


@event("forbear.test.tallied.v1")
class Tallied:
    """The tally went up."""

    reference: str
    at: datetime
    consumer_ids: tuple[str, ...] = ()


@record
class Count:
    """How many; of constant size, so that it can be kept beside long streams."""

    total: int = 0


Noted = Written | OtherWritten


def write(command: Write, state: Count) -> tuple[Noted, ...]:
    """Write it; notes about nobody are of the other kind."""
    if not command.consumer_ids:
        return (OtherWritten(reference=command.reference, at=command.now),)
    return (
        Written(reference=command.reference, consumer_ids=command.consumer_ids, at=command.now),
    )


def tally(command: Tally, state: Count) -> tuple[Tallied, ...]:
    """Count."""
    return (Tallied(reference=command.reference, at=command.now),)


def count(state: Count, event: object) -> Count:
    """Apply one."""
    return Count(total=state.total + 1)


NOTES: Decider[Write, Count, Noted] = Decider(
    initial=Count(), evolve=count, decide=write, events=(Written, OtherWritten)
)
TALLIES: Decider[Tally, Count, Tallied] = Decider(
    initial=Count(), evolve=count, decide=tally, events=(Tallied,), state=Count
)


def note(reference: str, *consumer_ids: str, stream: str = "note-1") -> Issue:
    """Return an issue that writes a note."""

    def command(moment: Moment) -> Write:
        return Write(reference=reference, consumer_ids=consumer_ids, now=moment.now)

    return Issue(stream=stream, decider=NOTES, command=command)


def tallying(reference: str, stream: str = "tally-1") -> Issue:
    """Return an issue that counts."""

    def command(moment: Moment) -> Tally:
        return Tally(reference=reference, now=moment.now)

    return Issue(stream=stream, decider=TALLIES, command=command)
