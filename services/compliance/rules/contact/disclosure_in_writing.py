"""What is written about a debt carries a disclosure, where a state or city asks for it there.

Some ask for it in the first writing, some in every one, some for certain kinds of debt. A first
writing that went out without it does not end the duty: the next one carries it. Where nobody has
said since when the debt is with the agency, its first writing may lie before all that is known, and
is not asked for it.
"""

from datetime import datetime

from services.compliance.rules import notices
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import OUTSIDE_FREQUENCY, Gate
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import LOCATION_PURPOSES


def disclosure_in_writing(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to a writing about the debt that lacks the disclosure."""
    request, wanted = gate.request, terms.names["notices"]
    if request.channel not in terms.names["channels"] or request.purpose in LOCATION_PURPOSES:
        return None
    if gate.role in OUTSIDE_FREQUENCY or request.act == "opt_out_confirmation":
        return None
    if notices.carries(gate, wanted):
        return None
    is_once = "first" in terms.names.get("when", ())
    for account_id in request.account_ids:
        if not _is_asked(terms, gate, account_id):
            continue
        if is_once and not _is_first(gate, account_id, wanted, at):
            continue
        return terms.objection(
            "deny",
            "The law here asks for a disclosure in writing, and this does not carry it.",
            {"account_id": account_id, "notices": ", ".join(wanted)},
        )
    return None


def _is_asked(terms: Terms, gate: Gate, account_id: str) -> bool:
    """Tell whether it is asked for that kind of debt; one of an unknown kind is taken for it."""
    kinds = terms.names.get("product_types")
    known = gate.accounts.get(account_id)
    return kinds is None or known is None or known.product_type in kinds


def _is_first(gate: Gate, account_id: str, wanted: tuple[str, ...], at: datetime) -> bool:
    """Tell whether no writing has carried it since the debt was placed, as far as is known."""
    is_whole = gate.placed_at(account_id) is not None
    return is_whole and notices.sent(gate, account_id, wanted, at) is None
