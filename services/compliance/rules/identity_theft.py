"""Debts that came of identity theft, as far as notices say."""

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.facts import AccountStanding, IdentityTheftReport

CLOSED_FOR_FRAUD = "fraud_identity_theft"


def reports(gate: ActGate, source: str | None = None) -> list[tuple[str, IdentityTheftReport]]:
    """Return the notices about the accounts asked about, of one source or of any."""
    return [
        (key, fact)
        for key, fact in gate.of(IdentityTheftReport)
        if fact.account_id in gate.requested and source in (None, fact.source)
    ]


def closed_for_it(gate: ActGate) -> list[str]:
    """Return the accounts asked about that were closed as identity theft."""
    return [
        fact.account_id
        for _, fact in gate.of(AccountStanding)
        if fact.account_id in gate.requested and fact.reason == CLOSED_FOR_FRAUD
    ]
