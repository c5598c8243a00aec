"""Placement rows: strict reading of one row, naming every failing field and never a value.

The answer is clear text for the edge to seal; nothing here reaches an event, a log or an answer
except pointers and codes.
"""

from datetime import date

from pydantic import ValidationError

from services.ledger.placements.domain import FieldError
from services.ledger.placements.rows.relations import relations
from services.ledger.placements.rows.schema import (
    AddressRow,
    ConsentRow,
    EmailRow,
    PartyRow,
    PhoneRow,
    PlacementRow,
)
from shared.http.field_errors import error_entries

__all__ = [
    "AddressRow",
    "ConsentRow",
    "EmailRow",
    "PartyRow",
    "PhoneRow",
    "PlacementRow",
    "validate_row",
]

ERRORS_MAX = 50


def validate_row(raw: object, today: date) -> PlacementRow | list[FieldError]:
    """Read one row as of a day, or name every field that fails, as pointers relative to the row."""
    if not isinstance(raw, dict):
        return [FieldError(pointer="", code="type", detail="give an object")]
    errors: dict[tuple[str, str], FieldError] = {}
    row = None
    try:
        row = PlacementRow.model_validate(raw)
    except ValidationError as refused:
        for entry in error_entries(refused, document=raw):
            errors.setdefault((entry["pointer"], entry["code"]), FieldError(**entry))
    for error in relations(raw, today):
        errors.setdefault((error.pointer, error.code), error)
    if row is not None and not errors:
        return row
    found = list(errors.values())
    if len(found) <= ERRORS_MAX:
        return found
    detail = f"there are more than {ERRORS_MAX} errors; the first are named"
    return [*found[: ERRORS_MAX - 1], FieldError(pointer="", code="too-many-errors", detail=detail)]
