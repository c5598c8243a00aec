"""A represented consumer is left alone; a message from the consumer may be answered once.

It ends where the attorney does not answer within a reasonable time or agrees (the fact is then
released), or a court permits it. Whoever is asked for location information is barred as well: with
an attorney known, only the attorney is asked (1006.10(b)(5)).

Some law asks for the attorney's own notice in writing. Where nobody has looked, there was one.
"""

from datetime import datetime

from services.compliance.rules import exceptions
from services.compliance.rules.facts import AttorneyRetained
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import OUTSIDE_FREQUENCY, Gate
from services.compliance.rules.pack import Terms


def attorney_retained(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to contact with anyone but the professionals (12 CFR 1006.6(b)(2), comment -1)."""
    if gate.role in OUTSIDE_FREQUENCY:
        return None
    if gate.request.purpose in terms.names.get("exempt_purposes", ()):
        return None
    is_notice_needed = "attorneys_notice" in terms.names.get("asks_for", ())
    for key, fact in gate.of(AttorneyRetained):
        if not gate.covers(fact.account_ids) or not fact.is_reachable:
            continue
        if is_notice_needed and fact.is_noticed_by_attorney is False:
            continue
        if exceptions.is_consented(gate, at, "attorney"):
            continue
        if exceptions.is_reply_since(gate, at, fact.received_at):
            continue
        return terms.objection(
            "deny",
            "The consumer is represented by an attorney on this debt.",
            {"fact": key},
            exceptions.next_reply_since(gate, at, fact.received_at),
        )
    return None
