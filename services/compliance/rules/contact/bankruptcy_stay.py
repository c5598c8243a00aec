"""From a petition on, nothing is done to collect from who filed, but what the case allows."""

from datetime import datetime
from typing import Any

from services.compliance.rules.bankruptcies import is_against_debtor, stayed_accounts
from services.compliance.rules.facts import Bankruptcy
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms


def bankruptcy_stay(terms: Terms, gate: Known[Any], at: datetime) -> Objection | None:
    """Object while a stay covers an account, filing and notices in the case apart (362(a)(6))."""
    if gate.doing in terms.names["permitted"]:
        return None
    for key, case in gate.of(Bankruptcy):
        if not is_against_debtor(gate, case):
            continue
        covered = stayed_accounts(gate, case, at)
        if covered:
            return terms.objection(
                "deny",
                "The person has filed for bankruptcy and collection is stayed.",
                {"fact": key, "account_id": covered[0]},
            )
    return None
