"""No call within seven days of a conversation about the debt.

The local date on which the conversation ended is day one, whoever called; where zones differ the
latest of those dates counts.
"""

from datetime import datetime

from services.compliance.rules import counting, rebuttal
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate, instant_text
from services.compliance.rules.pack import Terms


def call_cooldown(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object until seven dates have passed (12 CFR 1006.14(b)(2)(i)(B)), consent apart."""
    barring = barring_conversation(terms, gate, at, is_certain=True)
    if barring is None:
        return None
    talk, earliest = barring
    objection = terms.objection(
        "defer",
        "There was a telephone conversation with this person about this debt within seven days.",
        {"conversation": talk.source_id, "ended_at": instant_text(talk.ended_at)},
        earliest,
    )
    return rebuttal.weighed(terms, gate, at, objection)


def barring_conversation(
    terms: Terms, gate: Gate, at: datetime, *, is_certain: bool
) -> tuple[counting.Conversation, datetime] | None:
    """Return the conversation that bars a call for longest, and until when it does."""
    if not counting.is_telephone(gate):
        return None
    days, consent_days = terms.numbers["days"], terms.numbers["consent_days"]
    bound = counting.bound(gate)
    with_raised = counting.is_raised_counted(terms)
    party_id = gate.request.party_id
    worst: tuple[counting.Conversation, datetime] | None = None
    for debt in gate.debts:
        talks = [
            (talk, counting.leaves_at(gate.counting_zones, talk.ended_at, days))
            for talk in counting.conversations(gate, party_id, debt, with_raised=with_raised)
            if talk.is_certain == is_certain
        ]
        latest = max(talks, key=lambda each: each[1], default=None)
        if latest is None or latest[1] <= at:
            continue
        spans = counting.consent_spans(gate, party_id, debt, consent_days, with_raised=with_raised)
        if counting.is_lifted(spans, at, bound):
            continue
        lift = counting.next_lift(spans, at, bound)
        until = latest[1] if lift is None else min(latest[1], lift)
        if worst is None or until > worst[1]:
            worst = latest[0], until
    return worst
