"""Which debts are disputed at all: orally, late, through an agency, answered: until resolved."""

from typing import Any

from services.compliance.rules.facts import AccountHold, Dispute, ReportingDispute
from services.compliance.rules.gate import Known


def disputed_accounts(gate: Known[Any]) -> frozenset[str]:
    """Return the accounts with a dispute that nobody has resolved, or a hold for one."""
    disputes = (fact.account_id for _, fact in gate.of(Dispute))
    reported = (fact.account_id for _, fact in gate.of(ReportingDispute))
    holds = (fact.account_id for _, fact in gate.of(AccountHold) if fact.reason == "dispute")
    return frozenset((*disputes, *reported, *holds))
