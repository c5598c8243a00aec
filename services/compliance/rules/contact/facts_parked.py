"""No contact while an event of this consumer is set aside unread."""

from datetime import datetime
from typing import Any

from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms


def facts_parked(terms: Terms, gate: Known[Any], at: datetime) -> Objection | None:
    """Object until a person retries or discards the parked event (fail closed)."""
    if not gate.circumstances.parked:
        return None
    return terms.objection(
        "deny",
        "An event about this consumer could not be read and waits for a person.",
        {"parked": ", ".join(gate.circumstances.parked)},
    )
