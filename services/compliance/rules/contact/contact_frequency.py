"""At most so many contacts in so many days, as states and cities count them.

Some count every channel, some count by account whoever is contacted, some only what goes to
work. Every attempt counts that was made or may have been made, reached or not: where the laws
leave room ("truly unable to reach"), the reading that protects is taken. A reply to the person's
own message, and what the law requires, is not barred; it counts all the same.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from services.compliance.rules import counting, exceptions, slots
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import OUTSIDE_FREQUENCY, Gate, instant_text
from services.compliance.rules.pack import Terms
from services.compliance.rules.places import place_of
from services.compliance.rules.slots import Slot

Per = Literal["debt", "account", "person"]
Counted = Literal["attempts", "conversations"]


def contact_frequency(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to one contact more than a state or city allows in a number of local dates."""
    if not _is_limited(terms, gate, at):
        return None
    days, most = terms.numbers["days"], terms.numbers["contacts_max"]
    worst: tuple[datetime, str, int] | None = None
    for what, counted in _counted(terms, gate, at):
        within = counting.within(gate.counting_zones, counted, at, days)
        earliest = counting.has_room_at(gate.counting_zones, within, at, days, most)
        if earliest is not None and (worst is None or earliest > worst[0]):
            worst = earliest, what, len(within)
    if worst is None:
        return None
    earliest, what, contacts = worst
    again = exceptions.once_expired(gate, at, lambda when: not _is_limited(terms, gate, when))
    if again is not None:
        earliest = min(earliest, again)
    return terms.objection(
        "defer",
        f"{contacts} contacts already fall within {days} days; at most {most} may.",
        {
            "counted": what,
            "contacts": contacts,
            "contacts_max": most,
            "window_from": instant_text(counting.window_start(gate.counting_zones, at, days)),
        },
        earliest,
    )


def _is_limited(terms: Terms, gate: Gate, at: datetime) -> bool:
    request, names = gate.request, terms.names
    if request.channel not in names["channels"] or gate.role in OUTSIDE_FREQUENCY:
        return False
    if request.purpose in names.get("exempt_purposes", ()):
        return False
    if request.purpose not in names.get("purposes", (request.purpose,)):
        return False
    if not _is_there(terms, gate, request.contact_point_id):
        return False
    return not exceptions.is_allowance(gate, at)


def _counted(terms: Terms, gate: Gate, at: datetime) -> Iterable[tuple[str, list[Slot]]]:
    """Yield what is counted apart, with all that counts toward it."""
    request, names = gate.request, terms.names
    found = [each for each in gate.slots if _counts(terms, gate, each, at)]
    match names["per"]:
        case ("debt",):
            own = [each for each in found if each.request.party_id == request.party_id]
            for debt in gate.debts:
                yield debt, [each for each in own if debt in _debts(terms, gate, each)]
        case ("account",):
            for account_id in request.account_ids:
                yield account_id, [each for each in found if account_id in _accounts(terms, each)]
        case _:
            yield (
                request.party_id,
                [each for each in found if each.request.party_id == request.party_id],
            )


def _counts(terms: Terms, gate: Gate, slot: Slot, at: datetime) -> bool:
    if slot.request.channel not in terms.names["channels"] or not slots.is_taken(slot, at):
        return False
    if slot.request.contact_point_id in gate.wrong_points:
        return False
    if slot.request.purpose not in terms.names.get("purposes", (slot.request.purpose,)):
        return False
    if gate.role_of(slot.request.party_id) in OUTSIDE_FREQUENCY:
        return False
    if not _is_there(terms, gate, slot.request.contact_point_id):
        return False
    if "conversations" in terms.names.get("counts", ()):
        return slots.conversation_end(slot) is not None
    return True


def _is_there(terms: Terms, gate: Gate, contact_point_id: str | None) -> bool:
    """Tell whether a contact point leads to one of the places meant; an unknown one does."""
    places = terms.names.get("places")
    if places is None:
        return True
    label = gate.labels.get(contact_point_id or "")
    return label is None or place_of(label) in places


def _accounts(terms: Terms, slot: Slot) -> tuple[str, ...]:
    if counting.is_raised_counted(terms):
        return counting.accounts_discussed(slot, with_raised=True)
    return counting.accounts_called(slot)


def _debts(terms: Terms, gate: Gate, slot: Slot) -> set[str]:
    return {gate.debt_of(each) for each in _accounts(terms, slot)}
