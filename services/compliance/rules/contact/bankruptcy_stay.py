"""From a petition on, nothing is done to collect from who filed, but what the case allows."""

from datetime import datetime
from typing import Any

from services.compliance.rules.bankruptcies import (
    is_against_debtor,
    stay_ends_at,
    stayed_accounts,
)
from services.compliance.rules.facts import Bankruptcy
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms


def bankruptcy_stay(terms: Terms, gate: Known[Any], at: datetime) -> Objection | None:
    """Object while a stay covers an account, filing and notices in the case apart (362(a)(6))."""
    if gate.doing in terms.names["permitted"]:
        return None
    staying = [
        (key, covered[0], case)
        for key, case in gate.of(Bankruptcy)
        if is_against_debtor(gate, case) and (covered := stayed_accounts(gate, case, at))
    ]
    if not staying:
        return None
    key, account_id, _ = staying[0]
    return terms.objection(
        "deny",
        "The person has filed for bankruptcy and collection is stayed.",
        {"fact": key, "account_id": account_id},
        stay_ends_at(gate, [case for _, _, case in staying]),
    )
