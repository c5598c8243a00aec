"""A request not to be contacted at work holds under the law of some states too.

Their law may let an oral request lapse; the federal bar does not, so nothing lapses here.
"""

from datetime import datetime

from services.compliance.rules.facts import InconvenientPlace
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms
from services.compliance.rules.places import place_of


def work_contact_stopped(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to contact at work after the person has asked for none there."""
    if place_of(gate.labels.get(gate.request.contact_point_id or "", "")) != "work":
        return None
    for key, fact in gate.of(InconvenientPlace):
        if fact.place == "work" and gate.is_about(fact.party_id):
            return terms.objection(
                "deny",
                "The person has asked not to be contacted at work.",
                {"fact": key},
            )
    return None
