"""A debt that is paid, settled or discharged is not sold, transferred or placed.

The standard is what the collector knows or should know: whatever the gate knows counts.
"""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import Transfer
from services.compliance.rules.bankruptcies import discharged_accounts
from services.compliance.rules.facts import AccountStanding
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms


def paid_debt_transfer(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object, the exceptions of 12 CFR 1006.30(b)(2) apart."""
    act = gate.request.act
    if not isinstance(act, Transfer) or _is_excepted(terms, act):
        return None
    found = status_of(terms, gate, at)
    for account_id in gate.request.account_ids:
        if account_id not in found:
            continue
        is_lien = act.way == "lien" and act.has_lien_notice and found[account_id] == "discharged"
        if not is_lien:
            return terms.objection(
                "deny",
                "The debt is paid, settled or discharged and may not be passed on.",
                {"account_id": account_id, "status": found[account_id]},
            )
    return None


def status_of(terms: Terms, gate: ActGate, at: datetime) -> dict[str, str]:
    """Return which of the accounts are paid, settled or discharged in bankruptcy."""
    found: dict[str, str] = {}
    for _, standing in gate.of(AccountStanding):
        if standing.account_id not in gate.requested:
            continue
        if standing.reason in terms.names["settled_reasons"]:
            found[standing.account_id] = "settled"
        elif standing.reason in terms.names["paid_reasons"] or (
            standing.lifecycle in ("received", "active") and not standing.owes
        ):
            found[standing.account_id] = "paid"
    # Whoever takes a joint debt over takes it against everyone who owes it.
    is_of_all = "of_others" in terms.names.get("discharges", ())
    discharged = discharged_accounts(gate, at, of_others=is_of_all)
    return found | dict.fromkeys(discharged, "discharged")


def _is_excepted(terms: Terms, act: Transfer) -> bool:
    if act.way in terms.names["excepted_ways"] or act.recipient == "owner":
        return True
    return act.recipient == "previous_owner" and act.has_contract_right
