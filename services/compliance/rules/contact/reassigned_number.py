"""A number that the database says was reassigned is not called or texted by machine.

Without a clear and recent answer there is no safe harbor against having reached somebody else.
"""

from datetime import datetime

from services.compliance.rules import lines
from services.compliance.rules.facts import ReassignmentCheck
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def reassigned_number(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object to a reassigned number, flag one that was not looked up (47 CFR 64.1200(m))."""
    if not lines.is_automated(gate):
        return None
    point_id = gate.request.contact_point_id or ""
    checks = [
        (fact.checked_at, key, fact)
        for key, fact in gate.of(ReassignmentCheck)
        if fact.contact_point_id == point_id and fact.checked_at <= at
    ]
    given = [each.given_at for each in lines.consents_in_force(gate, at)]
    if not checks and not given:
        return None  # no consent is relied on, so none can have become another person's
    if not checks:
        return terms.flag(
            "The reassigned numbers database was not asked about this number.",
            {"contact_point_id": point_id},
        )
    _, key, newest = max(checks, key=lambda each: each[:2])
    if newest.answer == "yes":
        return terms.objection(
            "deny",
            "The reassigned numbers database says that the number is another's now.",
            {"fact": key, "contact_point_id": point_id},
        )
    is_since_consent = not given or newest.consent_on <= max(given).date()
    if newest.answer == "no" and is_since_consent:
        return None
    return terms.flag(
        "The reassigned numbers database gave no answer that a safe harbor can stand on.",
        {"fact": key, "contact_point_id": point_id, "answer": newest.answer},
    )
