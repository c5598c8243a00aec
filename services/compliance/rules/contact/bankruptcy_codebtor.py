"""In chapter 13, who owes a consumer debt beside who filed is protected too."""

from datetime import datetime
from typing import Any

from services.compliance.rules.bankruptcies import (
    CODEBTOR_CHAPTER,
    is_against_codebtor,
    stay_ends_at,
    stayed_accounts,
)
from services.compliance.rules.facts import Bankruptcy
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms


def bankruptcy_codebtor(terms: Terms, gate: Known[Any], at: datetime) -> Objection | None:
    """Object while the co-debtor stay lasts; an unknown chapter may be that one (11 USC 1301)."""
    if gate.doing in terms.names["permitted"]:
        return None
    staying = [
        (key, covered[0], case)
        for key, case in gate.of(Bankruptcy)
        if case.chapter in (None, CODEBTOR_CHAPTER)
        and is_against_codebtor(gate, case)
        and (covered := stayed_accounts(gate, case, at))
    ]
    if not staying:
        return None
    key, account_id, _ = staying[0]
    return terms.objection(
        "deny",
        "Somebody who owes the debt too has filed under chapter 13.",
        {"fact": key, "account_id": account_id},
        stay_ends_at(gate, [case for _, _, case in staying]),
    )
