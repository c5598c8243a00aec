"""No suit and no threat of suit when the period has run out, or while nobody can tell.

There is no knowledge element (12 CFR 1006.26(b)): a wrong computation is a violation. So a debt
without a history, a state without a known period and a date that a creditor gave all bar suit.
"""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import DefaultJudgment, LegalAction
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import FEDERAL, Terms


def is_suit(gate: ActGate) -> bool:
    """Tell whether the act is a suit, its threat or its continuation: a proof of claim is not."""
    act = gate.request.act
    if isinstance(act, LegalAction):
        return act.form != "proof_of_claim"
    return isinstance(act, DefaultJudgment)


def time_barred(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object where the period is unknown, or over by what the creditor said."""
    if not is_suit(gate):
        return None
    states = [each for each in gate.jurisdictions - {FEDERAL} if len(each) == len("XX")]
    unknown = sorted(set(states) - gate.periods)
    if not states or unknown:
        return terms.objection(
            "deny",
            "Nobody has said what limitation period applies, so the debt is taken as time-barred.",
            {"state": unknown[0] if unknown else "unknown"},
        )
    for account_id in gate.request.account_ids:
        history = gate.histories.get(account_id)
        if history is None:
            return terms.objection(
                "deny",
                "Nothing shows when the claim arose, so the debt is taken as time-barred.",
                {"account_id": account_id},
            )
        if history.stated_expiry is not None and gate.last_date(at) > history.stated_expiry:
            return terms.objection(
                "deny",
                "The debt is time-barred by the date the creditor gave.",
                {"account_id": account_id, "last_timely_day": history.stated_expiry.isoformat()},
            )
    return None
