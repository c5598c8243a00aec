"""The initial communication about a debt where nobody has stated it.

The first contact of our own since the debt was placed that told the consumer of it is taken for it:
a conversation about it, or a message about it that did not come back. Where nobody has said since
when the debt is with us either, what went before is unknown, and nothing is concluded.
"""

from datetime import datetime

from services.compliance.rules.facts import InitialCommunication
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms

WAYS = frozenset({"spoken", "sent"})
"""What `own_contacts` of a law's terms may name; a law that names none asks for what is stated."""


def by_own_contact(
    terms: Terms, gate: Gate, account_id: str, at: datetime
) -> InitialCommunication | None:
    """Return it as our own contacts show it; None where somebody has stated another."""
    ways = terms.names.get("own_contacts", ())
    placed_at = gate.placed_at(account_id)
    if not ways or placed_at is None or _is_stated(gate, account_id):
        return None
    found = (
        each
        for each in gate.reached.get(account_id, ())
        if each.undeliverable_at is None and each.at <= at
        if ("spoken" if each.is_spoken else "sent") in ways
    )
    first = min(found, key=lambda each: each.at, default=None)
    if first is None or first.at < placed_at:
        return None
    return InitialCommunication(account_id=account_id, at=first.at, is_oral=first.is_spoken)


def _is_stated(gate: Gate, account_id: str) -> bool:
    return any(fact.account_id == account_id for _, fact in gate.of(InitialCommunication))
