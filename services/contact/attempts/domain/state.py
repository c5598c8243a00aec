"""Where an attempt stands, folded from its events."""

from datetime import datetime
from typing import Literal, assert_never

from services.contact.attempts.domain import events
from services.contact.attempts.domain.events import Aim, Content
from shared.kernel.records import record, replace

Phase = Literal["absent", "vetoed", "permitted", "dispatching", "refused", "concluded", "cancelled"]


@record
class Conclusion:
    """The outcome on record, and how many reports led to it."""

    outcome: str
    report_id: str
    number: int
    started_at: datetime | None
    ended_at: datetime | None
    discussed: tuple[str, ...]
    raised: tuple[str, ...]
    at: datetime | None = None


@record
class Attempt:
    """One attempt."""

    phase: Phase = "absent"
    attempt_id: str = ""
    aim: Aim | None = None
    permit_id: str = ""
    agent: str = ""
    decided_at: datetime | None = None
    expires_at: datetime | None = None
    verdict: str = ""
    rules: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    earliest_permitted_at: datetime | None = None
    content: Content | None = None
    dispatch_id: str | None = None
    dispatched_at: datetime | None = None
    conclusion: Conclusion | None = None
    cancel_reason: str | None = None

    @property
    def target(self) -> Aim:
        """Return whom the attempt is to reach.

        Raises:
            LookupError: there is no attempt.
        """
        if self.aim is None:
            raise LookupError("there is no attempt")
        return self.aim


def evolve(state: Attempt, event: events.Event) -> Attempt:
    """Apply one fact."""
    match event:
        case events.AttemptPermitted():
            return Attempt(
                phase="permitted",
                attempt_id=event.attempt_id,
                aim=_aim(event),
                permit_id=event.permit_id,
                agent=event.agent,
                decided_at=event.at,
                expires_at=event.expires_at,
                verdict="permit",
                flags=event.flags,
                content=event.content,
            )
        case events.AttemptVetoed():
            return Attempt(
                phase="vetoed",
                attempt_id=event.attempt_id,
                aim=_aim(event),
                permit_id=event.permit_id,
                agent=event.agent,
                decided_at=event.at,
                verdict=event.verdict,
                rules=event.rules,
                earliest_permitted_at=event.earliest_permitted_at,
            )
        case events.DispatchStarted():
            return replace(
                state,
                phase="dispatching",
                dispatch_id=event.dispatch_id,
                dispatched_at=event.at,
            )
        case events.DispatchRefused():
            return replace(state, phase="refused", rules=event.rules)
        case events.AttemptConcluded():
            return replace(state, phase="concluded", conclusion=_conclusion(state, event))
        case events.AttemptCancelled():
            return replace(state, phase="cancelled", cancel_reason=event.reason)
        case _:
            assert_never(event)


def _aim(event: events.AttemptPermitted | events.AttemptVetoed) -> Aim:
    return Aim(
        consumer_id=event.consumer_ids[0] if event.consumer_ids else "",
        account_ids=event.account_ids,
        party_id=event.party_id,
        channel=event.channel,
        contact_point_id=event.contact_point_id,
        purpose=event.purpose,
        content_digest=event.content_digest,
        act=event.act,
        in_reply_to=event.in_reply_to,
        portion=event.portion,
        renewed_for=event.renewed_for,
        technology=event.technology,
        disclosures=event.disclosures,
    )


def _conclusion(state: Attempt, event: events.AttemptConcluded) -> Conclusion:
    before = state.conclusion.number if state.conclusion else 0
    return Conclusion(
        outcome=event.outcome,
        report_id=event.report_id,
        number=before + 1,
        started_at=event.started_at,
        ended_at=event.ended_at,
        discussed=event.discussed,
        raised=event.raised,
        at=event.at,
    )
