"""A revoked consent to automated calls ends them at once.

The TCPA would leave business days for it, Regulation F no time at all (12 CFR 1006.14(h)); the
last day the TCPA names is only told.
"""

from datetime import date, datetime, timedelta

from services.compliance.rules import lines, local_time
from services.compliance.rules.business_days import after_business_days, is_weekend
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate, instant_text
from services.compliance.rules.pack import Terms


def automated_consent_revoked(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to automated calls and texts after a revocation (47 CFR 64.1200(a)(10))."""
    if not lines.is_automated(gate):
        return None
    given = [each.given_at for each in lines.consents_in_force(gate, at)]
    for key, consent in lines.consents(gate):
        revoked_at = consent.withdrawn_at
        if revoked_at is None or any(each > revoked_at for each in given):
            continue
        last = min(
            honored_by(terms, local_time.local_date(each, revoked_at))
            for each in gate.counting_zones
        )
        return terms.objection(
            "deny",
            "The person has revoked the consent to autodialed or prerecorded calls and texts.",
            {"fact": key, "revoked_at": instant_text(revoked_at), "tcpa_latest": last.isoformat()},
        )
    return None


def honored_by(terms: Terms, revoked_on: date) -> date:
    """Return the last day on which the TCPA lets a revocation be honored.

    The rule does not define business days. They are those of all laws here, unless the terms are
    from before that: then holidays count.
    """
    if "legal_public" in terms.names.get("holidays", ()):
        return after_business_days(revoked_on, terms.numbers["business_days"])
    day, left = revoked_on, terms.numbers["business_days"]
    while left:
        day += timedelta(days=1)
        left -= not is_weekend(day)
    return day
