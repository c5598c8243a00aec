"""In chapters 12 and 13, who owes a consumer debt beside who filed is protected too."""

from datetime import datetime
from typing import Any

from services.compliance.rules.bankruptcies import (
    is_against_codebtor,
    protects_codebtors,
    stay_ends_at,
    stayed_accounts,
)
from services.compliance.rules.facts import Bankruptcy
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms


def bankruptcy_codebtor(terms: Terms, gate: Known[Any], at: datetime) -> Objection | None:
    """Object while the co-debtor stay lasts; an unknown chapter may be one (11 USC 1201, 1301)."""
    if gate.doing in terms.names["permitted"]:
        return None
    staying = [
        (key, covered[0], case)
        for key, case in gate.of(Bankruptcy)
        if protects_codebtors(terms, case)
        and is_against_codebtor(gate, case)
        and (covered := stayed_accounts(gate, case, at))
    ]
    if not staying:
        return None
    key, account_id, case = staying[0]
    return terms.objection(
        "deny",
        f"Somebody who owes the debt too has filed under {_chapter(case)}.",
        {"fact": key, "account_id": account_id},
        stay_ends_at(gate, [each for _, _, each in staying]),
    )


def _chapter(case: Bankruptcy) -> str:
    # Of an unknown one the usual chapter is named.
    return f"chapter {case.chapter or 13}"
