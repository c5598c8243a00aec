"""A gate that holds more than it is built for refuses rather than forgets."""

from datetime import datetime
from typing import Any

from services.compliance.rules import local_time, slots
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms


def gate_full(terms: Terms, gate: Known[Any], at: datetime) -> Objection | None:
    """Object when attempts or facts have reached the bound (fail closed)."""
    slots_max = terms.numbers["slots_max"]
    if len(gate.slots) < slots_max and not gate.is_overfull:
        return None
    kept = sorted(until for slot in gate.slots if (until := slots.kept_until(slot)) > at)
    excess = len(kept) - (slots_max - 1)
    if excess <= 0 and not gate.is_overfull:
        return None
    return terms.objection(
        "deny" if gate.is_overfull else "defer",
        "More is recorded of this consumer than a decision can stand on.",
        {"attempts": len(kept), "attempts_max": slots_max},
        None if gate.is_overfull else local_time.whole_second(kept[excess - 1]),
    )
