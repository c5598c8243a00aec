"""A suit is brought where the contract was signed or the consumer lives, or where the land lies."""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import LegalAction
from services.compliance.rules.facts import Residence
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms


def venue(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to any other judicial district (12 CFR 1006.30(d)(1)-(2)); unknown is another."""
    act = gate.request.act
    if not isinstance(act, LegalAction) or act.form != "suit":
        return None
    lives_in = {fact.district for _, fact in gate.of(Residence) if gate.is_about(fact.party_id)}
    for account_id in gate.request.account_ids:
        history = gate.histories.get(account_id)
        signed_in = history.signed_in_district if history else None
        property_in = history.property_district if history else None
        lawful = {property_in} if act.enforces_real_property else {*lives_in, signed_in}
        if act.forum_district is None or act.forum_district not in lawful:
            return terms.objection(
                "deny",
                "The suit is not brought where the law allows it.",
                {"account_id": account_id, "forum": act.forum_district or "unknown"},
            )
    return None
