"""Disclosures follow the initial communication within some days, or nothing else goes out."""

from datetime import datetime, timedelta

from services.compliance.rules import local_time, notices
from services.compliance.rules.facts import InitialCommunication
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate, instant_text
from services.compliance.rules.pack import Terms


def disclosures_due(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object once the days have passed and a notice is missing, unless the request carries it."""
    for _, first in gate.of(InitialCommunication):
        if first.account_id not in gate.requested or first.at > at:
            continue
        due = _due(terms, gate, first.at)
        if at < due:
            continue
        missing = [
            each
            for each in terms.names["notices"]
            if not notices.carries(gate, [each])
            and notices.sent(gate, first.account_id, [each], at) is None
        ]
        if missing:
            return terms.objection(
                "deny",
                f"The disclosures due within {terms.numbers['days']} days of the initial"
                " communication have not been given.",
                {
                    "account_id": first.account_id,
                    "missing": ", ".join(missing),
                    "due_before": instant_text(due),
                },
            )
    return None


def _due(terms: Terms, gate: Gate, since: datetime) -> datetime:
    """Return the first instant that is late: after so many dates following that of `since`."""
    days = timedelta(days=terms.numbers["days"] + 1)
    return min(
        local_time.first_instant(each, local_time.local_date(each, since) + days)
        for each in gate.counting_zones
    )
