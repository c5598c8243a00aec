"""A confirmation of a stop is presumed welcome only for some minutes.

Later it takes a showing that the delay was reasonable, which a human makes. Texts that no machine
sends are outside the TCPA: they have one bare confirmation and no minutes (1006.14(h)(2)).
"""

from datetime import datetime, timedelta

from services.compliance.rules import exceptions, lines
from services.compliance.rules.facts import OptOut
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate, instant_text
from services.compliance.rules.pack import Terms


def revocation_confirmation(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Question an automated confirmation by text that comes late (47 CFR 64.1200(a)(12))."""
    if gate.request.channel != "text" or not lines.is_automated(gate):
        return None
    received = _confirmed_since(gate, at)
    if received is None or is_presumed_welcome(terms, received, at):
        return None
    return terms.objection(
        "review",
        "The confirmation comes later than what is presumed to be consented to.",
        {"opted_out_at": instant_text(received), "minutes_max": terms.numbers["minutes"]},
        exceptions.once_expired(gate, at, lambda when: _is_timely(terms, gate, when)),
    )


def _is_timely(terms: Terms, gate: Gate, at: datetime) -> bool:
    received = _confirmed_since(gate, at)
    return received is not None and is_presumed_welcome(terms, received, at)


def _confirmed_since(gate: Gate, at: datetime) -> datetime | None:
    """Return when the newest of the opt-outs confirmed was received."""
    confirmed = exceptions.confirmable(gate, at)
    received = (fact.received_at for key, fact in gate.of(OptOut) if key in confirmed)
    return max(received, default=None)


def is_presumed_welcome(terms: Terms, received_at: datetime, at: datetime) -> bool:
    """Tell whether a confirmation at that instant is presumed to be within the consent."""
    return received_at <= at <= received_at + timedelta(minutes=terms.numbers["minutes"])
