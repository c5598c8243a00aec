"""Makes a recorded decision again, from what its gate knew, the book it names and the event alone.

With the same book, rules and time-zone data the same event comes of it, byte for byte.
"""

from typing import Any

from services.compliance.permits.domain import clearing, commands, deciding, events
from services.compliance.permits.domain.state import GateState
from services.compliance.rules.book import Book

Decision = (
    events.PermitGranted
    | events.PermitRefused
    | events.PermitRedeemed
    | events.RedemptionRefused
    | events.ActCleared
    | events.ActRefused
)


def decide_again(decision: Decision, before: GateState, book: Book) -> Decision:
    """Return what is decided by a book on what the gate knew before the decision.

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
    decided: tuple[events.Event, ...]
    match decision:
        case events.PermitGranted() | events.PermitRefused():
            request = commands.RequestPermit(permit_id=decision.permit_id, **same)
            decided = deciding.request_permit(request, before)
        case events.PermitRedeemed() | events.RedemptionRefused():
            redemption = commands.RedeemPermit(
                permit_id=decision.permit_id, redemption_id=decision.redemption_id, **same
            )
            decided = deciding.redeem_permit(redemption, before)
        case events.ActCleared() | events.ActRefused():
            act = commands.ClearAct(clearance_id=decision.clearance_id, **same)
            decided = clearing.clear_act(act, before)
    (again,) = (each for each in decided if isinstance(each, Decision))
    return again
