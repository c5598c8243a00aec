"""A collector who is told that a debt came of identity theft tells the creditor so.

It bars nothing by itself: contact about the debt meanwhile is flagged. The block of a reporting
agency is no such notice: whoever furnished the debt was told of it.
"""

from datetime import datetime

from services.compliance.rules.facts import IdentityTheftReport
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def identity_theft_notice(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag it while the creditor is not known to have been told (15 USC 1681m(g)(1))."""
    for key, report in gate.of(IdentityTheftReport):
        if report.account_id not in gate.requested or report.source != "consumer_report":
            continue
        if report.rescinded_at is None and report.creditor_notified_at is None:
            return terms.flag(
                "The debt was reported as identity theft, and nothing shows that its creditor was"
                " told.",
                {"fact": key, "account_id": report.account_id},
            )
    return None
