"""Reading the rule book that a decision names, whole, however long ago it decided."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Path
from pydantic import BaseModel

from services.compliance.books import domain as books
from services.compliance.books.domain import RuleBookRecorded
from shared.http.call import CurrentCall
from shared.http.problem import Problem
from shared.http.routing import Router

router = Router(tag="rule packs")

Label = Annotated[str, Path(pattern=r"^rulebook@[0-9a-f]{16}$")]


class RuleBookAnswer(BaseModel):
    """The packs of a book as documents, and those that were in shadow beside it."""

    object: Literal["rule_book"] = "rule_book"
    label: str
    recorded_at: datetime
    packs: list[dict[str, Any]]
    observed: list[dict[str, Any]]


@router.get("/rule-books/{label}", scope="rules:read", response_model=RuleBookAnswer)
async def get_rule_book(label: Label, call: CurrentCall) -> RuleBookAnswer:
    """Read the packs of a book that has decided: `rule_pack` of a decision is its label."""
    recorded = await call.first_event(books.stream(books.digest_of(label)), RuleBookRecorded)
    if recorded is None:
        raise Problem("not-found")
    return RuleBookAnswer(
        label=recorded.label,
        recorded_at=recorded.at,
        packs=[msgspec.json.decode(each) for each in recorded.packs],
        observed=[msgspec.json.decode(each) for each in recorded.observed],
    )
