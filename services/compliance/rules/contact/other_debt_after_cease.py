"""Flags contact on one debt after a cease notice that named another; house policy."""

from datetime import datetime

from services.compliance.rules.facts import CeaseNotice
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import OUTSIDE_FREQUENCY, Gate
from services.compliance.rules.pack import Terms


def other_debt_after_cease(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag it: a notice covers "such debt", and its scope may be doubtful (1006.6(c)(1))."""
    if gate.role in OUTSIDE_FREQUENCY:
        return None
    for key, fact in gate.of(CeaseNotice):
        if not gate.covers(fact.account_ids):
            return terms.flag(
                "The consumer has demanded in writing that contact on another debt stop.",
                {"fact": key},
            )
    return None
