"""What gates learn of attempts: those made against a veto count, and a stated dispute binds.

The outcome of a permitted attempt is reported by contact under its permit.
"""

from collections.abc import Sequence
from datetime import datetime

from services.compliance.facts.from_disputes import record_dispute
from services.compliance.facts.recording import Stated, record_fact
from services.compliance.permits.domain import GATES, commands, stream
from services.compliance.rules import facts
from services.compliance.rules.facts import Channel
from services.compliance.rules.outcomes import OUTCOMES
from services.compliance.rules.request import TELEPHONE, ContactRequest, Technology
from shared.eventstore.transact import Issue, Moment
from shared.kernel.records import event
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, reaction

VALIDATION_NOTICE = "validation_notice"
"""The purpose of the attempt that provides the validation information."""


@event("forbear.contact.attempt-concluded.v1")
class AttemptConcluded:
    """What came of an attempt."""

    consumer_ids: tuple[str, ...]
    attempt_id: str
    account_ids: tuple[str, ...]
    channel: Channel
    contact_point_id: str
    outcome: str
    started_at: datetime | None
    ended_at: datetime | None
    discussed: tuple[str, ...]
    raised: tuple[str, ...]
    is_permitted: bool
    party_id: str
    purpose: str
    content_digest: str
    at: datetime
    dispute_id: str | None = None
    technology: Technology = "live"


def count_unpermitted(event: AttemptConcluded, envelope: Envelope) -> Sequence[Issue]:
    """Count an attempt that was made against a veto."""
    if event.is_permitted:
        return ()
    return [_report(event, consumer_id) for consumer_id in event.consumer_ids]


def dispute_stated(event: AttemptConcluded, envelope: Envelope) -> Sequence[Issue]:
    """Take in a dispute that was stated in a call, as disputes will open it.

    Contact's feed must carry it too: while only the disputes service is away, its feed looks fresh.
    """
    if event.dispute_id is None:
        return ()
    stated = Stated(
        fact_key=event.dispute_id,
        source_stream=f"dispute-{event.dispute_id}",
        source_version=1,
        consumer_ids=event.consumer_ids,
    )
    dispute = facts.Dispute(
        account_id=event.account_ids[0],
        in_writing=False,
        received_at=event.ended_at or event.at,
    )
    return record_dispute(stated, dispute)


def validation_provided(event: AttemptConcluded, envelope: Envelope) -> Sequence[Issue]:
    """Take in that a validation notice went out, or came back (12 CFR 1006.34)."""
    outcome = OUTCOMES.get(event.outcome)
    if event.purpose != VALIDATION_NOTICE or outcome is None or event.channel in TELEPHONE:
        return ()
    if not outcome.is_made:
        return ()
    return [
        issue
        for account_id in event.account_ids
        for issue in record_fact(
            Stated(
                fact_key=f"validation-{account_id}",
                source_stream=envelope.stream,
                source_version=envelope.version,
                consumer_ids=event.consumer_ids,
            ),
            facts.ValidationNotice(
                account_id=account_id,
                provided_at=event.started_at or event.at,
                is_undeliverable=outcome.invalidates,
            ),
        )
    ]


def _report(event: AttemptConcluded, consumer_id: str) -> Issue:
    started_at = event.started_at or event.ended_at or event.at

    def command(moment: Moment) -> commands.ReportUnpermittedAttempt:
        return commands.ReportUnpermittedAttempt(
            attempt_id=event.attempt_id,
            request=ContactRequest(
                consumer_id=consumer_id,
                account_ids=event.account_ids,
                party_id=event.party_id,
                channel=event.channel,
                contact_point_id=event.contact_point_id,
                purpose=event.purpose,
                content_digest=event.content_digest,
                technology=event.technology,
            ),
            outcome=event.outcome,
            # Another service's clock may run ahead of ours: what was made counts all the same.
            started_at=min(started_at, moment.now),
            ended_at=event.ended_at and min(event.ended_at, moment.now),
            discussed=event.discussed,
            raised=event.raised,
            now=moment.now,
        )

    return Issue(stream=stream(consumer_id), decider=GATES, command=command)


HANDLERS: tuple[Handler, ...] = (
    reaction(AttemptConcluded, count_unpermitted),
    reaction(AttemptConcluded, dispute_stated),
    reaction(AttemptConcluded, validation_provided),
)
