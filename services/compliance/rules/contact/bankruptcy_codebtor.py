"""In chapter 13, who owes a consumer debt beside who filed is protected too."""

from datetime import datetime
from typing import Any

from services.compliance.rules.bankruptcies import (
    CODEBTOR_CHAPTER,
    is_against_codebtor,
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
    for key, case in gate.of(Bankruptcy):
        if case.chapter not in (None, CODEBTOR_CHAPTER) or not is_against_codebtor(gate, case):
            continue
        covered = stayed_accounts(gate, case, at)
        if covered:
            return terms.objection(
                "deny",
                "Somebody who owes the debt too has filed under chapter 13.",
                {"fact": key, "account_id": covered[0]},
            )
    return None
