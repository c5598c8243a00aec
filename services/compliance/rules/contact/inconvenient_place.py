"""A place named as inconvenient is left alone, through every medium tied to it.

Mail and landlines are tied to a place; mobile phones, texts and e-mail only while the person is
known to be there. Asked to clarify, the person may have meant only some media; who wants no call
at a place wants no visit there.
"""

from datetime import datetime

from services.compliance.rules import exceptions, local_time
from services.compliance.rules.facts import Channel, ContactPointKnown, InconvenientPlace
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import ELECTRONIC, medium_of

HOME_LABELS = frozenset({"home", "landline", "home_landline", "residential"})


def inconvenient_place(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to media tied to the place (12 CFR 1006.6(b)(1)(ii), comment -1.i)."""
    for key, fact in gate.of(InconvenientPlace):
        if _is_barred(terms, gate, fact, at):
            return terms.objection(
                "deny",
                "The person has named this place as inconvenient.",
                {"fact": key, "place": fact.place},
                _next_clear(terms, gate, fact, at),
            )
    return None


def _is_barred(terms: Terms, gate: Gate, fact: InconvenientPlace, at: datetime) -> bool:
    if not gate.is_about(fact.party_id):
        return False
    is_there = fact.is_present and (fact.present_until is None or at < fact.present_until)
    if not is_there and not _is_meant(gate, fact):
        return False
    if exceptions.is_consented(gate, at, "place", since=exceptions.since(terms, fact.received_at)):
        return False
    return not exceptions.is_reply_since(gate, at, fact.received_at)


def _next_clear(terms: Terms, gate: Gate, fact: InconvenientPlace, at: datetime) -> datetime | None:
    """Return when the person has left, or may be answered again."""
    again = exceptions.once_expired(gate, at, lambda when: not _is_barred(terms, gate, fact, when))
    leaves = None if fact.present_until is None else local_time.whole_second(fact.present_until)
    ends = (leaves if leaves and not _is_barred(terms, gate, fact, leaves) else None, again)
    return min((each for each in ends if each is not None and each > at), default=None)


def _is_meant(gate: Gate, fact: InconvenientPlace) -> bool:
    """Tell whether the medium is one that the person meant, or is tied to the place."""
    if fact.media and _named_by(gate.request.channel).isdisjoint(fact.media):
        return False
    is_named = bool(fact.media) and gate.request.channel in ELECTRONIC
    return is_named or is_tied(gate.point, fact.place)


def _named_by(channel: Channel) -> frozenset[str]:
    medium = medium_of(channel)
    return frozenset({medium, "call"} if medium == "in_person" else {medium})


def is_tied(point: ContactPointKnown | None, place: str) -> bool:
    """Tell whether a contact point leads to a place, as far as is known."""
    if point is None or point.point_kind == "email" or point.label == "mobile":
        return False
    if place == "work":
        return point.label == "work"
    # A letter or a landline that is not known to lead elsewhere leads home.
    return point.label in HOME_LABELS or (point.point_kind == "address" and point.label != "work")
