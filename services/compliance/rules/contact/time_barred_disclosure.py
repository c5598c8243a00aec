"""What is written about a debt too old to be sued for says so, where a state or city asks for it.

Some ask for it in the first such message, some in every one. The wording may depend on whether
the debt may still be reported; where that is not known, the wording for one that may not is asked.
"""

from datetime import datetime

from services.compliance.rules import exceptions, local_time, notices
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def time_barred_disclosure(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to a message about a time-barred debt without the notice."""
    lacking = _lacking(terms, gate, at)
    if lacking is None:
        return None
    account_id, wanted = lacking
    return terms.objection(
        "deny",
        "The debt is too old to be sued for, and the message does not carry the notice that"
        " says so.",
        {"account_id": account_id, "notices": ", ".join(wanted)},
        _next_allowed(terms, gate, at),
    )


def _lacking(terms: Terms, gate: Gate, at: datetime) -> tuple[str, tuple[str, ...]] | None:
    """Return the first account whose notice is missing, and the notices that would do."""
    request, names = gate.request, terms.names
    if request.channel not in names["channels"] or exceptions.confirmable(gate, at):
        return None
    is_once = "first" in names.get("when", ())
    for account_id in request.account_ids:
        if not notices.is_barred(gate, account_id, at):
            continue
        wanted = names["notices"]
        if "obsolete_notices" in names and not notices.may_be_reported(gate, account_id, at):
            wanted = names["obsolete_notices"]
        if notices.carries(gate, wanted):
            continue
        if is_once and notices.sent(gate, account_id, wanted, at) is not None:
            continue
        return account_id, wanted
    return None


def _next_allowed(terms: Terms, gate: Gate, at: datetime) -> datetime | None:
    """Return when another notice is the right one, or the confirmation comes back."""
    again = exceptions.once_expired(gate, at, lambda when: _lacking(terms, gate, when) is None)
    days = {
        day for each in gate.request.account_ids for day in notices.obsolete_from(gate, each) if day
    }
    starts = (
        min(local_time.first_instant(each, day) for each in gate.counting_zones) for day in days
    )
    found = [each for each in starts if each > at and _lacking(terms, gate, each) is None]
    return min((*found, *([again] if again else [])), default=None)
