"""Autodialed or prerecorded calls, and autodialed texts, reach a mobile only with prior consent."""

from datetime import datetime

from services.compliance.rules import exceptions, lines
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def automated_consent(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object without prior express consent (47 CFR 64.1200(a)(1)(iii)); live calls are free."""
    request = gate.request
    if not lines.is_automated(gate):
        return None
    if not lines.may_be_wireless(gate.labels.get(request.contact_point_id or "")):
        return None
    if lines.consents_in_force(gate, at):
        return None
    if request.purpose in terms.names.get("exempt_purposes", ()):
        return exceptions.on_callers_word(terms, gate, {"technology": request.technology})
    return terms.objection(
        "deny",
        "The person has not consented to autodialed or prerecorded calls and texts.",
        {"technology": request.technology, "contact_point_id": request.contact_point_id or ""},
    )
