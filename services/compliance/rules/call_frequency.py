"""At most seven calls to a person about a debt in seven days.

The days are local dates of the person, any seven in a row. Every number of the person counts
together; an attempt counts at the latest instant it can have happened.
"""

from datetime import datetime

from services.compliance.rules import counting, local_time, slots
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate, instant_text
from services.compliance.rules.request import ContactRequest


def call_frequency(request: ContactRequest, gate: Gate, at: datetime) -> Objection | None:
    """Object to the eighth call (12 CFR 1006.14(b)(2)(i)(A)), consent apart (b)(3)(i)."""
    if not counting.is_telephone(gate):
        return None
    full = [each for each in map(lambda debt: _reached(gate, debt, at), gate.debts) if each]
    if not full:
        return None
    terms = gate.terms("call-frequency")
    calls = max(count for _, count, _ in full)
    days = terms.numbers["days"]
    start = counting.window_start(gate.counting_zones, at, days)
    return gate.objection(
        "call-frequency",
        "defer",
        f"{calls} calls to this person about this debt already fall within {days} days;"
        f" at most {terms.numbers['calls_max']} may.",
        {
            "debts": ", ".join(debt for debt, _, _ in full),
            "calls": calls,
            "calls_max": terms.numbers["calls_max"],
            "window_from": instant_text(start),
        },
        max(earliest for _, _, earliest in full),
    )


def calls_in_window(gate: Gate, party_id: str, debt: str, at: datetime) -> int:
    """Count the calls to a person about a debt within the days that end with `at`."""
    return len(_in_window(gate, party_id, debt, at))


def _in_window(gate: Gate, party_id: str, debt: str, at: datetime) -> list[slots.Slot]:
    days = gate.terms("call-frequency").numbers["days"]
    start = counting.window_start(gate.counting_zones, at, days)
    return [
        slot
        for slot in counting.calls_toward(gate, party_id, debt, at)
        if slots.latest_instant(slot) >= start
    ]


def _reached(gate: Gate, debt: str, at: datetime) -> tuple[str, int, datetime] | None:
    numbers = gate.terms("call-frequency").numbers
    party_id = gate.request.party_id
    found = _in_window(gate, party_id, debt, at)
    excess = len(found) - (numbers["calls_max"] - 1)
    if excess <= 0:
        return None
    bound = counting.bound(gate)
    spans = counting.consent_spans(gate, party_id, debt)
    if counting.is_lifted(spans, at, bound):
        return None
    leaving = sorted(_leaves_at(gate, slot, at) for slot in found)
    earliest = local_time.whole_second(leaving[excess - 1])
    lift = counting.next_lift(spans, at, bound)
    return debt, len(found), earliest if lift is None else min(earliest, lift)


def _leaves_at(gate: Gate, slot: slots.Slot, at: datetime) -> datetime:
    days = gate.terms("call-frequency").numbers["days"]
    leaves = counting.leaves_at(gate.counting_zones, slots.latest_instant(slot), days)
    return min(leaves, slot.expires_at) if slots.is_open(slot, at) else leaves
