"""The books of one tenant, each in force from its instant until the next one's."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.pack import RulePack, order_of
from shared.kernel.records import record

ALWAYS = datetime.min.replace(tzinfo=UTC)


@record
class Edition:
    """A book and the first instant at which it judges."""

    since: datetime
    book: Book


@record
class Shelf:
    """Editions in the order of their instants; the first one has always been in force."""

    editions: tuple[Edition, ...]

    @classmethod
    def of(cls, book: Book) -> "Shelf":
        """Return a shelf with one book, in force for ever."""
        return cls(editions=(Edition(since=ALWAYS, book=book),))

    def at(self, instant: datetime) -> Book:
        """Return the book in force at an instant."""
        found = self.editions[0]
        for each in self.editions:
            if each.since > instant:
                break
            found = each
        return found.book

    def between(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, Book]]:
        """Yield the books in force from `start` to before `end`, each with its own stretch."""
        ends = [each.since for each in self.editions[1:]] + [end]
        for each, next_since in zip(self.editions, ends, strict=True):
            since, until = max(start, each.since), min(end, next_since)
            if since < until:
                yield since, until, each.book


@record
class Adopted:
    """An agency's own pack, with the instants from which on it is observed, enforced, neither."""

    pack: RulePack
    observed_from: datetime | None = None
    active_from: datetime | None = None
    withdrawn_from: datetime | None = None

    def is_active(self, at: datetime) -> bool:
        """Tell whether it is enforced at an instant."""
        return _has_come(self.active_from, at) and not _has_come(self.withdrawn_from, at)

    def is_observed(self, at: datetime) -> bool:
        """Tell whether it judges in shadow at an instant."""
        is_over = _has_come(self.active_from, at) or _has_come(self.withdrawn_from, at)
        return _has_come(self.observed_from, at) and not is_over

    @property
    def instants(self) -> tuple[datetime, ...]:
        """Return when something about it changes."""
        given = (self.observed_from, self.active_from, self.withdrawn_from)
        return tuple(each for each in given if each is not None)


def assemble(shipped: Book, adopted: Sequence[Adopted]) -> Shelf:
    """Return which book is in force when: the shipped packs and those an agency has adopted.

    Of packs with one name and jurisdiction the newest version is in force, and so an adopted pack
    adds to the law, unless it is a newer version of a shipped one.

    Raises:
        MalformedPack: a newer version of the federal pack lacks terms that a rule needs.
    """
    editions: list[Edition] = []
    for since in (ALWAYS, *sorted({instant for each in adopted for instant in each.instants})):
        packs = _newest([*shipped.packs, *(each.pack for each in adopted if each.is_active(since))])
        observed = [each.pack for each in adopted if each.is_observed(since)]
        is_shipped = packs == shipped.packs and not observed
        book = shipped if is_shipped else rulebook.bind(packs, observed)
        if not editions or editions[-1].book.label != book.label:
            editions.append(Edition(since=since, book=book))
    return Shelf(editions=tuple(editions))


def _newest(packs: Iterable[RulePack]) -> tuple[RulePack, ...]:
    """Keep the newest version of each pack; of two equal ones the first."""
    found: dict[tuple[str, str], RulePack] = {}
    for each in packs:
        key = (each.pack, each.jurisdiction)
        if key not in found or order_of(each.version) > order_of(found[key].version):
            found[key] = each
    return tuple(found.values())


def _has_come(since: datetime | None, at: datetime) -> bool:
    return since is not None and since <= at
