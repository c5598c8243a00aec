"""When something is permitted next, across the books that are known to follow the present one.

Each book answers for its own stretch of time only: what it would permit after the next one is in
force is not asked of it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from services.compliance.rules.book import Book
from shared.kernel.records import record


@record
class Following:
    """A book in force from an instant on; None where nothing can be decided from then on."""

    since: datetime
    book: Book | None


def first_permitted(
    earliest: Callable[[Book, datetime], datetime | None],
    book: Book,
    now: datetime,
    following: Sequence[Following],
) -> datetime | None:
    """Return the first instant at which the book in force then permits, None if waiting is vain.

    Args:
        earliest: when a book permits, asked from an instant on.
        following: later books in the order of their instants.
    """
    stretches = [Following(since=now, book=book), *following]
    ends = [each.since for each in following]
    for number, each in enumerate(stretches):
        end = ends[number] if number < len(ends) else None
        found = None if each.book is None else earliest(each.book, each.since)
        if found is not None and (end is None or found < end):
            return found
    return None
