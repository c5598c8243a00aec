"""Which book decides again: the one of each decision or one for all, with packs put beside it."""

from collections.abc import Iterable, Sequence
from datetime import date

from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.pack import RulePack
from shared.kernel.records import replace

AS_DECIDED = "as_decided"
"""Each decision by the book that it names."""


def with_packs(book: Book, packs: Sequence[RulePack]) -> Book:
    """Return a book with packs enforced beside the others, in place of those of the same name.

    Raises:
        MalformedPack: a federal rule would have no terms.
    """
    named = {(each.pack, each.jurisdiction) for each in packs}
    kept = [each for each in book.packs if (each.pack, each.jurisdiction) not in named]
    return rulebook.bind([*kept, *packs], is_on_record=True)


def in_force_throughout(packs: Iterable[RulePack], today: date) -> tuple[RulePack, ...]:
    """Return packs as if they had been in force always, without what has ended by today."""
    return tuple(
        replace(
            pack,
            terms=tuple(
                replace(each, effective_from=date.min, effective_until=None)
                for each in pack.terms
                if each.effective_until is None or today < each.effective_until
            ),
        )
        for pack in packs
    )
