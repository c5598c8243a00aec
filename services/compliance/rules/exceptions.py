"""The narrow ways around a bar: one reply to each message, one bare confirmation of an opt-out.

An allowance is used up by the grant and comes back only when that permit is not used.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.compliance.rules import facts, local_time, slots
from services.compliance.rules.facts import (
    InboundMessage,
    Lifted,
    OptOut,
    PriorConsent,
    WeeklyWindow,
)
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate, Known
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import ELECTRONIC, dispatch_bound, medium_of
from services.compliance.rules.weekly import but_for

EXCEPTION = "excepted_purpose"
"""The fact of a flag that shows which purpose lifted a rule."""


def on_callers_word(terms: Terms, gate: Gate, facts: dict[str, str | int]) -> Flag | None:
    """Show that the purpose lifted a rule that objects otherwise, where the terms ask for that.

    Nobody but the caller says what a contact is for, so someone has to be able to look.
    """
    purpose = gate.request.purpose
    if purpose not in terms.names.get("flagged_purposes", ()):
        return None
    return terms.flag(
        "The law excepts this purpose; that the contact has it is the caller's word alone.",
        {**facts, EXCEPTION: purpose},
    )


def reply_to(gate: Gate, at: datetime) -> InboundMessage | None:
    """Return the newest message that this request may answer, in the same medium."""
    request = gate.request
    if request.act != "reply":
        return None
    answered = {slot.answers for slot in gate.slots if slot.answers and slots.is_taken(slot, at)}
    candidates = [
        message
        for _, message in gate.of(InboundMessage)
        if message.message_id not in answered
        and message.received_at <= at
        and medium_of(message.channel) == medium_of(request.channel)
        and gate.is_about(message.party_id)
        and message.contact_point_id in (None, request.contact_point_id)
        and request.in_reply_to in (None, message.message_id)
        and at < facts.reply_until(message)
    ]
    return max(candidates, key=lambda each: (each.received_at, each.message_id), default=None)


def once_expired(
    gate: Gate, at: datetime, is_allowed: Callable[[datetime], bool]
) -> datetime | None:
    """Return when something is allowed because permits that are outstanding have expired by then.

    What they hold (the one reply, the one confirmation, a review) comes back unless they are used.
    """
    ends = {
        local_time.whole_second(slot.expires_at) for slot in gate.slots if slots.is_open(slot, at)
    }
    return next((each for each in sorted(ends) if is_allowed(each)), None)


def is_consented(gate: Gate, at: datetime, bar: Lifted, *, since: datetime | None = None) -> bool:
    """Tell whether the person's consent or a court's permission lifts a bar (1006.6(b)(4)).

    Consent counts only if given directly to this collector, beforehand, and during a communication
    that was lawful itself (comments 6(b)(4)(i)-1 and -2); with `since`, not if given before that.
    """
    return any(lifts(consent, bar, since) for consent in consents_in_force(gate, at))


def lifts(consent: PriorConsent, bar: Lifted, since: datetime | None) -> bool:
    """Tell whether a consent that is in force lifts a bar at whatever time."""
    is_late_enough = since is None or consent.received_at >= since
    return bar in consent.lifts and not consent.windows and is_late_enough


def since(terms: Terms, said_at: datetime) -> datetime | None:
    """Return from when on a consent must be to lift what was said; None where any does.

    What somebody says takes back the consent that they gave before it.
    """
    return said_at if "later_consent" in terms.names.get("lifted_by", ()) else None


def convenient_times(
    consents: Iterable[PriorConsent], sources: Collection[str]
) -> tuple[WeeklyWindow, ...]:
    """Return the windows in which contact is welcome, as far as those sources can say so."""
    return tuple(
        window
        for consent in consents
        if consent.source in sources and "time" in consent.lifts
        for window in consent.windows
    )


def yielding(
    where: ZoneInfo, bar: local_time.Bar, windows: Sequence[WeeklyWindow]
) -> local_time.Bar:
    """Return what is left of a bar of a zone's clock; windows stated in another leave it whole."""
    return but_for(bar, [each for each in windows if each.zone in (None, where.key)])


def consents_in_force(gate: Gate, at: datetime) -> Iterable[PriorConsent]:
    """Return the consents and permissions that hold for the request at an instant."""
    return consents_until(gate, at, until=at + dispatch_bound(gate.request.channel))


def consents_until(gate: Known[Any], at: datetime, *, until: datetime) -> Iterable[PriorConsent]:
    """Return the consents and permissions that hold at an instant and until another."""
    for _, consent in gate.of(PriorConsent):
        if gate.is_about(consent.party_id) and _holds(gate, consent, at, until):
            yield consent


def is_disclosure_consented(gate: Gate, at: datetime) -> bool:
    """Tell whether the consumer, or a court, lets the debt be talked of with whom the request is
    for: the consent is the consumer's own and names that person (1006.6(d)(2), comment -1).
    """
    until = at + dispatch_bound(gate.request.channel)
    return any(
        consent.party_id in (None, gate.request.consumer_id)
        and gate.request.party_id in consent.third_parties
        and _holds(gate, consent, at, until)
        for _, consent in gate.of(PriorConsent)
    )


def _holds(gate: Known[Any], consent: PriorConsent, at: datetime, until: datetime) -> bool:
    if consent.source == "person" and not is_direct(consent):
        return False
    if consent.withdrawn_at is not None or consent.received_at > at:
        return False
    return _covers_all(gate, consent.account_ids) and (
        consent.until is None or until <= consent.until
    )


def lawful_until(
    bars: Iterable[tuple[ZoneInfo, local_time.Bar]], consents: Iterable[PriorConsent], at: datetime
) -> datetime:
    """Return when the clock first bars what it does not bar at `at`, or one of the consents ends; a
    day later at most.
    """
    clocks = (
        local_time.clear_until(where, bar, at)
        for where, bar in bars
        if not local_time.is_barred(where, bar, at)
    )
    ends = (each.until for each in consents if each.until is not None)
    return min((*clocks, *ends), default=at + timedelta(days=1))


def is_direct(consent: PriorConsent) -> bool:
    """Tell whether consent was given to this collector, in a communication lawful itself."""
    return consent.given_to == "this_collector" and consent.is_lawfully_given


def _covers_all(gate: Known[Any], account_ids: tuple[str, ...]) -> bool:
    return not account_ids or gate.requested <= set(account_ids)


def is_in_portal(gate: Gate, at: datetime) -> bool:
    """Tell whether the person is in the portal at that instant."""
    return any(
        message.channel == "portal"
        and gate.is_about(message.party_id)
        and message.received_at <= at
        and (message.until is not None and at < message.until)
        for _, message in gate.of(InboundMessage)
    )


def is_allowance(gate: Gate, at: datetime) -> bool:
    """Tell whether the request is the one reply to a message, or a bare confirmation."""
    return reply_to(gate, at) is not None or bool(confirmable(gate, at))


def is_reply_since(gate: Gate, at: datetime, since: datetime) -> bool:
    """Tell whether the request answers a message the person sent after `since`."""
    message = reply_to(gate, at)
    return message is not None and message.received_at > since


def next_reply_since(gate: Gate, at: datetime, since: datetime) -> datetime | None:
    """Return when the reply to such a message comes back from a permit that expires unused."""
    return once_expired(gate, at, lambda when: is_reply_since(gate, when, since))


def confirmable(gate: Gate, at: datetime) -> tuple[str, ...]:
    """Return the opt-outs that this request, holding nothing else, may confirm (1006.14(h)(2))."""
    request = gate.request
    if request.act != "opt_out_confirmation" or request.channel not in ELECTRONIC:
        return ()
    confirmed = {
        key
        for slot in gate.slots
        if slot.confirms and slots.is_taken(slot, at)
        for key in slot.confirms
    }
    return tuple(
        key for key, opt_out in gate.of(OptOut) if binds(gate, opt_out) and key not in confirmed
    )


def binds(gate: Gate, opt_out: OptOut) -> bool:
    """Tell whether an opt-out bars the requested use: the medium, the point, or both."""
    request = gate.request
    if opt_out.party_id is not None and opt_out.party_id != request.party_id:
        return False
    if opt_out.medium is not None and opt_out.medium != medium_of(request.channel):
        return False
    if opt_out.contact_point_id is None and opt_out.digest is None:
        return True  # a medium, or nothing named at all: then every use
    return is_same_point(gate, opt_out)


def is_same_point(gate: Gate, opt_out: OptOut) -> bool:
    """Tell whether the opt-out names the requested contact point, by id or by digest."""
    if opt_out.contact_point_id is not None:
        if opt_out.contact_point_id == gate.request.contact_point_id:
            return True
    return opt_out.digest is not None and (
        gate.point is not None and gate.point.digest == opt_out.digest
    )
