"""Placements: the receipt of one batch of accounts.

The row is the unit: a bad row does not spoil the batch. The receipt says of every row what became
of it, and never repeats a value that was sent.
"""

from collections import Counter
from datetime import datetime
from typing import Literal, assert_never

from shared.kernel.decider import Decider
from shared.kernel.errors import DomainError
from shared.kernel.records import event, record

ROWS_MAX = 500
Source = Literal["api", "webhook"]
RowStatus = Literal["accepted", "rejected", "duplicate"]


@record
class FieldError:
    """One field of a row that was refused: a pointer relative to the row, never the value."""

    pointer: str
    code: str
    detail: str


@record
class RowResult:
    """What became of one row; a duplicate names the account that was there before."""

    number: int
    status: RowStatus
    account_id: str | None = None
    errors: tuple[FieldError, ...] = ()


@record
class ReceivePlacement:
    """Write the receipt of a batch whose rows have been looked at."""

    placement_id: str
    creditor_id: str
    source: Source
    rows: tuple[RowResult, ...]
    now: datetime
    consumer_ids: tuple[str, ...] = ()


@event("forbear.ledger.placement-received.v1")
class PlacementReceived:
    """A batch came in; `account_ids` are the accounts it opened, in row order."""

    placement_id: str
    creditor_id: str
    source: Source
    rows_accepted: int
    rows_rejected: int
    rows_duplicate: int
    account_ids: tuple[str, ...]
    rows: tuple[RowResult, ...]
    at: datetime
    consumer_ids: tuple[str, ...] = ()


Command = ReceivePlacement
Event = PlacementReceived


@record
class Placement:
    """What deciding about a placement needs: its rows, to know a repeat from a clash."""

    is_received: bool = False
    rows: tuple[RowResult, ...] = ()


class PlacementConflict(DomainError):
    """The id belongs to a placement with other rows."""

    kind = "conflict"
    code = "placement-conflict"


class PlacementSize(DomainError):
    """A batch has no rows, or more than one transaction takes."""

    kind = "invalid"
    code = "row-count"


class PlacementRows(DomainError):
    """The row results contradict themselves."""

    kind = "invalid"
    code = "row-results"


def evolve(state: Placement, event: Event) -> Placement:
    """Apply one fact."""
    match event:
        case PlacementReceived():
            return Placement(is_received=True, rows=event.rows)
        case _:
            assert_never(event)


def decide(command: Command, state: Placement) -> tuple[Event, ...]:
    """Write the receipt once.

    Raises:
        PlacementConflict: received before with other rows.
        PlacementSize: no rows or too many.
        PlacementRows: numbers repeat, an accepted row has no account, a rejected one no error.
    """
    if state.is_received:
        if state.rows == command.rows:
            return ()
        raise PlacementConflict("this placement was received with other rows")
    _check(command.rows)
    counts = Counter(row.status for row in command.rows)
    return (
        PlacementReceived(
            placement_id=command.placement_id,
            creditor_id=command.creditor_id,
            source=command.source,
            rows_accepted=counts["accepted"],
            rows_rejected=counts["rejected"],
            rows_duplicate=counts["duplicate"],
            account_ids=tuple(
                row.account_id
                for row in command.rows
                if row.status == "accepted" and row.account_id is not None
            ),
            rows=command.rows,
            at=command.now,
            consumer_ids=command.consumer_ids,
        ),
    )


def _check(rows: tuple[RowResult, ...]) -> None:
    if not 1 <= len(rows) <= ROWS_MAX:
        raise PlacementSize(f"a placement has 1 to {ROWS_MAX} rows", pointer="/rows")
    if any(later.number <= row.number for row, later in zip(rows, rows[1:], strict=False)):
        raise PlacementRows("row numbers must increase", pointer="/rows")
    for row in rows:
        is_refused = row.status == "rejected"
        if is_refused != bool(row.errors) or is_refused != (row.account_id is None):
            raise PlacementRows("a row has either an account or errors", pointer="/rows")


def stream(placement_id: str) -> str:
    """Name the stream of one placement."""
    return f"placement-{placement_id}"


PLACEMENTS: Decider[Command, Placement, Event] = Decider(
    initial=Placement(),
    evolve=evolve,
    decide=decide,
    events=(PlacementReceived,),
    state=Placement,
)
