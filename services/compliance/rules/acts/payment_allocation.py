"""One payment on several debts goes where the consumer says, and never to a disputed one."""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import AllocatePayment
from services.compliance.rules.disputes import disputed_accounts
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms


def payment_allocation(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to any other allocation (12 CFR 1006.30(c); 15 USC 1692h).

    Who has a single debt can pay it while disputing it: the rule is on payments on several.
    """
    act = gate.request.act
    if not isinstance(act, AllocatePayment):
        return None
    given: dict[str, int] = {}
    for each in act.allocations:
        given[each.account_id] = given.get(each.account_id, 0) + each.amount
    if gate.accounts.keys() <= set(given) and len(given) == 1:
        return None
    disputed = disputed_accounts(gate)
    for account_id, amount in given.items():
        if amount and account_id in disputed:
            return terms.objection(
                "deny",
                "The payment would go to a debt that is disputed.",
                {"account_id": account_id},
            )
    directed: dict[str, int] = {}
    for each in act.directed:
        directed[each.account_id] = directed.get(each.account_id, 0) + each.amount
    for account_id, amount in directed.items():
        if given.get(account_id, 0) < amount:
            return terms.objection(
                "deny",
                "The payment would not go where the consumer said.",
                {"account_id": account_id, "directed": amount},
            )
    return None
