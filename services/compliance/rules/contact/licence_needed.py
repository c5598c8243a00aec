"""A resident of a state that licenses agencies is contacted only by an agency licensed there.

An agency of whose licences nothing is recorded is flagged, not stopped: see the decision record.
"""

from datetime import datetime

from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def licence_needed(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object unless the authority's licence, registration or bond is on record."""
    authorities = terms.names["authorities"]
    licences = gate.circumstances.licences
    if licences is None:
        return terms.flag(
            "The law here asks for a licence, registration or bond, and nothing is recorded of"
            " the agency's.",
            {"authorities": ", ".join(authorities)},
        )
    absent = [each for each in authorities if each not in licences]
    if not absent:
        return None
    return terms.objection(
        "deny",
        "The agency has no licence, registration or bond on record where the person is.",
        {"authorities": ", ".join(absent)},
    )
