"""No contact on stale facts: something may have been said that has not arrived."""

from datetime import datetime
from typing import Any

from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms


def facts_stale(terms: Terms, gate: Known[Any], at: datetime) -> Objection | None:
    """Object when a feed is behind, or the caller has seen what the gate has not (fail closed)."""
    behind = [*gate.circumstances.stale, *gate.circumstances.unapplied]
    if gate.point is not None and not gate.circumstances.is_point_read:
        behind.append("opt-outs of the address")
    if not behind:
        return None
    return terms.objection(
        "defer",
        "What this decision would stand on is not up to date.",
        {"behind": ", ".join(behind)},
    )
