"""What is written about a debt too old to be sued for says so, where a state or city asks for it.

Some ask for it in the first such message, some in every one. The wording may depend on whether
the debt may still be reported; where that is not known, the wording for one that may not is asked.
Where nobody can tell whether the debt can still be sued for, what is missing is flagged.
"""

from datetime import datetime

from services.compliance.rules import exceptions, local_time, notices
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def time_barred_disclosure(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object to a message about a time-barred debt without the notice."""
    lacking = _lacking(terms, gate, at)
    if lacking is None:
        return _flag_unknown(terms, gate, at)
    account_id, wanted = lacking
    return terms.objection(
        "deny",
        "The debt is too old to be sued for, and the message does not carry the notice that"
        " says so.",
        {"account_id": account_id, "notices": ", ".join(wanted)},
        _next_allowed(terms, gate, at),
    )


def _flag_unknown(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag a message that may need the notice, by whatever is known of the debt."""
    if "flag" not in terms.names.get("when_unknown", ()) or not _is_asked(terms, gate, at):
        return None
    wanted = (*terms.names["notices"], *terms.names.get("obsolete_notices", ()))
    for account_id in gate.request.account_ids:
        missing = notices.unknown_of_limitation(gate, account_id, at)
        if missing is not None and not _is_given(terms, gate, account_id, wanted, at):
            return terms.flag(
                "Whether the debt is too old to be sued for is not known; the law here would ask"
                " for a notice that says so.",
                {"account_id": account_id, "missing": missing},
            )
    return None


def _lacking(terms: Terms, gate: Gate, at: datetime) -> tuple[str, tuple[str, ...]] | None:
    """Return the first account whose notice is missing, and the notices that would do."""
    names = terms.names
    if not _is_asked(terms, gate, at):
        return None
    for account_id in gate.request.account_ids:
        if not notices.is_barred(gate, account_id, at):
            continue
        wanted = names["notices"]
        if "obsolete_notices" in names and not notices.may_be_reported(gate, account_id, at):
            wanted = names["obsolete_notices"]
        if not _is_given(terms, gate, account_id, wanted, at):
            return account_id, wanted
    return None


def _is_asked(terms: Terms, gate: Gate, at: datetime) -> bool:
    is_written_here = gate.request.channel in terms.names["channels"]
    return is_written_here and not exceptions.confirmable(gate, at)


def _is_given(
    terms: Terms, gate: Gate, account_id: str, wanted: tuple[str, ...], at: datetime
) -> bool:
    """Tell whether the request gives the notice, or needs it no more."""
    if notices.carries(gate, wanted):
        return True
    is_once = "first" in terms.names.get("when", ())
    return is_once and notices.sent(gate, account_id, wanted, at) is not None


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
