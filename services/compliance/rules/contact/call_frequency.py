"""At most seven calls to a person about a debt in seven days.

The days are local dates of the person, any seven in a row. Every number of the person counts
together; an attempt counts at the latest instant it can have happened.
"""

from datetime import datetime

from services.compliance.rules import counting, rebuttal
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate, instant_text
from services.compliance.rules.pack import Terms
from services.compliance.rules.slots import Slot


def call_frequency(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object to the eighth call (12 CFR 1006.14(b)(2)(i)(A)), consent apart (b)(3)(i)."""
    if not counting.is_telephone(gate):
        return None
    full = [each for debt in gate.debts if (each := _reached(terms, gate, debt, at))]
    if not full:
        return None
    calls = max(count for _, count, _ in full)
    days, calls_max = terms.numbers["days"], terms.numbers["calls_max"]
    objection = terms.objection(
        "defer",
        f"{calls} calls to this person about this debt already fall within {days} days;"
        f" at most {calls_max} may.",
        {
            "debts": ", ".join(debt for debt, _, _ in full),
            "calls": calls,
            "calls_max": calls_max,
            "window_from": instant_text(counting.window_start(gate.counting_zones, at, days)),
        },
        max(earliest for _, _, earliest in full),
    )
    return rebuttal.weighed(terms, gate, at, objection)


def calls_in_window(terms: Terms, gate: Gate, party_id: str, debt: str, at: datetime) -> list[Slot]:
    """Return the calls to a person about a debt that fall within the days that end with `at`."""
    numbers = terms.numbers
    found = counting.calls_toward(
        gate,
        party_id,
        debt,
        at,
        numbers["consent_days"],
        with_raised=counting.is_raised_counted(terms),
    )
    return counting.within(gate.counting_zones, found, at, numbers["days"])


def _reached(terms: Terms, gate: Gate, debt: str, at: datetime) -> tuple[str, int, datetime] | None:
    numbers = terms.numbers
    party_id = gate.request.party_id
    found = calls_in_window(terms, gate, party_id, debt, at)
    earliest = counting.has_room_at(
        gate.counting_zones, found, at, numbers["days"], numbers["calls_max"]
    )
    if earliest is None:
        return None
    bound = counting.bound(gate)
    spans = counting.consent_spans(
        gate,
        party_id,
        debt,
        numbers["consent_days"],
        with_raised=counting.is_raised_counted(terms),
    )
    if counting.is_lifted(spans, at, bound):
        return None
    lift = counting.next_lift(spans, at, bound)
    return debt, len(found), earliest if lift is None else min(earliest, lift)
