"""A dispute is answered by reference to an earlier answer only if it says nothing new.

It and the earlier one are substantially the same, both in writing and in time, and the earlier one
has been answered. What nobody has said of a dispute is for who answers it to look at.
"""

from datetime import datetime

from services.compliance.rules.contact.dispute_open import is_timely
from services.compliance.rules.facts import Dispute
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def duplicative_notice(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object to the short notice about what is new (12 CFR 1006.38(a)(1), comment 38(a)(1)-1)."""
    if gate.request.purpose not in terms.names["purposes"]:
        return None
    disputes = [
        (key, each)
        for key, each in gate.of(Dispute)
        if each.account_id in gate.requested and each.in_writing
        and is_timely(gate, each.account_id, each.timely, each.received_at)
    ]  # fmt: skip
    for key, each in disputes:
        if not each.answered and (each.brings_new or each.says_the_same is False):
            return terms.objection(
                "deny",
                "The dispute says something new: an earlier answer does not answer it.",
                {"fact": key, "account_id": each.account_id},
            )
    answered = {each.account_id for _, each in disputes if each.answered}
    if gate.requested <= answered:
        return None
    return terms.flag(
        "Nothing on record shows that an earlier dispute of the debt was answered.",
        {"account_id": min(gate.requested - answered)},
    )
