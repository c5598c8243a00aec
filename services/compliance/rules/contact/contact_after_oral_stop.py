"""Flags what still goes out after the person said to stop, short of writing it; house policy."""

from datetime import datetime

from services.compliance.rules.facts import OralStop
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import OUTSIDE_FREQUENCY, Gate
from services.compliance.rules.pack import Terms


def contact_after_oral_stop(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag any contact after an oral stop (comment 14(b)(2)(i)-2.iii: what the person said)."""
    if gate.role in OUTSIDE_FREQUENCY or gate.request.act != "contact":
        return None
    for key, fact in gate.of(OralStop):
        if gate.covers(fact.account_ids):
            return terms.flag(
                "The person has asked to be left alone, though not in writing.",
                {"fact": key},
            )
    return None
