"""One state's limitation period, for every debt that its law may govern.

A period that was not read in the law bars suit like one that has run out: the decision says that
it is for counsel.
"""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.acts.time_barred import is_suit
from services.compliance.rules.facts import MilitaryService
from services.compliance.rules.findings import Objection
from services.compliance.rules.limitation import limitation, served_days
from services.compliance.rules.pack import Terms
from shared.kernel.records import replace


def limitation_period(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to suit and its threat unless the period is known and has not run out."""
    if not is_suit(gate):
        return None
    found = [
        objection
        for each in gate.histories
        if (objection := _objection(terms, gate, each, at)) is not None
    ]
    # A review may not hide that another of the debts is barred.
    return max(found, key=lambda each: each.verdict == "deny", default=None)


def _objection(terms: Terms, gate: ActGate, account_id: str, at: datetime) -> Objection | None:
    found = limitation(terms, gate.histories[account_id])
    facts: dict[str, str | int] = {"account_id": account_id}
    if found is None:
        text = "When the claim accrued or which period it has is not known, so it is taken as over."
        return terms.objection("deny", text, facts)
    last, today = found.last_timely_day, gate.last_date(at)
    facts |= {"accrued_on": found.accrued_on.isoformat(), "last_timely_day": last.isoformat()}
    facts |= {"years": found.period.years}
    if not found.period.is_verified:
        text = "The limitation period was not read in the law itself; suit waits for counsel."
        return replace(terms.objection("deny", text, facts), is_verified=False)
    if today <= last:
        return None
    # Time stops for who serves (50 USC 3936), not for whoever owes the debt with them.
    own = (fact for _, fact in gate.of(MilitaryService) if not fact.account_ids)
    served = served_days(found, own, today)
    if (today - last).days <= served:
        text = "The period is over but for the time of military service, which counsel must weigh."
        return terms.objection("review", text, facts | {"days_served": served})
    return terms.objection("deny", "The limitation period has run out.", facts)
