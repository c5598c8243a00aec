"""What an attempt's events leave to be done: send, report, give back, and not wait for ever."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from services.contact.attempts import domain as attempts
from services.contact.attempts.dispatch import USED, EmailDispatch, Letter, Mailer
from services.contact.attempts.domain import Attempt, commands, outcomes
from services.contact.permit_client import Permits, Redemption
from services.contact.profiles import views as profile_views
from shared.eventstore import codec
from shared.eventstore.transact import Context, Issue
from shared.http.call import read_states, tenant_rows
from shared.http.compliance_client import ComplianceClient, ComplianceRefused
from shared.kernel.records import replace
from shared.kernel.sealed import Sealed
from shared.messaging.jobs import DueJob, Handle
from shared.service.foundation import Foundation
from shared.telemetry.logging import get_logger
from shared.vault.keys import Erased
from shared.vault.sealer import subject_of

POINT_FIELD = "contact_point"  # as the ledger seals them
SUBJECT_FIELD = "email_subject"
BODY_FIELD = "email_body"
FORGOTTEN = "permit-unknown"
RESTRICTS_MORE = "outcome-milder"

log = get_logger(__name__)


class StoredAttempts:
    """The attempt log over the event store."""

    def __init__(self, foundation: Foundation, context: Context) -> None:
        self._foundation = foundation
        self._context = context

    async def find(self, attempt_id: str) -> Attempt:
        """Return how the attempt stands."""
        wanted = (attempts.stream(attempt_id), attempts.ATTEMPTS)
        attempt: Attempt
        (attempt,) = await read_states(self._foundation, self._context.tenant, wanted)
        return attempt

    async def start(self, attempt_id: str, dispatch_id: str) -> None:
        """Claim the attempt."""
        await self._decide(
            attempt_id,
            lambda moment: commands.StartDispatch(
                dispatch_id=dispatch_id, channel="email", now=moment.now
            ),
        )

    async def refuse(self, attempt_id: str, dispatch_id: str, rules: tuple[str, ...]) -> None:
        """Record that nothing went out because there was no leave."""
        await self._decide(
            attempt_id,
            lambda moment: commands.RefuseDispatch(
                dispatch_id=dispatch_id, rules=rules, now=moment.now
            ),
        )

    async def conclude(self, attempt_id: str, outcome: str, started_at: datetime | None) -> None:
        """Record what came of it."""
        await self._decide(
            attempt_id,
            lambda moment: commands.ConcludeAttempt(
                outcome=outcome,
                started_at=started_at,
                reported_by=self._context.metadata.actor,
                now=moment.now,
            ),
        )

    async def give_up(self, attempt_id: str) -> None:
        """Record that the person was erased and cannot be reached any more."""
        await self._decide(
            attempt_id,
            lambda moment: commands.CancelAttempt(reason="person_erased", now=moment.now),
        )

    async def conclude_overdue(self, attempt_id: str) -> None:
        """Conclude a dispatch of which nothing was heard."""
        await self._decide(attempt_id, lambda moment: commands.ConcludeOverdue(now=moment.now))

    async def _decide(self, attempt_id: str, command: Any) -> None:
        issue = Issue(
            stream=attempts.stream(attempt_id), decider=attempts.ATTEMPTS, command=command
        )
        await self._foundation.transactor.transact(self._context, [issue])


class RemoteGate:
    """Compliance, asked for one attempt."""

    def __init__(self, permits: Permits) -> None:
        self._permits = permits

    async def redeem(self, attempt: Attempt, dispatch_id: str) -> Redemption:
        """Use the permit."""
        return await self._permits.redeem(
            dispatch_id, attempt.permit_id, contact_of(attempt.target)
        )


class SealedDesk:
    """Opens address and message of an attempt."""

    def __init__(self, foundation: Foundation, tenant: str) -> None:
        self._foundation = foundation
        self._tenant = tenant

    async def open(self, attempt: Attempt) -> Letter | None:
        """Return the letter in clear; None when its person was erased."""
        if attempt.content is None:
            return None
        value = await point_value(self._foundation, self._tenant, attempt.target.contact_point_id)
        if value is None:
            return None
        content = attempt.content
        opened = await self._foundation.sealer.open_many(
            self._tenant,
            [
                (subject_of(value), POINT_FIELD, value),
                (subject_of(content.subject), SUBJECT_FIELD, content.subject),
                (subject_of(content.body), BODY_FIELD, content.body),
            ],
        )
        texts = [each for each in opened if not isinstance(each, Erased)]
        if len(texts) < len(opened):
            return None
        return Letter(
            message_id=attempt.attempt_id,
            recipient=texts[0],
            subject=texts[1],
            body=texts[2],
            may_be_stopped=attempt.target.act != "opt_out_confirmation",
        )

    async def number_of(self, attempt: Attempt) -> str | None:
        """Return the number to dial; None when its person was erased."""
        value = await point_value(self._foundation, self._tenant, attempt.target.contact_point_id)
        if value is None:
            return None
        number = await self._foundation.sealer.open(
            self._tenant, subject_of(value), POINT_FIELD, value
        )
        return None if isinstance(number, Erased) else number


async def point_value(foundation: Foundation, tenant: str, contact_point_id: str) -> Sealed | None:
    """Return the sealed value of a contact point."""
    rows = await tenant_rows(foundation, tenant, profile_views.point_value(contact_point_id))
    return codec.decode(Sealed, rows[0]["value"]) if rows else None


def contact_of(aim: attempts.events.Aim) -> dict[str, Any]:
    """Write what a permit binds as compliance takes it."""
    contact: dict[str, Any] = msgspec.to_builtins(aim)
    return {name: value for name, value in contact.items() if value not in (None, "", [])}


class AttemptJobs:
    """The handlers of all attempt jobs."""

    def __init__(self, foundation: Foundation, client: ComplianceClient, mailer: Mailer) -> None:
        self._foundation = foundation
        self._client = client
        self._mailer = mailer

    def handlers(self) -> Mapping[str, Handle]:
        """Return the handlers by kind."""
        return {
            "dispatch-email": self.dispatch_email,
            "conclude-overdue": self.conclude_overdue,
            "report-outcome": self.report_outcome,
            "release-permit": self.release_permit,
        }

    async def dispatch_email(self, job: DueJob) -> None:
        """Send a permitted e-mail, once."""
        dispatch = EmailDispatch(
            log=self._log(job),
            gate=RemoteGate(self._permits(job)),
            desk=SealedDesk(self._foundation, job.tenant),
            mailer=self._mailer,
            timer=time.monotonic,
        )
        await dispatch.run(job.arguments["attempt_id"], self._foundation.ids.new("req"))

    async def conclude_overdue(self, job: DueJob) -> None:
        """Stop waiting for the outcome of a dispatch."""
        await self._log(job).conclude_overdue(job.arguments["attempt_id"])

    async def report_outcome(self, job: DueJob) -> None:
        """Tell compliance the outcome on record."""
        attempt = await self._log(job).find(job.arguments["attempt_id"])
        if attempt.verdict != "permit":
            # There is no permit to report on: the event itself tells compliance, and people.
            log.error("attempt-against-veto", attempt_id=attempt.attempt_id)
            return
        await report(self._permits(job), attempt)

    async def release_permit(self, job: DueJob) -> None:
        """Give an unused permit back, or say that nothing went out on a used one."""
        attempt = await self._log(job).find(job.arguments["attempt_id"])
        permits = self._permits(job)
        consumer_id = attempt.target.consumer_id
        reason = attempt.cancel_reason or "dispatch_refused"
        try:
            await permits.release(
                f"{attempt.attempt_id}.release",
                attempt.permit_id,
                {"consumer_id": consumer_id, "reason": reason},
            )
        except ComplianceRefused as error:
            if error.code == USED and attempt.phase == "refused":
                unused = {"consumer_id": consumer_id, "outcome": outcomes.NOT_ATTEMPTED}
                await _tell(permits, attempt, f"{attempt.attempt_id}.unused", unused)
            elif error.code == USED and attempt.phase == "concluded":
                return  # meanwhile it counts as made, and is reported as that
            elif error.code != FORGOTTEN:
                raise

    def _log(self, job: DueJob) -> StoredAttempts:
        return StoredAttempts(self._foundation, _context(job))

    def _permits(self, job: DueJob) -> Permits:
        context = _context(job)
        signer = self._foundation.signer
        return Permits(self._client.speaking_for(signer, job.tenant, context.metadata))


async def report(permits: Permits, attempt: Attempt) -> None:
    """Tell compliance the outcome on record; a repeat changes nothing there.

    Raises:
        ComplianceUnreachable, ComplianceRefused: it is not on record there.
    """
    conclusion = attempt.conclusion
    if conclusion is None:
        return
    outcome = {
        "consumer_id": attempt.target.consumer_id,
        "outcome": conclusion.outcome,
        "started_at": conclusion.started_at,
        "ended_at": conclusion.ended_at,
        "discussed": conclusion.discussed,
        "raised": conclusion.raised,
    }
    given = {name: value for name, value in outcome.items() if value not in (None, ())}
    await _tell(permits, attempt, conclusion.report_id, given)


async def _tell(
    permits: Permits, attempt: Attempt, report_id: str, outcome: dict[str, Any]
) -> None:
    try:
        await permits.report_outcome(report_id, attempt.permit_id, outcome)
    except ComplianceRefused as error:
        if error.code != RESTRICTS_MORE:
            raise
        # What compliance has on record stands, however often it is told otherwise.
        log.error("outcome-restricts-less", attempt_id=attempt.attempt_id)


def _context(job: DueJob) -> Context:
    return Context(
        tenant=job.tenant,
        metadata=replace(job.metadata, actor=f"process:{job.kind}", causation_id=job.key),
    )
