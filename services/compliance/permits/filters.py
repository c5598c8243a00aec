"""What lists of decisions are asked by, as query parameters."""

from typing import Annotated

from fastapi import Depends, Query

from services.compliance.permits.views import Status
from services.compliance.rules import rulebook
from services.compliance.rules.facts import Channel
from services.compliance.rules.findings import Verdict
from shared.http.fields import TypeId
from shared.http.filters import PeriodFilter, given
from shared.http.problem import FieldError, Problem

RuleName = Annotated[str, Query(json_schema_extra={"enum": sorted(rulebook.KNOWN)})]
AccountFilter = Annotated[str | None, Query(), TypeId("acct")]
ConsumerFilter = Annotated[str | None, Query(), TypeId("cns")]


class Outcomes:
    """How permits were decided, and what became of them."""

    def __init__(
        self,
        decision: Verdict | None = None,
        status: Status | None = None,
        rule: RuleName | None = None,
        channel: Channel | None = None,
    ) -> None:
        if rule is not None:
            refuse_unknown_rule(rule)
        self.filters = given(decision=decision, status=status, rule=rule, channel=channel)


class DecisionFilters:
    """All filters of a list of decisions: `rule` is one that objected."""

    def __init__(
        self,
        outcomes: Annotated[Outcomes, Depends()],
        period: PeriodFilter,
        account_id: AccountFilter = None,
    ) -> None:
        self.filters = {**outcomes.filters, **period.filters, **given(account_id=account_id)}


Wanted = Annotated[DecisionFilters, Depends()]


def refuse_unknown_rule(rule: str) -> None:
    """See that there is such a rule.

    Raises:
        Problem: 422, none is called so.
    """
    if rule not in rulebook.KNOWN:
        fix = "give a rule's name as objections show it, such as call-frequency"
        error = FieldError(code="choice", parameter="rule", detail=fix)
        raise Problem("validation-failed", errors=[error])
