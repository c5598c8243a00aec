"""Some kinds of debt are not collected until a notice was mailed and days have passed."""

from datetime import datetime, timedelta

from services.compliance.rules import local_time, notices
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate, instant_text
from services.compliance.rules.pack import Terms


def notice_before_collection(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object until so many days after the notice was mailed; the notice itself may go out."""
    wanted, mediums = terms.names["notices"], terms.names.get("mediums", ())
    if notices.carries(gate, wanted) and (not mediums or gate.request.channel in mediums):
        return None
    for account_id in gate.request.account_ids:
        known = gate.accounts.get(account_id)
        if known is None or known.product_type not in terms.names["product_types"]:
            continue
        sent_at = notices.sent(gate, account_id, wanted, at, mediums)
        earliest = None if sent_at is None else _first_day(terms, gate, sent_at)
        if earliest is not None and earliest <= at:
            continue
        return terms.objection(
            "deny" if earliest is None else "defer",
            f"The notice that goes {terms.numbers['days']} days before any act to collect such a"
            " debt has not been given that long ago.",
            {
                "account_id": account_id,
                "sent_at": "" if sent_at is None else instant_text(sent_at),
                "days": terms.numbers["days"],
            },
            earliest,
        )
    return None


def _first_day(terms: Terms, gate: Gate, sent_at: datetime) -> datetime:
    days = timedelta(days=terms.numbers["days"])
    return max(
        local_time.first_instant(each, local_time.local_date(each, sent_at) + days)
        for each in gate.counting_zones
    )
