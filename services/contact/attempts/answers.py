"""What callers are answered about attempts."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from services.contact.attempts.bodies import Status
from services.contact.attempts.domain import Attempt, outcomes
from services.contact.permit_client import Decision, Flag, Objection
from services.contact.profiles.answers import Heard


class ObjectionAnswer(BaseModel):
    """One rule's no: which rule of law, why, on which facts, and until when."""

    rule: str
    law: str
    citation: str
    explanation: str
    facts: dict[str, str | int]
    verdict: Literal["defer", "review", "deny"]
    earliest_permitted_at: datetime | None

    @classmethod
    def of(cls, objection: Objection) -> "ObjectionAnswer":
        """Show an objection."""
        return cls(**{name: getattr(objection, name) for name in cls.model_fields})


class FlagAnswer(BaseModel):
    """Something about a permitted attempt that someone should look at."""

    flag: str
    law: str
    citation: str
    explanation: str
    facts: dict[str, str | int]

    @classmethod
    def of(cls, flag: Flag) -> "FlagAnswer":
        """Show a flag."""
        return cls(**{name: getattr(flag, name) for name in cls.model_fields})


class AttemptAnswer(BaseModel):
    """An attempt as it stands; `rules` are those that objected."""

    object: Literal["attempt"] = "attempt"
    id: str
    status: Status
    decision: Literal["permit", "defer", "review", "deny"]
    consumer_id: str
    account_ids: list[str]
    party_id: str
    channel: Literal["call", "email"]
    contact_point_id: str
    purpose: str
    permit_id: str
    agent: str
    rules: list[str]
    decided_at: datetime
    expires_at: datetime | None
    earliest_permitted_at: datetime | None
    dispatched_at: datetime | None
    outcome: str | None
    conversation: bool | None
    started_at: datetime | None
    ended_at: datetime | None
    cancel_reason: str | None

    @classmethod
    def of(cls, attempt: Attempt, now: datetime) -> "AttemptAnswer":
        """Show an attempt's state as of an instant."""
        return cls(**_state(attempt, now))

    @classmethod
    def of_row(cls, row: Any, now: datetime) -> "AttemptAnswer":
        """Show a row as of an instant."""
        named = {"object", "id", "status"}
        given = {name: row[name] for name in cls.model_fields if name not in named}
        status = status_of(row["phase"], row["expires_at"], now)
        return cls(id=row["attempt_id"], status=status, **given)


class AttemptDecided(AttemptAnswer):
    """A new attempt with the whole decision. A veto is an answer, not an error."""

    objections: list[ObjectionAnswer]
    flags: list[FlagAnswer]

    @classmethod
    def by(cls, decision: Decision, attempt: Attempt, now: datetime) -> "AttemptDecided":
        """Show an attempt and how it was decided."""
        return cls(
            objections=[ObjectionAnswer.of(each) for each in decision.objections],
            flags=[FlagAnswer.of(each) for each in decision.flags],
            **_state(attempt, now),
        )


class DispatchClaim(BaseModel):
    """Kept under the caller's key: which dispatch the attempt was given to."""

    attempt_id: str
    dispatch_id: str


class DispatchAnswer(BaseModel):
    """Leave to dial `to` before `dial_before`, or none.

    `used`: leave was given before, perhaps in an answer that was lost. It is not given twice;
    report what happened, or that nothing did.
    """

    object: Literal["dispatch"] = "dispatch"
    attempt_id: str
    decision: Literal["dispatch", "refused", "used"]
    to: str | None = None
    dial_before: datetime | None = None
    rules: list[str] = []
    objections: list[ObjectionAnswer] = []


class OutcomeAnswer(Heard):
    """A recorded outcome, the statements recorded with it, and the dispute that it states."""

    object: Literal["attempt_outcome"] = "attempt_outcome"
    attempt_id: str
    consumer_id: str
    outcome: str
    conversation: bool
    statements: list[str]
    dispute_id: str | None


def status_of(phase: str, expires_at: datetime | None, now: datetime) -> Any:
    """Return the status: a permit that nobody used in time has expired, without any event."""
    if phase == "permitted" and expires_at is not None and expires_at <= now:
        return "expired"
    return phase


def _state(attempt: Attempt, now: datetime) -> dict[str, Any]:
    aim, conclusion = attempt.target, attempt.conclusion
    return {
        "id": attempt.attempt_id,
        "status": status_of(attempt.phase, attempt.expires_at, now),
        "decision": attempt.verdict,
        "consumer_id": aim.consumer_id,
        "account_ids": list(aim.account_ids),
        "party_id": aim.party_id,
        "channel": aim.channel,
        "contact_point_id": aim.contact_point_id,
        "purpose": aim.purpose,
        "permit_id": attempt.permit_id,
        "agent": attempt.agent,
        "rules": list(attempt.rules),
        "decided_at": attempt.decided_at,
        "expires_at": attempt.expires_at,
        "earliest_permitted_at": attempt.earliest_permitted_at,
        "dispatched_at": attempt.dispatched_at,
        "outcome": conclusion.outcome if conclusion else None,
        "conversation": conclusion.outcome in outcomes.CONVERSATIONS if conclusion else None,
        "started_at": conclusion.started_at if conclusion else None,
        "ended_at": conclusion.ended_at if conclusion else None,
        "cancel_reason": attempt.cancel_reason,
    }
