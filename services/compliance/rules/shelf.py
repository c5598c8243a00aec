"""The books of one tenant, each in force from its instant until the next one's."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.pack import MalformedPack, RulePack, order_of
from services.compliance.rules.succession import Following
from shared.kernel.records import record

ALWAYS = datetime.min.replace(tzinfo=UTC)


@record
class Edition:
    """A book and the first instant at which it judges.

    `unusable` names packs that are to be enforced and that these rules cannot: then the book stands
    for nothing, and nobody is contacted by it.
    """

    since: datetime
    book: Book
    unusable: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Tell whether the book has everything that is to be enforced."""
        return not self.unusable


@record
class Shelf:
    """Editions in the order of their instants; the first one has always been in force."""

    editions: tuple[Edition, ...]

    @classmethod
    def of(cls, book: Book) -> "Shelf":
        """Return a shelf with one book, in force for ever."""
        return cls(editions=(Edition(since=ALWAYS, book=book),))

    @classmethod
    def unusable(cls, book: Book, packs: tuple[str, ...]) -> "Shelf":
        """Return a shelf by which nothing is decided, because of those packs."""
        return cls(editions=(Edition(since=ALWAYS, book=book, unusable=packs),))

    def at(self, instant: datetime) -> Book:
        """Return the book in force at an instant."""
        return self._edition(instant).book

    def unusable_at(self, instant: datetime) -> tuple[str, ...]:
        """Return the packs that are to be enforced at an instant and cannot be."""
        return self._edition(instant).unusable

    def whole_until(self, start: datetime, end: datetime) -> datetime:
        """Return until when, `end` at most, every book after the one at `start` is whole."""
        broken = (each.since for each in self.editions if not each.is_whole)
        return min((each for each in broken if each > start), default=end)

    def following(self, instant: datetime) -> tuple[Following, ...]:
        """Return the books that are known to come into force after an instant."""
        return tuple(
            Following(since=each.since, book=each.book if each.is_whole else None)
            for each in self.editions
            if each.since > instant
        )

    def _edition(self, instant: datetime) -> Edition:
        found = self.editions[0]
        for each in self.editions:
            if each.since > instant:
                break
            found = each
        return found

    def between(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, Book]]:
        """Yield the books in force from `start` to before `end`, each with its own stretch."""
        ends = [each.since for each in self.editions[1:]] + [end]
        for each, next_since in zip(self.editions, ends, strict=True):
            since, until = max(start, each.since), min(end, next_since)
            if since < until:
                yield since, until, each.book


@record
class Adopted:
    """An agency's own pack, with the instants from which on it is observed, enforced, neither.

    Without `pack` it is one that these rules cannot read; `label` names it all the same.
    """

    pack: RulePack | None
    label: str = "unreadable"
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
    """
    editions: list[Edition] = []
    for since in (ALWAYS, *sorted({instant for each in adopted for instant in each.instants})):
        each = _edition(shipped, adopted, since)
        if not editions or _content(editions[-1]) != _content(each):
            editions.append(each)
    return Shelf(editions=tuple(editions))


def newest(packs: Iterable[RulePack]) -> tuple[RulePack, ...]:
    """Keep the newest version of each pack, by name and jurisdiction; of equal ones the first."""
    found: dict[tuple[str, str], RulePack] = {}
    for each in packs:
        key = (each.pack, each.jurisdiction)
        if key not in found or order_of(each.version) > order_of(found[key].version):
            found[key] = each
    return tuple(found.values())


def _edition(shipped: Book, adopted: Sequence[Adopted], since: datetime) -> Edition:
    enforced = [each for each in adopted if each.is_active(since)]
    active = [each.pack for each in enforced if each.pack is not None]
    packs = newest([*shipped.packs, *active])
    observed = [each.pack for each in adopted if each.is_observed(since) and each.pack is not None]
    unreadable = tuple(each.label for each in enforced if each.pack is None)
    if unreadable:
        return Edition(since=since, book=shipped, unusable=unreadable)
    if packs == shipped.packs and not observed:
        return Edition(since=since, book=shipped)
    try:
        return Edition(since=since, book=rulebook.bind(packs, observed))
    except MalformedPack:  # a newer version of the federal pack lacks what a rule of ours needs
        return Edition(since=since, book=shipped, unusable=tuple(each.label for each in active))


def _content(edition: Edition) -> tuple[str, tuple[str, ...]]:
    return edition.book.label, edition.unusable


def _has_come(since: datetime | None, at: datetime) -> bool:
    return since is not None and since <= at
