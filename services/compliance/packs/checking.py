"""Whether a drafted pack can stand beside the packs in force, and what is wrong when it cannot."""

from services.compliance.books.shelves import Shelves
from services.compliance.packs import views
from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.loading import read_pack
from services.compliance.rules.pack import MalformedPack, RulePack, order_of
from services.compliance.rules.shelf import newest
from shared.http.call import Call
from shared.http.problem import FieldError, Problem
from shared.kernel.errors import DomainError

PACKS_MAX = 100
OBSERVED_MAX = 8
"""Packs in shadow at one time: every decision waits for what they would say."""


class TooManyPacks(DomainError):
    """An agency keeps no more packs."""

    kind = "conflict"
    code = "too-many-rule-packs"


class TooManyObserved(DomainError):
    """No more packs judge in shadow."""

    kind = "conflict"
    code = "too-many-in-shadow"


def read_draft(text: str) -> RulePack:
    """Read a pack's document.

    Raises:
        Problem: 422 with the place at fault and what belongs there, never with what was given.
    """
    try:
        return read_pack(text, "document")
    except MalformedPack as error:
        raise _invalid(error.place, error.fix) from None


async def refuse_misfits(call: Call, pack: RulePack) -> None:
    """See that the pack would be in force, and the book whole with it, if it were activated.

    Raises:
        Problem: 422 with what has to be another.
        TooManyPacks: there are too many.
    """
    (row,) = await call.rows(views.counted())
    if row["packs"] >= PACKS_MAX:
        raise TooManyPacks(f"There are {PACKS_MAX} rule packs already.")
    book = _newest_book(call)
    for each in book.packs:
        if each.pack != pack.pack:
            continue
        if each.jurisdiction != pack.jurisdiction:
            raise _invalid("/jurisdiction", "a pack in force has this name; give its jurisdiction")
        if order_of(pack.version) <= order_of(each.version):
            raise _invalid("/version", f"give one newer than the one in force, {each.version}")
    try:
        rulebook.bind(newest([*book.packs, pack]))
    except MalformedPack as error:
        raise _invalid(error.place, error.fix) from None


def refuse_crowd(call: Call) -> None:
    """See that there is room for one more pack in shadow.

    Raises:
        TooManyObserved: there is none.
    """
    if len(_newest_book(call).observed) >= OBSERVED_MAX:
        raise TooManyObserved(f"{OBSERVED_MAX} packs judge in shadow. Withdraw one of them first.")


def _newest_book(call: Call) -> Book:
    shelves: Shelves = call.request.app.state.basis.books
    return shelves.shelf(call.tenant).editions[-1].book


def _invalid(place: str, fix: str) -> Problem:
    detail = f"In the document at {place or '/'}: {fix}."
    return Problem(
        "validation-failed",
        errors=[FieldError(code="rule-pack", pointer="/document", detail=detail)],
    )
