"""Nothing while it is not certain which rules are in force."""

from datetime import datetime
from typing import Any

from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms


def rulebook_stale(terms: Terms, gate: Known[Any], at: datetime) -> Objection | None:
    """Object when activated packs could not be looked up in time, or not read (fail closed)."""
    if not gate.circumstances.is_rulebook_stale:
        return None
    unusable = gate.circumstances.unusable_packs
    if unusable:
        named = ", ".join(unusable)
        return terms.objection(
            "defer",
            f"The rule pack {named} cannot be used: nothing is decided until it is withdrawn or"
            " renewed.",
            {"packs": named},
        )
    return terms.objection("defer", "Which rule packs are in force could not be looked up in time.")
