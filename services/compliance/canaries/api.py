"""The canaries of an agency: what is tried on them, which rule must object, what came of it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from services.compliance.canaries import views
from services.compliance.canaries.domain import Canary
from services.compliance.canaries.flock import CANARIES
from services.compliance.permits.asking import Basis
from services.compliance.rules.book import Book
from services.compliance.rules.pack import FEDERAL
from shared.http.call import CurrentCall
from shared.http.routing import Router

router = Router(tag="canaries")


class CanaryAnswer(BaseModel):
    """One canary. `state` is `untried`, `refused` as it must be, or wrong: `granted`, `missed`.

    `missed` is a refusal without the expected rule; `since` is when the state began.
    """

    object: Literal["canary"] = "canary"
    name: str
    act: str
    expected_rule: str
    law: str
    citation: str
    state: Literal["untried", "refused", "granted", "missed"]
    objections: list[str]
    tried_at: datetime | None
    since: datetime | None
    recorded_at: datetime | None


class CanariesAnswer(BaseModel):
    """Every canary of the agency; `tried_every_s` is null where they are not tried at all."""

    object: Literal["canaries"] = "canaries"
    tried_every_s: float | None
    canaries: list[CanaryAnswer]


@router.get("/canaries", scope="audit:read", response_model=CanariesAnswer)
async def list_canaries(call: CurrentCall) -> CanariesAnswer:
    """List the synthetic consumers on whom forbidden acts are tried, and what was answered last."""
    basis: Basis = call.request.app.state.basis
    now = (await call.foundation.store.load(call.tenant, [])).now
    book = basis.books.shelf(call.tenant).at(now)
    rows = {row["canary"]: row for row in await call.rows(views.every())}
    return CanariesAnswer(
        tried_every_s=call.request.app.state.canaries_every_s,
        canaries=[_answer(each, book, rows.get(each.name)) for each in CANARIES],
    )


def _answer(canary: Canary, book: Book, row: Any) -> CanaryAnswer:
    law, citation = _law(canary, book)
    return CanaryAnswer(
        name=canary.name,
        act=canary.act,
        expected_rule=canary.expects,
        law=law,
        citation=citation,
        state="untried" if row is None else row["answer"],
        objections=[] if row is None else row["objections"],
        tried_at=row and row["tried_at"],
        since=row and row["since"],
        recorded_at=row and row["recorded_at"],
    )


def _law(canary: Canary, book: Book) -> tuple[str, str]:
    """Return the law that forbids the act by this book; empty where none does any more."""
    for jurisdiction in (FEDERAL, *canary.states):
        for pack in book.packs:
            for terms in pack.terms:
                if pack.jurisdiction == jurisdiction and terms.rule == canary.expects:
                    return terms.law, terms.citation
    return "", ""
