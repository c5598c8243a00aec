"""Makes a recorded decision again, from what its gate knew, the book it names and the event alone.

With the same book, rules and time-zone data the same event comes of it, byte for byte.
"""

from collections.abc import Callable
from typing import Any

from services.compliance.permits.domain import clearing, commands, deciding, events
from services.compliance.permits.domain.state import GateState
from services.compliance.rules.book import Book
from services.compliance.rules.succession import Following


def _none(label: str) -> Book | None:
    return None


Decision = (
    events.PermitGranted
    | events.PermitRefused
    | events.PermitRedeemed
    | events.RedemptionRefused
    | events.ActCleared
    | events.ActRefused
)


def labels_of(decision: Decision) -> frozenset[str]:
    """Return the labels of the books it was decided by."""
    later = (each.rule_pack for each in _ahead(decision))
    return frozenset({decision.rule_pack, *(each for each in later if each is not None)})


def decide_again(
    decision: Decision, before: GateState, book: Book, later: Callable[[str], Book | None] = _none
) -> Decision:
    """Return what is decided by a book on what the gate knew before the decision.

    Args:
        later: finds the books by label that were known to follow; those it has not decide nothing.

    Raises:
        NoPermit, PermitUnknown: a redemption of a permit that the gate did not know.
    """
    same: dict[str, Any] = {
        "request": decision.request,
        "book": book,
        "tz_version": decision.tz_version,
        "circumstances": decision.circumstances,
        "watermarks": decision.watermarks,
        "trace_id": decision.trace_id,
        "now": decision.at,
    }
    following = tuple(
        Following(since=each.since, book=later(each.rule_pack) if each.rule_pack else None)
        for each in _ahead(decision)
    )
    decided: tuple[events.Event, ...]
    match decision:
        case events.PermitGranted() | events.PermitRefused():
            request = commands.RequestPermit(
                permit_id=decision.permit_id, following=following, **same
            )
            decided = deciding.request_permit(request, before)
        case events.PermitRedeemed() | events.RedemptionRefused():
            redemption = commands.RedeemPermit(
                permit_id=decision.permit_id, redemption_id=decision.redemption_id, **same
            )
            decided = deciding.redeem_permit(redemption, before)
        case events.ActCleared() | events.ActRefused():
            act = commands.ClearAct(clearance_id=decision.clearance_id, following=following, **same)
            decided = clearing.clear_act(act, before)
    (again,) = (each for each in decided if isinstance(each, Decision))
    return again


def _ahead(decision: Decision) -> tuple[events.BookAhead, ...]:
    if isinstance(decision, events.PermitRefused | events.ActRefused):
        return decision.books_ahead
    return ()
