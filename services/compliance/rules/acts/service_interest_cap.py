"""During military service, debts from before it bear at most six percent.

Interest includes charges and fees. The cap runs from the first day of service once the written
notice has come, and what exceeds it is forgiven. That the notice must come within 180 days after
service was not read in the law, so a later one caps as well.
"""

from datetime import date, datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import AddCharge
from services.compliance.rules.facts import DebtHistory, MilitaryService
from services.compliance.rules.findings import Objection
from services.compliance.rules.limitation import years_after
from services.compliance.rules.pack import Terms
from shared.kernel.records import record

_MORTGAGE = "mortgage"


@record
class InterestCap:
    """The highest yearly rate in basis points over a period, both dates included."""

    rate_basis_points: int
    from_on: date
    until_on: date | None


def service_interest_cap(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to interest above the cap, and to charges that nobody has set against it."""
    act = gate.request.act
    if not isinstance(act, AddCharge) or act.charge not in terms.names["interest_includes"]:
        return None
    today = gate.last_date(at)
    for account_id in gate.request.account_ids:
        for key, service in gate.of(MilitaryService):
            if not _is_capped(gate, service, account_id):
                continue
            known = gate.accounts.get(account_id)
            is_mortgage = known is None or known.product_type == _MORTGAGE
            history = gate.histories.get(account_id)
            cap = interest_cap(terms, service, history, is_mortgage=is_mortgage)
            if cap is None or not _overlaps(cap, act, today):
                continue
            rate = act.rate_basis_points
            if act.charge == "interest" and rate is not None and rate <= cap.rate_basis_points:
                continue
            return terms.objection(
                "review" if act.charge != "interest" else "deny",
                "Interest on debts from before military service, charges and fees included, is"
                " capped and the excess forgiven.",
                {
                    "fact": key,
                    "account_id": account_id,
                    "rate_max_basis_points": cap.rate_basis_points,
                    "from_on": cap.from_on.isoformat(),
                },
            )
    return None


def _is_capped(gate: ActGate, service: MilitaryService, account_id: str) -> bool:
    """Tell whether the service caps the debt, whoever is asked to pay it.

    The law names a spouse who owes it jointly (50 USC 3937(a)(1)); any other joint debtor is taken
    for one, since the debt bears one interest.
    """
    return account_id in service.account_ids or gate.is_about(service.party_id)


def interest_cap(
    terms: Terms,
    service: MilitaryService,
    history: DebtHistory | None,
    *,
    is_mortgage: bool = False,
) -> InterestCap | None:
    """Return the cap on one debt for one service: none after it began, or without the notice.

    A debt of unknown date is taken as older than the service.
    """
    incurred_on = history.incurred_on if history else None
    if service.notice_received_on is None:
        return None
    if incurred_on is not None and incurred_on >= service.started_on:
        return None
    until = service.ended_on
    if until is not None and is_mortgage:
        until = years_after(until, 1)
    return InterestCap(
        rate_basis_points=terms.numbers["rate_max_basis_points"],
        from_on=service.started_on,
        until_on=until,
    )


def _overlaps(cap: InterestCap, act: AddCharge, today: date) -> bool:
    first = act.from_on or date.min
    last = act.until_on or today
    return last >= cap.from_on and (cap.until_on is None or first <= cap.until_on)
