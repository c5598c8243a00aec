"""A dispute stated in a call is on record as an oral one, once."""

from datetime import UTC, datetime, timedelta

from services.disputes.disputes import domain as disputes
from services.disputes.disputes.domain import events
from services.disputes.disputes.reactions import concluded
from services.disputes.foreign import AttemptConcluded
from shared.eventstore.transact import Moment
from shared.kernel.records import replace
from shared.messaging.feed import START, Envelope

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ENVELOPE = Envelope(
    source="contact",
    position=START,
    tenant="agy_1",
    stream="attempt-att_1",
    version=3,
    event_id="evt_1",
    type="forbear.contact.attempt-concluded.v1",
    data=b"{}",
    metadata_bytes=b"{}",
    occurred_at=NOON,
    recorded_at=NOON,
)
CONCLUDED = AttemptConcluded(
    attempt_id="att_1",
    consumer_ids=("cns_1",),
    account_ids=("acct_1",),
    dispute_id="dsp_1",
    ended_at=NOON - timedelta(minutes=1),
    reported_by="key_1",
    at=NOON,
)
MOMENT = Moment(now=NOON, system_now=NOON, watermarks={}, parked=(), guards={})


def test_opens_an_oral_dispute_once() -> None:
    (issue,) = concluded(CONCLUDED, ENVELOPE)
    assert issue.stream == "dispute-dsp_1"
    (event,) = disputes.DISPUTES.decide(issue.command(MOMENT), disputes.DISPUTES.initial)
    assert isinstance(event, events.DisputeOpened)
    assert (event.in_writing, event.received_at) == (False, NOON - timedelta(minutes=1))
    state = disputes.DISPUTES.fold((event,))
    assert disputes.DISPUTES.decide(issue.command(MOMENT), state) == ()


def test_leaves_other_outcomes_alone() -> None:
    assert concluded(replace(CONCLUDED, dispute_id=None), ENVELOPE) == ()
