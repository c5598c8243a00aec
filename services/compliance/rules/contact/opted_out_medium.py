"""A medium the person asked not to be used is not used, for any debt and at once.

What somebody said by word of mouth is held to wherever they are spoken with, at the door too: who
wants no call wants no visit. Around a stop lead only one reply to each message the person starts in
that medium, one bare electronic confirmation, and what the law requires to go that way.
"""

from datetime import datetime

from services.compliance.rules import exceptions
from services.compliance.rules.facts import OptOut, OralStop
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import OUTSIDE_FREQUENCY, Gate
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import SPOKEN


def opted_out_medium(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object to the medium (12 CFR 1006.14(h)(1)); an oral stop ends calls and visits."""
    key = _stopped_by(gate, at)
    if key is None:
        return None
    if _is_required(terms, gate):
        return exceptions.on_callers_word(terms, gate, {"fact": key})
    return terms.objection(
        "deny",
        "The person has asked not to be contacted through this medium.",
        {"fact": key, "channel": gate.request.channel},
        exceptions.once_expired(gate, at, lambda when: _stopped_by(gate, when) is None),
    )


def _is_required(terms: Terms, gate: Gate) -> bool:
    purpose = gate.request.purpose
    is_by_mail = gate.request.channel == "letter"
    return purpose in terms.names["required_by_law"] or (
        is_by_mail and purpose in terms.names.get("required_by_mail", ())
    )


def _stopped_by(gate: Gate, at: datetime) -> str | None:
    confirmable = exceptions.confirmable(gate, at)
    stops: list[tuple[str, datetime]] = [
        (key, opt_out.received_at)
        for key, opt_out in gate.of(OptOut)
        if opt_out.contact_point_id is None
        and opt_out.digest is None
        and exceptions.binds(gate, opt_out)
        and key not in confirmable
    ]
    if gate.request.channel in SPOKEN and gate.role not in OUTSIDE_FREQUENCY:
        stops += [(key, stop.received_at) for key, stop in gate.of(OralStop)]
    for key, since in stops:
        if not exceptions.is_reply_since(gate, at, since):
            return key
    return None
