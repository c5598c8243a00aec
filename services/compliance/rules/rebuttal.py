"""What may rebut the presumptions of 1006.14(b)(2), and who decides on it: a human, each time.

A call beyond the frequencies is presumed unlawful, but its purpose may rebut that. Such a call is
put to review, never let through; an approved review holds for one call with that purpose.
"""

from datetime import datetime

from services.compliance.rules import local_time, slots
from services.compliance.rules.facts import CallReview
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms
from shared.kernel.records import replace

FACTORS: dict[str, str] = {
    "required_by_law": "required by other law",
    "mortgage_servicing_notice": "required by other law",
    "active_litigation": "direct relation to active litigation",
    "requested_information": "answer to the consumer's request for information",
    "avoid_time_critical_effect": "avoids a time-critical negative effect not in our control",
}
"""Comment 14(b)(2)(ii)-2.i to .iv by the purpose of the call. A deadline of the collector's own
making is no such effect (.iv.B), and neither is any purpose that is not here.
"""


def weighed(terms: Terms, gate: Gate, at: datetime, objection: Objection) -> Objection | Flag:
    """Put a call beyond the frequencies to review where its purpose may rebut the presumption."""
    purpose = gate.request.purpose
    if purpose not in terms.names.get("rebuttal_purposes", ()):
        return objection
    review = _latest_review(gate, at)
    facts = {**objection.facts, "rebuttal_factor": FACTORS.get(purpose, purpose)}
    if review is not None and review[1].decision == "approved":
        key, decided = review
        return terms.flag(
            "The call is beyond the frequencies; a reviewer found its purpose to rebut the"
            " presumption of a violation.",
            {**facts, "review": key, "reviewer_id": decided.reviewer_id},
        )
    earliest = _soonest(objection.earliest, _approved_at(gate, at))
    if review is not None:
        return replace(objection, facts={**facts, "review": review[0]}, earliest=earliest)
    return replace(
        objection,
        verdict="review",
        explanation=f"{objection.explanation} Its purpose may rebut the presumption of a"
        " violation; that is for a human to decide.",
        facts=facts,
        earliest=earliest,
    )


def _approved_at(gate: Gate, at: datetime) -> datetime | None:
    """Return when an approved review is the newest that no call has used.

    The permit that holds it may expire unused.
    """
    ends = {slot.expires_at for slot in gate.slots if slots.is_open(slot, at)}
    for when in sorted(local_time.whole_second(each) for each in ends if each > at):
        review = _latest_review(gate, when)
        if review is not None and review[1].decision == "approved":
            return when
    return None


def _soonest(*instants: datetime | None) -> datetime | None:
    return min((each for each in instants if each is not None), default=None)


def _latest_review(gate: Gate, at: datetime) -> tuple[str, CallReview] | None:
    """Return the newest review of such a call that no call has used yet, while it holds.

    One that has lapsed stands before older ones all the same: what it refused stays refused.
    """
    request = gate.request
    found = [
        (key, review)
        for key, review in gate.of(CallReview)
        if review.factor == request.purpose
        and gate.is_about(review.party_id)
        and gate.requested <= frozenset(review.account_ids)
        and review.reviewed_at <= at
        and not any(
            slot.request.purpose == request.purpose
            and slot.request.party_id == request.party_id
            and slots.is_taken(slot, at)
            and slots.latest_instant(slot) >= review.reviewed_at
            for slot in gate.slots
        )
    ]
    newest = max(found, key=lambda each: each[1].reviewed_at, default=None)
    return newest if newest is not None and at < newest[1].expires_at else None
