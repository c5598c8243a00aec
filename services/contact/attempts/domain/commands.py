"""What can be asked of an attempt."""

from datetime import datetime
from typing import Literal

from services.contact.attempts.domain.events import Aim, Channel, Content, Verdict
from shared.kernel.records import record
from shared.kernel.sealed import Sealed


@record
class PermitAttempt:
    """Record that compliance gave leave."""

    attempt_id: str
    aim: Aim
    permit_id: str
    expires_at: datetime
    agent: str
    now: datetime
    flags: tuple[str, ...] = ()
    content: Content | None = None


@record
class VetoAttempt:
    """Record that compliance gave none."""

    attempt_id: str
    aim: Aim
    permit_id: str
    verdict: Verdict
    rules: tuple[str, ...]
    agent: str
    now: datetime
    earliest_permitted_at: datetime | None = None


@record
class StartDispatch:
    """Take the attempt, for one dispatcher of that channel only."""

    dispatch_id: str
    channel: Channel
    now: datetime


@record
class RefuseDispatch:
    """Record that the permit was not redeemed, or given up before anything went out."""

    dispatch_id: str
    rules: tuple[str, ...]
    now: datetime


@record
class ConcludeAttempt:
    """Say what came of the attempt."""

    outcome: str
    reported_by: str
    now: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    discussed: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    note: Sealed | None = None


@record
class ConcludeOverdue:
    """Conclude a dispatch that was started and of which nothing was heard."""

    now: datetime


@record
class CancelAttempt:
    """Give the attempt up before it is dispatched."""

    reason: Literal["not_needed", "person_erased"]
    now: datetime


@record
class RevokeAttempt:
    """Give the attempt up because its permit was revoked."""

    by_fact: str
    now: datetime


Command = (
    PermitAttempt
    | VetoAttempt
    | StartDispatch
    | RefuseDispatch
    | ConcludeAttempt
    | ConcludeOverdue
    | CancelAttempt
    | RevokeAttempt
)
