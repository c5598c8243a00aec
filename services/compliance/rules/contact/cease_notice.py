"""After a written demand to stop, only what the statute still allows.

The notice works on receipt and per debt; naming no debt means all of them.
"""

from datetime import datetime

from services.compliance.rules import exceptions
from services.compliance.rules.facts import CeaseNotice
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import OUTSIDE_FREQUENCY, Gate
from services.compliance.rules.pack import Terms


def cease_notice(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object, the excepted purposes apart (12 CFR 1006.6(c)(1)-(2), comment 6(c)(2)-1)."""
    if gate.role in OUTSIDE_FREQUENCY:
        return None
    notices = [key for key, fact in gate.of(CeaseNotice) if gate.covers(fact.account_ids)]
    if not notices:
        return None
    if gate.request.purpose in terms.names["excepted_purposes"]:
        return exceptions.on_callers_word(terms, gate, {"fact": notices[0]})
    return terms.objection(
        "deny",
        "The consumer has demanded in writing that communication about this debt stop.",
        {"fact": notices[0]},
    )
