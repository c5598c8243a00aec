"""The trial balance: what every account code holds, and whether the books balance."""

from collections import defaultdict
from typing import Literal

from pydantic import BaseModel

from services.ledger.journal import views
from shared.http.answers import MoneyAnswer
from shared.http.call import CurrentCall
from shared.http.routing import Router

router = Router(tag="journal")


class LineAnswer(BaseModel):
    """The sum of one account code; debits are positive, credits negative."""

    account_code: str
    total: MoneyAnswer


class TrialBalanceAnswer(BaseModel):
    """Every account code and, per currency, by how much the books are off (always zero)."""

    object: Literal["trial_balance"] = "trial_balance"
    lines: list[LineAnswer]
    imbalance: dict[str, int]


@router.get("/trial-balance", scope="accounts:read", response_model=TrialBalanceAnswer)
async def get_trial_balance(call: CurrentCall) -> TrialBalanceAnswer:
    """Read the trial balance of your books."""
    imbalance: defaultdict[str, int] = defaultdict(int)
    lines = []
    for row in await call.rows(views.trial_balance()):
        imbalance[row["currency"]] += row["amount"]
        total = MoneyAnswer(amount=row["amount"], currency=row["currency"])
        lines.append(LineAnswer(account_code=row["account_code"], total=total))
    return TrialBalanceAnswer(lines=lines, imbalance=dict(imbalance))
