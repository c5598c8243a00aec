"""No default judgment without an affidavit on military service; none against who serves."""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import DefaultJudgment
from services.compliance.rules.facts import MilitaryService
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.pack import Terms


def service_affidavit(terms: Terms, gate: ActGate, at: datetime) -> Objection | Flag | None:
    """Object without an affidavit, or with one that what is known belies (50 USC 3931)."""
    act = gate.request.act
    if not isinstance(act, DefaultJudgment):
        return None
    if act.affidavit is None:
        return terms.objection("deny", "No affidavit says whether the person is in the military.")
    serving = [key for key, fact in gate.of(MilitaryService) if _serves(gate, fact, at)]
    if serving and act.affidavit != "in_service":
        return terms.objection(
            "deny",
            "The affidavit does not say that the person is in military service, as is known.",
            {"fact": serving[0]},
        )
    if act.affidavit == "in_service" and not act.has_appointed_attorney:
        return terms.objection(
            "deny", "The person is in military service and no attorney was appointed for them."
        )
    if act.affidavit == "unable_to_determine":
        return terms.flag("Nobody could tell whether the person serves; the court may want a bond.")
    return None


def _serves(gate: ActGate, service: MilitaryService, at: datetime) -> bool:
    if not gate.is_about(service.party_id) or service.started_on > gate.last_date(at):
        return False
    return service.ended_on is None or gate.first_date(at) <= service.ended_on
