"""At most three prerecorded calls to a home in thirty days, unless the person consented.

Every prerecorded call to the person counts, to whatever number, and with consent or without.
"""

from datetime import datetime

from services.compliance.rules import counting, lines, slots
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate, instant_text
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import TELEPHONE


def prerecorded_residential(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to one more than allowed (47 CFR 64.1200(a)(3)(iii))."""
    request = gate.request
    if request.channel not in TELEPHONE or request.technology != "prerecorded":
        return None
    if not lines.may_be_residential(gate.labels.get(request.contact_point_id or "")):
        return None
    if lines.consents_in_force(gate, at):
        return None
    days, most = terms.numbers["days"], terms.numbers["calls_max"]
    counted = [
        slot
        for slot in gate.slots
        if slot.request.technology == "prerecorded"
        and slot.request.channel in TELEPHONE
        and slot.request.party_id == request.party_id
        and slot.request.contact_point_id not in gate.wrong_points
        and slots.is_taken(slot, at)
    ]
    within = counting.within(gate.counting_zones, counted, at, days)
    earliest = counting.has_room_at(gate.counting_zones, within, at, days, most)
    if earliest is None:
        return None
    return terms.objection(
        "defer",
        f"{len(within)} prerecorded calls already fall within {days} days; at most {most} may"
        " without consent.",
        {
            "calls": len(within),
            "calls_max": most,
            "window_from": instant_text(counting.window_start(gate.counting_zones, at, days)),
        },
        earliest,
    )
