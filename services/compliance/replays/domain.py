"""One replay: asked for, worked through slice by slice, done or given up.

Each slice ends with an event that says how far it came and asks for the next one, so a crash
repeats one slice at most. What differs is kept beside it as rows, which can be made again.
"""

from datetime import datetime, timedelta
from typing import Literal, assert_never

from services.compliance.replays.redeciding import Facts
from services.compliance.replays.tally import Tally
from shared.kernel.decider import Decider
from shared.kernel.errors import DomainError
from shared.kernel.jobs import Cancel, Job
from shared.kernel.records import event, record, replace

PERIOD_MAX = timedelta(days=3 * 366)
"""The longest period that one replay goes through."""

JOB = "replay"
Status = Literal["waiting", "running", "completed", "cancelled", "failed"]
Failure = Literal["pack-unreadable", "event-unreadable", "too-slow", "unexpected"]
"""What no further attempt can get past."""


class ReplayNotFound(DomainError):
    """There is no such replay."""

    kind = "not_found"
    code = "replay-not-found"


class ReplayOver(DomainError):
    """The replay has ended."""

    kind = "conflict"
    code = "replay-over"


class ReplayPeriod(DomainError):
    """The period is empty, longer than a replay's may be, or not over."""

    kind = "invalid"
    code = "replay-period"


@record
class Scope:
    """What is asked: by which book decisions of which period are made again, knowing what.

    `rule_book` is a label, or `as_decided`. `packs` are documents put beside that book, those of
    `pack_ids`; `in_force_throughout` has them judge whatever their dates say. `since` belongs to
    the period, `until` does not.
    """

    rule_book: str
    since: datetime
    until: datetime
    pack_ids: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    in_force_throughout: bool = True
    facts: Facts = "known_then"


@record
class Progress:
    """How far it has come: first all gates are counted, then each is gone through.

    `after` is the last stream that was done in the present round.
    """

    is_counted: bool = False
    counted: int = 0
    after: str = ""
    tally: Tally = Tally()


@record
class RequestReplay:
    """Ask for a replay."""

    replay_id: str
    scope: Scope
    requested_by: str
    now: datetime


@record
class AdvanceReplay:
    """Note what a slice came to; `number` is the slice's."""

    replay_id: str
    number: int
    progress: Progress
    is_complete: bool
    now: datetime


@record
class CancelReplay:
    """Give it up."""

    replay_id: str
    cancelled_by: str
    now: datetime


@record
class FailReplay:
    """Give up slice `number`, which could not be gone through however often it was tried."""

    replay_id: str
    number: int
    failure: Failure
    now: datetime


Command = RequestReplay | AdvanceReplay | CancelReplay | FailReplay


@event("forbear.compliance.replay-requested.v1")
class ReplayRequested:
    """Recorded decisions are to be made again, as the scope says. It changes none of them."""

    replay_id: str
    scope: Scope
    requested_by: str
    at: datetime


@event("forbear.compliance.replay-advanced.v1")
class ReplayAdvanced:
    """One slice was gone through; `number` is that of the next."""

    replay_id: str
    number: int
    progress: Progress
    at: datetime


@event("forbear.compliance.replay-completed.v1")
class ReplayCompleted:
    """Everything was gone through."""

    replay_id: str
    progress: Progress
    at: datetime


@event("forbear.compliance.replay-cancelled.v1")
class ReplayCancelled:
    """It was given up before its slice `number`."""

    replay_id: str
    number: int
    cancelled_by: str
    at: datetime


@event("forbear.compliance.replay-failed.v1")
class ReplayFailed:
    """Its slice `number` could not be gone through. What was found before can still be read."""

    replay_id: str
    number: int
    failure: Failure
    at: datetime


Event = ReplayRequested | ReplayAdvanced | ReplayCompleted | ReplayCancelled | ReplayFailed


@record
class ReplayState:
    """A replay as it stands; the packs' documents are in its first event. Without id there is none.

    `number` is that of the slice to come.
    """

    replay_id: str = ""
    scope: Scope | None = None
    status: Status = "waiting"
    requested_by: str = ""
    requested_at: datetime | None = None
    number: int = 0
    progress: Progress = Progress()
    ended_at: datetime | None = None
    cancelled_by: str | None = None
    failure: Failure | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether there is still something to do."""
        return self.status in ("waiting", "running")


def stream(replay_id: str) -> str:
    """Name the stream of a replay."""
    return f"replay-{replay_id}"


def refuse_period(since: datetime, until: datetime, now: datetime) -> None:
    """See that a period can be replayed.

    Raises:
        ReplayPeriod: it cannot.
    """
    if until <= since:
        raise ReplayPeriod("Let the period end after it begins.", pointer="/to")
    if until - since > PERIOD_MAX:
        raise ReplayPeriod(f"Give at most {PERIOD_MAX.days} days.", pointer="/from")
    if until > now:
        raise ReplayPeriod(
            "Let the period end by now: later decisions are not made.", pointer="/to"
        )


def evolve(state: ReplayState, event: Event) -> ReplayState:
    """Apply one event."""
    match event:
        case ReplayRequested():
            return ReplayState(
                replay_id=event.replay_id,
                scope=replace(event.scope, packs=()),
                requested_by=event.requested_by,
                requested_at=event.at,
            )
        case ReplayAdvanced():
            return replace(state, status="running", number=event.number, progress=event.progress)
        case ReplayCompleted():
            return replace(state, status="completed", progress=event.progress, ended_at=event.at)
        case ReplayCancelled():
            return replace(
                state, status="cancelled", cancelled_by=event.cancelled_by, ended_at=event.at
            )
        case ReplayFailed():
            return replace(state, status="failed", failure=event.failure, ended_at=event.at)
        case _:
            assert_never(event)


def decide(command: Command, state: ReplayState) -> tuple[Event, ...]:
    """Begin it, take it on, give it up, or note that it failed.

    A slice that was done before adds nothing.

    Raises:
        ReplayPeriod: the period cannot be replayed.
        ReplayNotFound, ReplayOver: it cannot be given up.
    """
    match command:
        case RequestReplay():
            return _request(command, state)
        case AdvanceReplay():
            return _advance(command, state)
        case CancelReplay():
            return _cancel(command, state)
        case FailReplay():
            return _fail(command, state)
        case _:
            assert_never(command)


def _request(command: RequestReplay, state: ReplayState) -> tuple[Event, ...]:
    if state.replay_id:
        return ()
    refuse_period(command.scope.since, command.scope.until, command.now)
    requested = ReplayRequested(
        replay_id=command.replay_id,
        scope=command.scope,
        requested_by=command.requested_by,
        at=command.now,
    )
    return (requested,)


def _advance(command: AdvanceReplay, state: ReplayState) -> tuple[Event, ...]:
    if not state.is_open or command.number != state.number:
        return ()
    if command.is_complete:
        completed = ReplayCompleted(
            replay_id=command.replay_id, progress=command.progress, at=command.now
        )
        return (completed,)
    advanced = ReplayAdvanced(
        replay_id=command.replay_id,
        number=command.number + 1,
        progress=command.progress,
        at=command.now,
    )
    return (advanced,)


def _cancel(command: CancelReplay, state: ReplayState) -> tuple[Event, ...]:
    if not state.replay_id:
        raise ReplayNotFound("There is no such replay.")
    if state.status == "cancelled":
        return ()
    if not state.is_open:
        raise ReplayOver("The replay has ended; there is nothing to cancel.")
    cancelled = ReplayCancelled(
        replay_id=command.replay_id,
        number=state.number,
        cancelled_by=command.cancelled_by,
        at=command.now,
    )
    return (cancelled,)


def _fail(command: FailReplay, state: ReplayState) -> tuple[Event, ...]:
    if not state.is_open or command.number != state.number:
        return ()
    failed = ReplayFailed(
        replay_id=command.replay_id,
        number=command.number,
        failure=command.failure,
        at=command.now,
    )
    return (failed,)


def _jobs(event: Event) -> tuple[Job | Cancel, ...]:
    match event:
        case ReplayRequested():
            return (_job(event.replay_id, 0, event.at),)
        case ReplayAdvanced():
            return (_job(event.replay_id, event.number, event.at),)
        case ReplayCancelled():
            return (Cancel(key=_key(event.replay_id, event.number)),)
        case _:
            return ()


def _job(replay_id: str, number: int, at: datetime) -> Job:
    key = _key(replay_id, number)
    return Job(key=key, kind=JOB, due_at=at, arguments={"replay_id": replay_id})


def _key(replay_id: str, number: int) -> str:
    return f"{stream(replay_id)}-{number}"


REPLAYS: Decider[Command, ReplayState, Event] = Decider(
    initial=ReplayState(),
    evolve=evolve,
    decide=decide,
    events=(ReplayRequested, ReplayAdvanced, ReplayCompleted, ReplayCancelled, ReplayFailed),
    state=ReplayState,
    jobs=_jobs,
)
