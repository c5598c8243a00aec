"""Records that contact's tests are told with. Nobody in them exists."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.contact.attempts import domain as attempts
from services.contact.attempts.domain.events import Aim, Content
from services.contact.profiles import domain as profiles
from shared.kernel.records import replace
from shared.kernel.sealed import Sealed

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SOON = NOON + timedelta(minutes=5)
CONSUMER = "cns_1"
CONSUMERS = (CONSUMER,)
ATTEMPT = "att_1"
PERMIT = "prm_1"
DIGEST = "d1" * 32


def sealed(field: str = "value") -> Sealed:
    return Sealed(key_id="cns_1/1", nonce="bm9uY2U=", ciphertext=f"sealed-{field}")


def record_point(**changes: Any) -> profiles.commands.RecordContactPoint:
    command = profiles.commands.RecordContactPoint(
        consumer_id=CONSUMER,
        contact_point_id="cp_1",
        account_id="acct_1",
        kind="phone",
        label="mobile",
        value=sealed(),
        digest=DIGEST,
        zones=("America/Chicago",),
        states=("IL",),
        now=NOON,
    )
    return replace(command, **changes)


def point_recorded(**changes: Any) -> profiles.events.ContactPointRecorded:
    event = profiles.events.ContactPointRecorded(
        consumer_ids=CONSUMERS,
        contact_point_id="cp_1",
        account_ids=("acct_1",),
        kind="phone",
        label="mobile",
        value=sealed(),
        digest=DIGEST,
        zones=("America/Chicago",),
        states=("IL",),
        source="creditor",
        at=NOON,
    )
    return replace(event, **changes)


def say(said: profiles.commands.Said, **changes: Any) -> profiles.commands.RecordStatement:
    command = profiles.commands.RecordStatement(
        consumer_id=CONSUMER, fact_id="fact_1", said=said, now=NOON
    )
    return replace(command, **changes)


def cease_requested(**changes: Any) -> profiles.events.CeaseRequested:
    event = profiles.events.CeaseRequested(
        consumer_ids=CONSUMERS,
        fact_id="fact_1",
        account_ids=(),
        in_writing=True,
        medium="letter",
        received_at=NOON,
        at=NOON,
    )
    return replace(event, **changes)


def aim(**changes: Any) -> Aim:
    made = Aim(
        consumer_id=CONSUMER,
        account_ids=("acct_1",),
        party_id=CONSUMER,
        channel="call",
        contact_point_id="cp_1",
        purpose="collection",
        content_digest="",
    )
    return replace(made, **changes)


EMAIL = aim(channel="email", contact_point_id="cp_2", content_digest=DIGEST)


def permit(target: Aim | None = None, **changes: Any) -> attempts.commands.PermitAttempt:
    target = target or aim()
    content = None
    if target.channel == "email":
        content = Content(subject=sealed("subject"), body=sealed("body"))
    command = attempts.commands.PermitAttempt(
        attempt_id=ATTEMPT,
        aim=target,
        permit_id=PERMIT,
        expires_at=SOON,
        agent="key_1",
        content=content,
        now=NOON,
    )
    return replace(command, **changes)


def veto(**changes: Any) -> attempts.commands.VetoAttempt:
    command = attempts.commands.VetoAttempt(
        attempt_id=ATTEMPT,
        aim=aim(),
        permit_id=PERMIT,
        verdict="defer",
        rules=("permitted-hours",),
        earliest_permitted_at=SOON,
        agent="key_1",
        now=NOON,
    )
    return replace(command, **changes)


def happened(*commands: Any) -> tuple[Any, ...]:
    """Return the events of commands that follow each other."""
    events: tuple[Any, ...] = ()
    state = attempts.ATTEMPTS.initial
    for command in commands:
        decided = attempts.ATTEMPTS.decide(command, state)
        state = attempts.ATTEMPTS.fold(decided, state)
        events = (*events, *decided)
    return events


def start(dispatch_id: str = "req_1", **changes: Any) -> attempts.commands.StartDispatch:
    command = attempts.commands.StartDispatch(dispatch_id=dispatch_id, channel="call", now=NOON)
    return replace(command, **changes)


def conclude(outcome: str = "no_answer", **changes: Any) -> attempts.commands.ConcludeAttempt:
    command = attempts.commands.ConcludeAttempt(outcome=outcome, reported_by="key_1", now=NOON)
    return replace(command, **changes)
