"""Military service stops limitation periods; what follows from it is for a person to say."""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.acts.time_barred import is_suit
from services.compliance.rules.facts import MilitaryService
from services.compliance.rules.findings import Flag
from services.compliance.rules.pack import Terms


def service_tolling(terms: Terms, gate: ActGate, at: datetime) -> Flag | None:
    """Flag a suit where the person has served: that time does not count (50 USC 3936)."""
    services = [
        (key, fact) for key, fact in gate.of(MilitaryService) if gate.is_about(fact.party_id)
    ]
    if not services or not is_suit(gate):
        return None
    key, service = services[0]
    return terms.flag(
        "The person has served in the military; limitation periods stop for that time.",
        {"fact": key, "started_on": service.started_on.isoformat()},
    )
