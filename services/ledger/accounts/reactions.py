"""A dispute holds its account until it is resolved."""

from collections.abc import Sequence

from services.ledger.accounts import domain as accounts
from shared.eventstore.transact import Issue
from shared.kernel.records import event
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, reaction

SOURCE = "dispute"


@event("forbear.disputes.dispute-opened.v1")
class DisputeOpened:
    """A party disputes the account."""

    dispute_id: str
    account_id: str


@event("forbear.disputes.dispute-resolved.v1")
class DisputeResolved:
    """The dispute came to an end."""

    dispute_id: str
    account_id: str


def opened(event: DisputeOpened, envelope: Envelope) -> Sequence[Issue]:
    """Hold the account. The hold's id follows from the event, so a repeat is the same hold."""
    hold_id = f"hold_{event.dispute_id.removeprefix('dsp_')}"
    return [
        Issue(
            stream=accounts.stream(event.account_id),
            decider=accounts.ACCOUNTS,
            command=lambda moment: accounts.PlaceHold(
                hold_id=hold_id,
                reason="dispute",
                source=SOURCE,
                source_id=event.dispute_id,
                now=moment.now,
            ),
        )
    ]


def resolved(event: DisputeResolved, envelope: Envelope) -> Sequence[Issue]:
    """Lift whatever the dispute held."""
    return [
        Issue(
            stream=accounts.stream(event.account_id),
            decider=accounts.ACCOUNTS,
            command=lambda moment: accounts.LiftHoldsOf(
                source=SOURCE, source_id=event.dispute_id, now=moment.now
            ),
        )
    ]


HANDLERS: tuple[Handler, ...] = (
    reaction(DisputeOpened, opened),
    reaction(DisputeResolved, resolved),
)
