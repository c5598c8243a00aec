"""How the consumer was reached about each debt: what furnishing stands on (12 CFR 1006.30(a)).

Kept apart from attempts, which a gate forgets within weeks, and bounded for each account. What
does not fit is not kept: the gate then knows of fewer ways, and permits less.
"""

from datetime import datetime

from services.compliance.rules import counting
from services.compliance.rules.facts import InboundCall
from services.compliance.rules.outcomes import OUTCOMES
from services.compliance.rules.request import SPOKEN
from services.compliance.rules.slots import Reach, Slot

KEPT_MAX = 4

_NOT_ABOUT_THE_DEBT = frozenset({"location_information"})


Reached = dict[str, tuple[Reach, ...]]


def after(reached: Reached, slot: Slot, at: datetime) -> Reached:
    """Take in an attempt's outcome, reported at an instant; a later one corrects an earlier one."""
    found = _reach(slot, at)
    changed = dict(reached)
    for account_id in counting.accounts_discussed(slot) if _is_spoken(slot) else _accounts(slot):
        ways = _corrected(reached.get(account_id, ()), slot.permit_id, found)
        if ways:
            changed[account_id] = ways
        else:
            changed.pop(account_id, None)
    return changed


def heard(reached: Reached, call_id: str, call: InboundCall) -> Reached:
    """Take in a conversation that the consumer began, about the accounts it is known to be of."""
    if not call.is_conversation or call.party_id is not None:
        return reached
    found = Reach(attempt_id=call_id, is_spoken=True, at=call.ended_at)
    changed = dict(reached)
    for account_id in call.account_ids:
        changed[account_id] = _corrected(reached.get(account_id, ()), call_id, found)
    return changed


def is_about_the_debt(purpose: str, act: str = "contact") -> bool:
    """Tell whether what is sent is about the debt: a validation notice is (30(a)(1)-1)."""
    return act != "opt_out_confirmation" and purpose not in _NOT_ABOUT_THE_DEBT


def _reach(slot: Slot, at: datetime) -> Reach | None:
    request = slot.request
    if slot.outcome is None or request.party_id != request.consumer_id:
        return None
    outcome = OUTCOMES[slot.outcome]
    if _is_spoken(slot):
        # A voicemail is neither speaking nor a message sent; a doubtful conversation is none.
        if outcome.conversation != "yes":
            return None
        return Reach(attempt_id=slot.permit_id, is_spoken=True, at=slot.ended_at or at)
    if slot.status != "redeemed" or not outcome.is_made or not _is_about_the_debt(slot):
        return None  # nobody would report an unpermitted message that came back
    return Reach(
        attempt_id=slot.permit_id,
        is_spoken=False,
        at=slot.started_at or at,
        undeliverable_at=at if outcome.invalidates else None,
    )


def _corrected(ways: tuple[Reach, ...], attempt_id: str, found: Reach | None) -> tuple[Reach, ...]:
    others = tuple(each for each in ways if each.attempt_id != attempt_id)
    if found is None:
        return others
    before = next((each for each in ways if each.attempt_id == attempt_id), None)
    if before is not None and before.undeliverable_at is not None and found.undeliverable_at:
        found = before  # the first notice tells when it was known
    if len(others) < KEPT_MAX:
        return (*others, found)
    useless = next((each for each in others if each.undeliverable_at is not None), None)
    if useless is None and not found.is_spoken:
        return others
    dropped = useless or others[-1]
    return (*(each for each in others if each is not dropped), found)


def _is_spoken(slot: Slot) -> bool:
    return slot.request.channel in SPOKEN


def _accounts(slot: Slot) -> tuple[str, ...]:
    return slot.request.account_ids


def _is_about_the_debt(slot: Slot) -> bool:
    request = slot.request
    return request.channel != "portal" and is_about_the_debt(request.purpose, request.act)
