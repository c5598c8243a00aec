"""Flags a call to somebody whom a collector treated badly before, with how long ago it was."""

from datetime import datetime

from services.compliance.rules import counting
from services.compliance.rules.facts import PriorConduct
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def prior_conduct(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag it: conduct before may rebut compliance (comment 14(b)(2)(i)-2.iv).

    Conduct that has no name of its own is relevant like the rest: the comment's list is open.
    """
    if not counting.is_telephone(gate):
        return None
    found = [
        (fact.at, key, fact.conduct)
        for key, fact in gate.of(PriorConduct)
        if gate.is_about(fact.party_id) and fact.at <= at
    ]
    if not found:
        return None
    latest, key, conduct = max(found)
    return terms.flag(
        "What a collector did to this person before may rebut the presumption of compliance; the"
        " time since is part of the picture.",
        {"fact": key, "conduct": conduct, "elapsed_days": (at - latest).days},
    )
