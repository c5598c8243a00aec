"""Turns a request for an attempt into a question to compliance, and its answer into a command."""

from hashlib import sha256
from typing import Any

from services.contact.attempts import domain as attempts
from services.contact.attempts.bodies import AttemptBody
from services.contact.attempts.domain import commands
from services.contact.attempts.domain.events import Aim, Content
from services.contact.attempts.domain.refusals import (
    ContentMissing,
    ContentUnexpected,
    NotThatParty,
)
from services.contact.attempts.jobs import BODY_FIELD, SUBJECT_FIELD, contact_of
from services.contact.foreign import PlacedParty
from services.contact.permit_client import Decision, Permits
from services.contact.profiles import views
from services.contact.profiles.accounts import NO_SUCH_ACCOUNT
from services.contact.profiles.domain.deciding import MEDIA_OF
from services.contact.profiles.domain.refusals import (
    AccountNotFound,
    ContactPointNotFound,
    MediumDoesNotFit,
)
from shared.eventstore import codec
from shared.eventstore.transact import Issue
from shared.http.call import Call
from shared.http.compliance_client import ComplianceRefused, ComplianceUnreachable
from shared.kernel.errors import InvariantViolated
from shared.vault.content import content_digest


async def aim_at(call: Call, body: AttemptBody) -> Aim:
    """Find out whom the attempt would reach.

    Raises:
        AccountNotFound, ContactPointNotFound, MediumDoesNotFit, NotThatParty: as said.
        ContentMissing, ContentUnexpected: the channel needs, or has no, message.
    """
    rows = await call.rows(views.account_and_point(body.account_id, body.contact_point_id))
    if not rows:
        raise AccountNotFound(NO_SUCH_ACCOUNT, pointer="/account_id")
    row = rows[0]
    call.about(row["correlation_id"], row["traceparent"])
    if row["contact_point_id"] is None:
        raise ContactPointNotFound(
            "nobody on this account has such a contact point: list those of its consumers",
            pointer="/contact_point_id",
        )
    if body.channel not in MEDIA_OF[row["kind"]]:
        raise MediumDoesNotFit(
            "this channel cannot reach that point: call a phone, e-mail an e-mail address",
            pointer="/channel",
        )
    if body.technology != "live" and body.channel != "call":
        raise MediumDoesNotFit(
            "only calls are told apart by technology: leave it out", pointer="/technology"
        )
    return Aim(
        consumer_id=row["consumer_id"],
        account_ids=(body.account_id,),
        party_id=_party(body, row),
        channel=body.channel,
        contact_point_id=body.contact_point_id,
        purpose=body.purpose,
        content_digest=await _digest(call, body),
        act=body.intended_act,
        in_reply_to=body.in_reply_to,
        portion=body.portion,
        renewed_for=body.renewed_for,
        technology=body.technology,
        disclosures=tuple(body.disclosures),
    )


def _party(body: AttemptBody, row: Any) -> str:
    party_id: str = row["party_id"] or row["consumer_id"]
    same = {party_id}
    for party in codec.decode(tuple[PlacedParty, ...], row["parties"]):
        if party.consumer_id == party_id:
            same.add(party.party_id)
    if body.party_id is not None and body.party_id not in same:
        raise NotThatParty(
            "the contact point is not that party's: name its owner, or leave the party out",
            pointer="/party_id",
        )
    return party_id


async def _digest(call: Call, body: AttemptBody) -> str:
    if body.channel == "call":
        if body.content is not None:
            raise ContentUnexpected("a call has no message: leave it out", pointer="/content")
        return ""
    if body.content is None:
        raise ContentMissing(
            "an e-mail needs a message: give its subject and text", pointer="/content"
        )
    return await content_digest(
        call.foundation.sealer, call.tenant, body.content.subject, body.content.text
    )


async def ask(call: Call, permits: Permits, aim: Aim, body: AttemptBody) -> Decision:
    """Ask compliance; a repeat under the caller's key gets the same decision.

    Raises:
        ComplianceUnreachable: no decision, also where compliance refuses to make one.
        IdempotencyKeyReused: the key was used with another request.
    """
    if call.idempotency is None:
        raise InvariantViolated("an attempt is requested under an idempotency key")
    question = contact_of(aim)
    if body.seen:
        question["seen"] = [each.model_dump() for each in body.seen]
    key = sha256(f"attempt {call.idempotency.key}".encode()).hexdigest()
    try:
        return await permits.request(f"attempt.{key}", question)
    except ComplianceRefused as error:
        raise ComplianceUnreachable(error.code) from error


async def content_of(call: Call, aim: Aim, body: AttemptBody) -> Content | None:
    """Seal the message of an e-mail."""
    if body.content is None:
        return None
    subject, text = await call.foundation.sealer.seal_many(
        call.tenant,
        [
            (aim.consumer_id, SUBJECT_FIELD, body.content.subject),
            (aim.consumer_id, BODY_FIELD, body.content.text),
        ],
    )
    return Content(subject=subject, body=text)


def decided(decision: Decision, aim: Aim, content: Content | None, agent: str) -> Issue:
    """Return the issue that records a decision; only a permitted message is kept."""
    attempt_id = attempts.attempt_id_of(decision.id)
    same: dict[str, Any] = {
        "attempt_id": attempt_id,
        "aim": aim,
        "permit_id": decision.id,
        "agent": agent,
    }

    def command(moment: Any) -> commands.Command:
        verdict, expires_at = decision.decision, decision.expires_at
        if verdict == "permit":
            if expires_at is None:
                raise InvariantViolated("a permit without an end")
            flags = tuple(each.flag for each in decision.flags)
            return commands.PermitAttempt(
                expires_at=expires_at, flags=flags, content=content, now=moment.now, **same
            )
        return commands.VetoAttempt(
            verdict=verdict,
            rules=tuple(each.rule for each in decision.objections),
            earliest_permitted_at=decision.earliest_permitted_at,
            now=moment.now,
            **same,
        )

    return Issue(stream=attempts.stream(attempt_id), decider=attempts.ATTEMPTS, command=command)
