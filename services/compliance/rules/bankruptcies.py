"""Petitions in bankruptcy: when the stay binds, whom it protects, and what was discharged.

The stay arises with the filing, whoever knew of it (11 USC 362(a)(6)). A decision can only stand on
what was known; what was done meanwhile in ignorance shows when the petition becomes known.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from services.compliance.rules import local_time
from services.compliance.rules.facts import Bankruptcy
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms

_CODEBTOR_CHAPTERS = ("13",)  # where a pack names none
_LIABLE_TOO = frozenset({"co_debtor", "guarantor"})
_NOT_COLLECTED_FROM = frozenset(
    {"creditor", "creditor_attorney", "collector_attorney", "consumer_reporting_agency"}
)


def is_stayed(case: Bankruptcy, day: date) -> bool:
    """Tell whether the case stays collection on a day; an unknown filing date binds always."""
    if case.filed_on is not None and day < case.filed_on:
        return False
    if case.discharged_on is not None and day >= case.discharged_on:
        return False
    return case.ended_on is None or day < case.ended_on


def stayed_accounts(gate: Known[Any], case: Bankruptcy, at: datetime) -> list[str]:
    """Return the accounts asked about that the stay covers, on any date it may be there."""
    days = {local_time.local_date(each, at) for each in gate.counting_zones}
    if not any(is_stayed(case, day) for day in days):
        return []
    free = {*case.stay_lifted, *case.postpetition}
    return [
        each
        for each in gate.request.account_ids
        if each not in free and (not case.account_ids or each in case.account_ids)
    ]


def stay_ends_at(gate: Known[Any], cases: Iterable[Bankruptcy]) -> datetime | None:
    """Return when the stays of these cases have ended everywhere the person may be, if known."""
    ends: list[datetime] = []
    for case in cases:
        days = [each for each in (case.ended_on, case.discharged_on) if each is not None]
        if not days:
            return None
        ends += [local_time.first_instant(each, min(days)) for each in gate.counting_zones]
    return max(ends, default=None)


def is_against_debtor(gate: Known[Any], case: Bankruptcy) -> bool:
    """Tell whether what is asked is aimed at who filed, or at anyone in their place."""
    if gate.role in _NOT_COLLECTED_FROM:
        return False
    if case.party_id is not None:
        return bool(gate.request.party_id == case.party_id)
    return gate.role not in _LIABLE_TOO


def is_against_codebtor(gate: Known[Any], case: Bankruptcy) -> bool:
    """Tell whether it is aimed at somebody liable beside who filed."""
    if gate.role in _NOT_COLLECTED_FROM or gate.request.party_id == case.party_id:
        return False
    return case.party_id is not None or gate.role in _LIABLE_TOO


def protects_codebtors(terms: Terms, case: Bankruptcy) -> bool:
    """Tell whether the chapter has a co-debtor stay; an unknown one may be such a chapter."""
    chapters = terms.names.get("chapters", _CODEBTOR_CHAPTERS)
    return case.chapter is None or str(case.chapter) in chapters


def discharged_accounts(gate: Known[Any], at: datetime, *, of_others: bool = False) -> list[str]:
    """Return the accounts asked about that were discharged and do not bind again.

    An empty list of debts in the case is all of them. A discharge is of who filed: `of_others`
    counts that of somebody else named, for what is done with the debt itself.
    """
    today = max(local_time.local_date(each, at) for each in gate.counting_zones)
    found: dict[str, None] = {}
    for _, case in gate.of(Bankruptcy):
        if case.discharged_on is None or today < case.discharged_on:
            continue
        if not is_against_debtor(gate, case) and not (of_others and case.party_id):
            continue
        free = {*case.postpetition, *case.reaffirmed}
        for each in gate.request.account_ids:
            if each not in free and (not case.account_ids or each in case.account_ids):
                found[each] = None
    return list(found)
