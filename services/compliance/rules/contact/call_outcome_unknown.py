"""No call while an earlier one may have been a conversation and nobody has said.

A call redeemed and not reported, or reported as unknown, is taken as a conversation that lasted
as long as a call can.
"""

from datetime import datetime

from services.compliance.rules import rebuttal
from services.compliance.rules.contact import call_cooldown
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate, instant_text
from services.compliance.rules.pack import Terms


def call_outcome_unknown(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object for as long as a conversation would (12 CFR 1006.14(b)(2)(i)(B), fail closed)."""
    barring = call_cooldown.barring_conversation(terms, gate, at, is_certain=False)
    if barring is None:
        return None
    call, earliest = barring
    objection = terms.objection(
        "defer",
        "What came of an earlier call to this person about this debt has not been reported.",
        {"attempt": call.source_id, "may_have_ended_at": instant_text(call.ended_at)},
        earliest,
    )
    return rebuttal.weighed(terms, gate, at, objection)
