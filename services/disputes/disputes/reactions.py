"""A dispute stated in a call is a dispute: oral, but on record."""

from collections.abc import Sequence
from datetime import datetime

from services.disputes.disputes import domain as disputes
from services.disputes.disputes.domain import commands
from services.disputes.foreign import AttemptConcluded
from shared.eventstore.transact import Issue, Moment
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, reaction


def concluded(event: AttemptConcluded, envelope: Envelope) -> Sequence[Issue]:
    """Open an oral dispute of the account that the call was about."""
    dispute_id = event.dispute_id
    if dispute_id is None:
        return ()
    received_at: datetime = event.ended_at or event.at

    def command(moment: Moment) -> commands.OpenDispute:
        return commands.OpenDispute(
            dispute_id=dispute_id,
            account_id=event.account_ids[0],
            consumer_ids=event.consumer_ids,
            kind="dispute",
            in_writing=False,
            opened_by=event.reported_by,
            received_at=min(received_at, moment.now),
            grounds="stated_on_call",
            disputed_by=event.consumer_ids[0] if event.consumer_ids else None,
            now=moment.now,
        )

    return [Issue(stream=disputes.stream(dispute_id), decider=disputes.DISPUTES, command=command)]


HANDLERS: tuple[Handler, ...] = (reaction(AttemptConcluded, concluded),)
