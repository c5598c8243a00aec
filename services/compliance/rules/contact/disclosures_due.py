"""Disclosures follow the initial communication within some days, or nothing else goes out.

Where nobody has stated the initial communication and our own contacts show it, what is missing is
flagged and bars nothing: it may have been given in a way that nobody reports.
"""

from datetime import datetime, timedelta

from services.compliance.rules import local_time, notices
from services.compliance.rules.facts import InitialCommunication
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate, instant_text
from services.compliance.rules.initial import by_own_contact
from services.compliance.rules.pack import Terms


def disclosures_due(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object once the days have passed and a notice is missing, unless the request carries it."""
    for _, first in gate.of(InitialCommunication):
        if first.account_id not in gate.requested or first.at > at:
            continue
        due = _due(terms, gate, first.at)
        if at < due:
            continue
        missing = _missing(terms, gate, first.account_id, at)
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
    return _flag_unstated(terms, gate, at)


def _flag_unstated(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    for account_id in gate.request.account_ids:
        first = by_own_contact(terms, gate, account_id, at)
        if first is None or at < _due(terms, gate, first.at):
            continue
        missing = _missing(terms, gate, account_id, at)
        if missing:
            return terms.flag(
                "Nobody has said when this debt was first communicated about. By the first contact"
                " of ours disclosures are overdue, and they are not on record.",
                {
                    "account_id": account_id,
                    "missing": ", ".join(("initial_communication", *missing)),
                    "told_at": instant_text(first.at),
                },
            )
    return None


def _missing(terms: Terms, gate: Gate, account_id: str, at: datetime) -> list[str]:
    return [
        each
        for each in terms.names["notices"]
        if not notices.carries(gate, [each]) and notices.sent(gate, account_id, [each], at) is None
    ]


def _due(terms: Terms, gate: Gate, since: datetime) -> datetime:
    """Return the first instant that is late: after so many dates following that of `since`."""
    days = timedelta(days=terms.numbers["days"] + 1)
    return min(
        local_time.first_instant(each, local_time.local_date(each, since) + days)
        for each in gate.counting_zones
    )
