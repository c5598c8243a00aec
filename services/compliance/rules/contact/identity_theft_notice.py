"""A collector who is told that a debt came of identity theft tells the creditor so.

It bars nothing by itself: what is done about the debt meanwhile is flagged.
"""

from datetime import datetime
from typing import Any

from services.compliance.rules.facts import IdentityTheftReport
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms


def identity_theft_notice(terms: Terms, gate: Known[Any], at: datetime) -> Flag | None:
    """Flag it while the creditor is not known to have been told (15 USC 1681m(g)(1))."""
    for key, report in gate.of(IdentityTheftReport):
        if report.account_id not in gate.requested or report.rescinded_at is not None:
            continue
        if report.creditor_notified_at is None:
            return terms.flag(
                "The debt was reported as identity theft, and nothing shows that its creditor was"
                " told.",
                {"fact": key, "account_id": report.account_id},
            )
    return None
