"""A person is contacted at work only when not reached elsewhere, where a state asks for it."""

from datetime import datetime

from services.compliance.rules import counting, exceptions, slots
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms
from services.compliance.rules.places import place_of
from services.compliance.rules.slots import Slot


def work_contact_last(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to contact at work unless an attempt elsewhere failed within so many dates."""
    request = gate.request
    if request.channel not in terms.names["channels"]:
        return None
    if place_of(gate.labels.get(request.contact_point_id or "", "")) != "work":
        return None
    if exceptions.is_allowance(gate, at):
        return None
    tried = [each for each in gate.slots if _is_in_vain(gate, each, at)]
    if counting.within(gate.counting_zones, tried, at, terms.numbers["days"]):
        return None
    return terms.objection(
        "deny",
        "Nothing shows that the person cannot be reached at home.",
        {"contact_point_id": request.contact_point_id or ""},
        exceptions.once_expired(gate, at, lambda when: exceptions.is_allowance(gate, when)),
    )


def _is_in_vain(gate: Gate, slot: Slot, at: datetime) -> bool:
    return (
        slot.request.party_id == gate.request.party_id
        and slot.request.channel == "call"
        and slot.outcome is not None
        and slots.is_taken(slot, at)
        and slots.conversation_end(slot) is None
        and place_of(gate.labels.get(slot.request.contact_point_id or "", "")) != "work"
    )
