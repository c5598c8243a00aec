"""A third party is asked for location information once, and told of no debt.

Once means one communication; a call that nobody answers is none. What may have been one counts.
"""

from datetime import datetime

from services.compliance.rules import exceptions, slots
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import OUTSIDE_FREQUENCY, Gate, instant_text
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import LOCATION_PURPOSES
from services.compliance.rules.slots import Slot

ESTATE = "estate_representative_information"


def location_contact(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to what goes beyond the one question (12 CFR 1006.10(b)-(c), 15 USC 1692b)."""
    request = gate.request
    if request.purpose not in LOCATION_PURPOSES or gate.role in OUTSIDE_FREQUENCY:
        return None
    if "debt_owed" in request.says:
        return terms.objection(
            "deny",
            "Somebody who is asked for location information may not be told of a debt.",
            {"party_id": request.party_id},
        )
    if request.purpose == ESTATE and not gate.is_deceased:
        return terms.objection(
            "deny",
            "Who acts for an estate is asked only of a consumer known to have died.",
            {"party_id": request.party_id},
        )
    before = None if gate.is_treated_as_consumer else _communication(gate, at)
    if before is None or request.renewed_for is not None:
        return None
    return terms.objection(
        "deny",
        "This person has been asked for location information before.",
        {"attempt": before.permit_id, "at": instant_text(slots.latest_instant(before))},
        exceptions.once_expired(gate, at, lambda when: _communication(gate, when) is None),
    )


def _communication(gate: Gate, at: datetime) -> Slot | None:
    """Return an attempt by which this person was, or may have been, asked before."""
    for slot in gate.slots:
        if slot.request.party_id == gate.request.party_id and slots.is_location_contact(slot, at):
            return slot
    return None
