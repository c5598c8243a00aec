"""Consent is not asked for in a conversation that may not be going on in the first place.

A collector may ask when and where contact would suit, but not whether to go on with a conversation
at an inconvenient time or place: consent is good only from a communication that violates nothing of
12 CFR 1006.6(b)(1) to (3). One that the person began is judged alike: the protective reading.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.compliance.rules import exceptions, local_time
from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import AskInConversation
from services.compliance.rules.contact.inconvenient_place import is_tied
from services.compliance.rules.contact.inconvenient_time import named_times
from services.compliance.rules.facts import (
    AttorneyRetained,
    ContactPointKnown,
    EmployerProhibition,
    InconvenientPlace,
    InconvenientTime,
    Lifted,
    PriorConsent,
)
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms
from services.compliance.rules.weekly import assumed_hours
from shared.kernel.records import record

_INSTANT = timedelta(seconds=1)


@record
class _Bar:
    """What bars the conversation, the consent that would lift it, and the fact behind it."""

    lift: Lifted
    reason: str
    fact: str = ""


def consent_question(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to asking for consent during an unlawful conversation (comment 6(b)(4)(i)-1)."""
    act = _asked(terms, gate)
    if act is None:
        return None
    bar = _barred_by(terms, gate, act, at)
    if bar is None:
        return None
    return terms.objection(
        "deny",
        f"{bar.reason}, so consent given now would count for nothing. What time or place would be"
        " convenient may be asked.",
        {"fact": bar.fact} if bar.fact else {},
        _next_clear(terms, gate, act, at),
    )


def lawful_until(terms: Terms, gate: ActGate, at: datetime) -> datetime:
    """Return when the clock first bars a question allowed at `at`, or what lifts a bar ends; a day
    later at most.
    """
    if _asked(terms, gate) is None:
        return at + timedelta(days=1)
    return exceptions.lawful_until(_clocks(terms, gate, at), _consents(gate, at), at)


def _asked(terms: Terms, gate: ActGate) -> AskInConversation | None:
    """Return the question, if it is one of those for consent."""
    act = gate.request.act
    if isinstance(act, AskInConversation) and act.question in terms.names["questions"]:
        return act
    return None


def _barred_by(terms: Terms, gate: ActGate, act: AskInConversation, at: datetime) -> _Bar | None:
    lifted = {
        each for consent in _consents(gate, at) if not consent.windows for each in consent.lifts
    }
    return next((each for each in _bars(terms, gate, act, at) if each.lift not in lifted), None)


def _consents(gate: ActGate, at: datetime) -> Iterable[PriorConsent]:
    return exceptions.consents_until(gate, at, until=at + _INSTANT)


def _next_clear(
    terms: Terms, gate: ActGate, act: AskInConversation, at: datetime
) -> datetime | None:
    """Return when the clock allows it and the person has left where it is inconvenient."""
    clocks = _clocks(terms, gate, at)
    leaves = [fact.present_until for _, fact in gate.of(InconvenientPlace) if fact.present_until]
    tried = [at, *(local_time.whole_second(each) for each in leaves if each > at)]
    cleared = (local_time.first_clear(clocks, each, _INSTANT) for each in tried)
    found = {*tried[1:], *(each for each in cleared if each is not None and each > at)}
    return next(
        (each for each in sorted(found) if _barred_by(terms, gate, act, each) is None), None
    )


def _clocks(terms: Terms, gate: ActGate, at: datetime) -> list[tuple[ZoneInfo, local_time.Bar]]:
    return [*_hours(terms, gate, at), *named_times(gate, _consents(gate, at))]


def _bars(terms: Terms, gate: ActGate, act: AskInConversation, at: datetime) -> Iterator[_Bar]:
    if not _is_within_hours(terms, gate, at):
        yield _Bar(lift="time", reason="It is outside the convenient hours where the person may be")
    named = named_times(gate, _consents(gate, at))
    if any(local_time.is_barred(where, bar, at) for where, bar in named):
        keys = ", ".join(key for key, _ in gate.of(InconvenientTime))
        yield _Bar(lift="time", reason="The time is known to be inconvenient", fact=keys)
    point = _point(gate, act)
    for key, place in gate.of(InconvenientPlace):
        is_there = place.is_present and (place.present_until is None or at < place.present_until)
        is_met = point is None or is_there or is_tied(point, place.place)
        if is_met and gate.is_about(place.party_id):
            yield _Bar(lift="place", reason="The place is known to be inconvenient", fact=key)
    for key, employer in gate.of(EmployerProhibition):
        is_met = point is None or point.label == "work"
        if is_met and gate.is_about(employer.party_id):
            yield _Bar(lift="workplace", reason="The employer forbids such contact", fact=key)
    for key, attorney in gate.of(AttorneyRetained):
        if gate.covers(attorney.account_ids) and attorney.is_reachable:
            yield _Bar(lift="attorney", reason="The consumer has an attorney", fact=key)


def _point(gate: ActGate, act: AskInConversation) -> ContactPointKnown | None:
    """Return the person's own contact point; without one, the person may be at any place."""
    return next(
        (
            fact
            for _, fact in gate.of(ContactPointKnown)
            if fact.contact_point_id == act.contact_point_id
            and gate.is_about(fact.party_id)
            and fact.contact_point_id not in gate.wrong_points
        ),
        None,
    )


def _is_within_hours(terms: Terms, gate: ActGate, at: datetime) -> bool:
    """Tell whether it is within the assumed hours everywhere; a zone nobody knows is a no."""
    is_known = 0 < len(gate.zone_names) == len(gate.zones)
    return is_known and not any(
        local_time.is_barred(where, bar, at) for where, bar in _hours(terms, gate, at)
    )


def _hours(terms: Terms, gate: ActGate, at: datetime) -> list[tuple[ZoneInfo, local_time.Bar]]:
    bar = assumed_hours(terms.numbers["opens_minute"], terms.numbers["closes_minute"])
    windows = exceptions.convenient_times(_consents(gate, at), ("person", "court"))
    return [(each, exceptions.yielding(each, bar, windows)) for each in gate.zones]
