"""How the receipt of a placement is shown."""

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import BaseModel

from services.ledger.placements.domain import RowResult
from shared.eventstore.store import Answer


class RowErrorAnswer(BaseModel):
    """One failing field of a row: a JSON Pointer relative to the row, never the value."""

    pointer: str
    code: str
    detail: str


class RowAnswer(BaseModel):
    """What became of one row; rows count from 0."""

    row: int
    status: Literal["accepted", "rejected", "duplicate"]
    account_id: str | None
    errors: list[RowErrorAnswer]


class PlacementAnswer(BaseModel):
    """The receipt of a placement."""

    object: Literal["placement"] = "placement"
    id: str
    creditor_id: str
    accepted: int
    rejected: int
    duplicate: int
    rows: list[RowAnswer]

    @classmethod
    def of(
        cls, placement_id: str, creditor_id: str, rows: Sequence[RowResult]
    ) -> "PlacementAnswer":
        """Show what became of every row."""
        statuses = [row.status for row in rows]
        return cls(
            id=placement_id,
            creditor_id=creditor_id,
            accepted=statuses.count("accepted"),
            rejected=statuses.count("rejected"),
            duplicate=statuses.count("duplicate"),
            rows=[
                RowAnswer(
                    row=row.number,
                    status=row.status,
                    account_id=row.account_id,
                    errors=[
                        RowErrorAnswer(pointer=e.pointer, code=e.code, detail=e.detail)
                        for e in row.errors
                    ],
                )
                for row in rows
            ],
        )


def rendered_receipt(creditor_id: str) -> Callable[[str, Sequence[RowResult]], Answer]:
    """Return what turns a receipt into the answer that is kept."""

    def render(placement_id: str, rows: Sequence[RowResult]) -> Answer:
        answer = PlacementAnswer.of(placement_id, creditor_id, rows)
        return Answer(status=201, body=answer.model_dump_json().encode())

    return render
