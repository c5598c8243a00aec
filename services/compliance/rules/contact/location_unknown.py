"""No contact where nothing shows the person's local time, or a zone or state is unknown."""

from datetime import datetime

from services.compliance.rules import local_time
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def location_unknown(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object when the local time cannot be told; policy on comment 6(b)(1)(i)-2."""
    unknown = [name for name in gate.zone_names if local_time.zone(name) is None]
    if gate.zone_names and not unknown:
        return None
    return terms.objection(
        "deny",
        "Nothing shows for certain what the local time at the person's place is.",
        {"zones_known": len(gate.zones), "zones_unknown": len(unknown)},
    )
