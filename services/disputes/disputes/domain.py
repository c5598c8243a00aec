"""One dispute from its opening to its resolution.

`denied` needs an answer on record first (12 CFR 1006.38(d)(2)); an upheld or withdrawn dispute
does not. Whether it came within the validation period is recorded as far as it is known; unknown
is taken as timely.
"""

from datetime import datetime
from typing import Literal, assert_never

from shared.kernel.decider import Decider
from shared.kernel.errors import DomainError
from shared.kernel.money import Money
from shared.kernel.records import event, record, replace
from shared.kernel.sealed import Sealed

Kind = Literal["dispute", "original_creditor_request"]
Grounds = Literal[
    "not_mine",
    "amount_wrong",
    "already_paid",
    "identity_theft",
    "duplicate",
    "not_as_agreed",
    "time_barred",
    "other",
]
AnswerKind = Literal["verification", "judgment", "duplicative_notice", "original_creditor"]
Resolution = Literal["denied", "upheld", "withdrawn"]
Status = Literal["absent", "open", "acknowledged", "answered", "resolved"]

ANSWERS: dict[Kind, frozenset[AnswerKind]] = {
    "dispute": frozenset({"verification", "judgment", "duplicative_notice"}),
    "original_creditor_request": frozenset({"original_creditor"}),
}


@record
class OpenDispute:
    """Take in a dispute or request. The account's consumers are facts read before."""

    dispute_id: str
    kind: Kind
    account_id: str
    consumer_ids: tuple[str, ...]
    in_writing: bool
    received_at: datetime
    timely: bool | None
    disputed_amount: Money | None
    grounds: Grounds
    statement: Sealed | None
    now: datetime


@record
class AcknowledgeDispute:
    """Tell the party that the dispute arrived."""

    now: datetime


@record
class AnswerDispute:
    """Note that the answer was sent."""

    answer: AnswerKind
    sent_at: datetime
    now: datetime


@record
class ResolveDispute:
    """End the dispute."""

    resolution: Resolution
    note: Sealed | None
    now: datetime


Command = OpenDispute | AcknowledgeDispute | AnswerDispute | ResolveDispute


@event("forbear.disputes.dispute-opened.v1")
class DisputeOpened:
    """A party disputes the debt, in whole or an amount of it, or asks for the original creditor."""

    dispute_id: str
    kind: Kind
    account_id: str
    consumer_ids: tuple[str, ...]
    in_writing: bool
    received_at: datetime
    timely: bool | None
    disputed_amount: Money | None
    grounds: Grounds
    statement: Sealed | None
    at: datetime


@event("forbear.disputes.dispute-acknowledged.v1")
class DisputeAcknowledged:
    """The party was told that the dispute arrived."""

    dispute_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    at: datetime


@event("forbear.disputes.dispute-answered.v1")
class DisputeAnswered:
    """The answer was sent. It repeats what was disputed, so that its readers need no history."""

    dispute_id: str
    kind: Kind
    account_id: str
    consumer_ids: tuple[str, ...]
    in_writing: bool
    received_at: datetime
    timely: bool | None
    disputed_amount: Money | None
    answer: AnswerKind
    sent_at: datetime
    at: datetime


@event("forbear.disputes.dispute-resolved.v1")
class DisputeResolved:
    """The dispute came to an end."""

    dispute_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    resolution: Resolution
    note: Sealed | None
    at: datetime


Event = DisputeOpened | DisputeAcknowledged | DisputeAnswered | DisputeResolved


@record
class Dispute:
    """What deciding about a dispute needs."""

    status: Status = "absent"
    opened: DisputeOpened | None = None
    has_answer: bool = False
    resolution: Resolution | None = None


class DisputeNotFound(DomainError):
    """No dispute has this id."""

    kind = "not_found"
    code = "dispute-not-found"


class DisputeIsResolved(DomainError):
    """The dispute has ended."""

    kind = "conflict"
    code = "dispute-resolved"


class AnswerRequired(DomainError):
    """A dispute is denied only after its answer is on record."""

    kind = "conflict"
    code = "answer-required"


class AnswerDoesNotFit(DomainError):
    """The answer is not one to what was asked."""

    kind = "invalid"
    code = "answer-kind"


class DisputeTime(DomainError):
    """Something is said to have happened in the future, or before the dispute."""

    kind = "invalid"
    code = "time-order"


class DisputedAmount(DomainError):
    """The disputed part is not a positive amount."""

    kind = "invalid"
    code = "amount-range"


def evolve(state: Dispute, event: Event) -> Dispute:
    """Apply one fact."""
    match event:
        case DisputeOpened():
            return Dispute(status="open", opened=event)
        case DisputeAcknowledged():
            return replace(state, status="acknowledged") if state.status == "open" else state
        case DisputeAnswered():
            return replace(state, status="answered", has_answer=True)
        case DisputeResolved():
            return replace(state, status="resolved", resolution=event.resolution)
        case _:
            assert_never(event)


def decide(command: Command, state: Dispute) -> tuple[Event, ...]:
    """Route to what the command asks for.

    Raises:
        DomainError: one of the refusals of this module.
    """
    if isinstance(command, OpenDispute):
        return _open(command, state)
    opened = state.opened
    if opened is None:
        raise DisputeNotFound("there is no such dispute")
    match command:
        case AcknowledgeDispute():
            return _acknowledge(command, state, opened)
        case AnswerDispute():
            return _answer(command, state, opened)
        case ResolveDispute():
            return _resolve(command, state, opened)
        case _:
            assert_never(command)


def _open(command: OpenDispute, state: Dispute) -> tuple[Event, ...]:
    if state.opened is not None:
        return ()
    if command.received_at > command.now:
        raise DisputeTime("a dispute is not received in the future", pointer="/received_at")
    if command.disputed_amount is not None and command.disputed_amount.amount <= 0:
        raise DisputedAmount("the disputed amount must be positive", pointer="/disputed_minor")
    return (
        DisputeOpened(
            dispute_id=command.dispute_id,
            kind=command.kind,
            account_id=command.account_id,
            consumer_ids=command.consumer_ids,
            in_writing=command.in_writing,
            received_at=command.received_at,
            timely=command.timely,
            disputed_amount=command.disputed_amount,
            grounds=command.grounds,
            statement=command.statement,
            at=command.now,
        ),
    )


def _acknowledge(
    command: AcknowledgeDispute, state: Dispute, opened: DisputeOpened
) -> tuple[Event, ...]:
    if state.status != "open":
        return ()
    return (
        DisputeAcknowledged(
            dispute_id=opened.dispute_id,
            account_id=opened.account_id,
            consumer_ids=opened.consumer_ids,
            at=command.now,
        ),
    )


def _answer(command: AnswerDispute, state: Dispute, opened: DisputeOpened) -> tuple[Event, ...]:
    if command.answer not in ANSWERS[opened.kind]:
        raise AnswerDoesNotFit(f"that does not answer a {opened.kind}", pointer="/answer")
    if state.has_answer:
        return ()
    if state.status == "resolved":
        raise DisputeIsResolved("the dispute has ended")
    if not opened.received_at <= command.sent_at <= command.now:
        raise DisputeTime(
            "an answer is sent after the dispute, not in the future", pointer="/sent_at"
        )
    return (
        DisputeAnswered(
            dispute_id=opened.dispute_id,
            kind=opened.kind,
            account_id=opened.account_id,
            consumer_ids=opened.consumer_ids,
            in_writing=opened.in_writing,
            received_at=opened.received_at,
            timely=opened.timely,
            disputed_amount=opened.disputed_amount,
            answer=command.answer,
            sent_at=command.sent_at,
            at=command.now,
        ),
    )


def _resolve(command: ResolveDispute, state: Dispute, opened: DisputeOpened) -> tuple[Event, ...]:
    if state.status == "resolved":
        if state.resolution == command.resolution:
            return ()
        raise DisputeIsResolved("the dispute was resolved otherwise")
    if command.resolution == "denied" and not state.has_answer:
        raise AnswerRequired("send and record the answer before denying the dispute")
    return (
        DisputeResolved(
            dispute_id=opened.dispute_id,
            account_id=opened.account_id,
            consumer_ids=opened.consumer_ids,
            resolution=command.resolution,
            note=command.note,
            at=command.now,
        ),
    )


def stream(dispute_id: str) -> str:
    """Name the stream of one dispute."""
    return f"dispute-{dispute_id}"


DISPUTES: Decider[Command, Dispute, Event] = Decider(
    initial=Dispute(),
    evolve=evolve,
    decide=decide,
    events=(DisputeOpened, DisputeAcknowledged, DisputeAnswered, DisputeResolved),
)
