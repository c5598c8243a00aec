"""What a profile answers to commands about contact points, consents and what it hears."""

from datetime import datetime, timedelta

from services.contact.profiles.domain import commands, events
from services.contact.profiles.domain.refusals import (
    ConsentNotFound,
    ContactPointNotFound,
    EndsBeforeItStarts,
    InTheFuture,
    MediumDoesNotFit,
)
from services.contact.profiles.domain.state import Profile

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a caller's clock may run ahead of ours; such an instant is taken as now."""

MEDIA_OF: dict[events.PointKind, tuple[str, ...]] = {
    "phone": ("call", "voicemail", "text"),
    "email": ("email",),
    "address": ("letter", "in_person"),
}


def record_point(command: commands.RecordContactPoint, state: Profile) -> tuple[events.Event, ...]:
    """Record a way to reach the consumer, once per account."""
    known = state.points.get(command.contact_point_id)
    account_ids = known.account_ids if known else ()
    if command.account_id in account_ids:
        return ()
    return (
        events.ContactPointRecorded(
            consumer_ids=(command.consumer_id,),
            contact_point_id=command.contact_point_id,
            account_ids=(*account_ids, command.account_id),
            kind=command.kind,
            label=command.label,
            value=command.value,
            digest=command.digest,
            zones=command.zones,
            states=command.states,
            localities=command.localities,
            source=command.source,
            at=command.now,
            party_id=command.party_id,
            obtained_on=command.obtained_on,
            is_public_domain=command.is_public_domain,
        ),
    )


def record_consent(command: commands.RecordConsent, state: Profile) -> tuple[events.Event, ...]:
    """Record a consent once, for a point that can be used in that medium."""
    if command.consent_id in state.consents:
        return ()
    if command.contact_point_id is not None and command.must_know_point:
        require_fit(state, command.contact_point_id, command.medium)
    if command.is_for_automated and command.medium == "email":
        raise MediumDoesNotFit(
            "no autodialer sends e-mail: give the consent for calls or texts",
            pointer="/is_for_automated",
        )
    return (
        events.ConsentRecorded(
            consumer_ids=(command.consumer_id,),
            consent_id=command.consent_id,
            account_ids=command.account_ids,
            medium=command.medium,
            procedure=command.procedure,
            given_to=command.given_to,
            given_at=past(command.given_at, command.now, "/given_at"),
            at=command.now,
            contact_point_id=command.contact_point_id,
            opt_out_ends_on=command.opt_out_ends_on,
            confirmed_at=command.confirmed_at
            and past(command.confirmed_at, command.now, "/confirmed_at"),
            expires_on=command.expires_on,
            party_id=command.party_id,
            is_for_automated=command.is_for_automated,
            notice=command.notice,
            prior_collectors=command.prior_collectors,
            confirmed_by=command.confirmed_by,
        ),
    )


def withdraw_consent(command: commands.WithdrawConsent, state: Profile) -> tuple[events.Event, ...]:
    """End a consent, once."""
    if command.consent_id not in state.consents:
        raise ConsentNotFound(
            "the consumer has given no such consent: list theirs, and name one of them"
        )
    if command.consent_id in state.withdrawn:
        return ()
    automated = state.automated(command.consent_id)
    return (
        events.ConsentWithdrawn(
            consumer_ids=(command.consumer_id,),
            consent_id=command.consent_id,
            withdrawn_at=past(command.withdrawn_at, command.now, "/withdrawn_at"),
            at=command.now,
            is_for_automated=automated is not None,
            given_at=None if automated is None else automated.given_at,
            contact_point_id=None if automated is None else automated.contact_point_id,
            party_id=None if automated is None else automated.party_id,
            expires_on=None if automated is None else automated.expires_on,
            account_ids=() if automated is None else automated.account_ids,
        ),
    )


def receive_message(command: commands.ReceiveMessage, state: Profile) -> tuple[events.Event, ...]:
    """Record that the person wrote."""
    if command.message_id in state.heard:
        return ()
    party_id = None
    if command.contact_point_id is not None:
        require_fit(state, command.contact_point_id, command.channel)
        party_id = state.points[command.contact_point_id].party_id
    received_at = past(command.received_at, command.now, "/received_at")
    if command.until is not None and command.until < received_at:
        raise EndsBeforeItStarts(
            "the session ends before it starts: give an end after the message was received",
            pointer="/until",
        )
    return (
        events.InboundMessageReceived(
            consumer_ids=(command.consumer_id,),
            message_id=command.message_id,
            channel=command.channel,
            contact_point_id=command.contact_point_id,
            account_ids=command.account_ids,
            body=command.body,
            received_at=received_at,
            at=command.now,
            until=command.until,
            party_id=party_id,
        ),
    )


def receive_call(command: commands.ReceiveCall, state: Profile) -> tuple[events.Event, ...]:
    """Record that the person telephoned."""
    if command.message_id in state.heard:
        return ()
    party_id = None
    if command.contact_point_id is not None:
        require_fit(state, command.contact_point_id, "call")
        party_id = state.points[command.contact_point_id].party_id
    started_at = past(command.started_at, command.now, "/started_at")
    ended_at = past(command.ended_at, command.now, "/ended_at")
    if ended_at < started_at:
        raise EndsBeforeItStarts(
            "the call ends before it starts: give an end at or after the start",
            pointer="/ended_at",
        )
    return (
        events.InboundCallReceived(
            consumer_ids=(command.consumer_id,),
            message_id=command.message_id,
            contact_point_id=command.contact_point_id,
            account_ids=command.account_ids,
            is_conversation=command.is_conversation,
            started_at=started_at,
            ended_at=ended_at,
            at=command.now,
            party_id=party_id,
        ),
    )


def require_fit(state: Profile, contact_point_id: str, medium: str | None = None) -> None:
    """Refuse a point that is not known, or that the medium, if one is named, cannot reach.

    Raises:
        ContactPointNotFound, MediumDoesNotFit: as said.
    """
    point = state.points.get(contact_point_id)
    if point is None:
        raise ContactPointNotFound(
            "the consumer has no such contact point: list theirs, and name one of them",
            pointer="/contact_point_id",
        )
    if medium is not None and medium not in MEDIA_OF[point.kind]:
        raise MediumDoesNotFit(
            "this medium cannot reach that contact point: name another, or use this one for "
            + " or ".join(MEDIA_OF[point.kind]),
            pointer="/contact_point_id",
        )


def past(instant: datetime | None, now: datetime, pointer: str) -> datetime:
    """Return an instant that is not after now; none is now.

    Raises:
        InTheFuture: it lies further ahead than clocks differ.
    """
    if instant is None:
        return now
    if instant - now > CLOCK_TOLERANCE:
        raise InTheFuture(
            "this lies in the future: give an instant up to now, or set your clock", pointer=pointer
        )
    return min(instant, now)
