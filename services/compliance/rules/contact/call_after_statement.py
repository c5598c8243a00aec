"""Flags a call to somebody who has said to have nothing to do with it, short of a stop."""

from datetime import datetime

from services.compliance.rules import counting
from services.compliance.rules.facts import PersonStatement
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def call_after_statement(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag it: what the person said before may rebut compliance (comment 14(b)(2)(i)-2.iii)."""
    if not counting.is_telephone(gate):
        return None
    for key, fact in gate.of(PersonStatement):
        if not gate.is_about(fact.party_id) or not gate.covers(fact.account_ids):
            continue
        if fact.statement in terms.names["statements"] and fact.received_at <= at:
            return terms.flag(
                "What the person has said of the debt may rebut the presumption of compliance.",
                {
                    "fact": key,
                    "statement": fact.statement,
                    "days_since": (at - fact.received_at).days,
                },
            )
    return None
