"""A rule book on record: the packs behind the label that decisions name, whole.

It is recorded before the first decision by it, and for ever, so that a decision can be made again
when the packs that ship with the rules are others.
"""

from datetime import datetime

import msgspec

from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.pack import RulePack, document, read
from shared.kernel.decider import Decider
from shared.kernel.records import event, record


@record
class RecordRuleBook:
    """Put a book on record."""

    label: str
    packs: tuple[str, ...]
    observed: tuple[str, ...]
    now: datetime


@event("forbear.compliance.rule-book-recorded.v1")
class RuleBookRecorded:
    """A book that may decide from now on: documents of its packs, and of those in shadow."""

    label: str
    packs: tuple[str, ...]
    observed: tuple[str, ...]
    at: datetime


@record
class BookState:
    """Whether it is on record."""

    is_recorded: bool = False


def stream(digest: str) -> str:
    """Name the stream of a book by the digest in its label."""
    return f"rulebook-{digest}"


def digest_of(label: str) -> str:
    """Return the digest of its content by which a label names a book."""
    return label.partition("@")[2]


def text_of(pack: RulePack) -> str:
    """Return a pack's document as canonical JSON."""
    return msgspec.json.encode(document(pack), order="sorted").decode()


def pack_of(text: str) -> RulePack:
    """Read a pack's recorded document.

    Raises:
        MalformedPack: these rules know it no more.
    """
    return read(msgspec.json.decode(text), rulebook.KNOWN)


def book_of(recorded: RuleBookRecorded) -> Book:
    """Return the book that was recorded, ready to decide again.

    Raises:
        MalformedPack: these rules know a pack of it no more.
    """
    return rulebook.bind(
        [pack_of(each) for each in recorded.packs],
        [pack_of(each) for each in recorded.observed],
        is_on_record=True,
    )


def record_of(book: Book, now: datetime) -> RecordRuleBook:
    """Return the command that puts a book on record."""
    return RecordRuleBook(
        label=book.label,
        packs=tuple(text_of(each) for each in book.packs),
        observed=tuple(text_of(each.pack) for each in book.observed),
        now=now,
    )


def evolve(state: BookState, event: RuleBookRecorded) -> BookState:
    """Apply the only event."""
    return BookState(is_recorded=True)


def decide(command: RecordRuleBook, state: BookState) -> tuple[RuleBookRecorded, ...]:
    """Record it once."""
    if state.is_recorded:
        return ()
    recorded = RuleBookRecorded(
        label=command.label, packs=command.packs, observed=command.observed, at=command.now
    )
    return (recorded,)


RULE_BOOKS: Decider[RecordRuleBook, BookState, RuleBookRecorded] = Decider(
    initial=BookState(),
    evolve=evolve,
    decide=decide,
    events=(RuleBookRecorded,),
    state=BookState,
)
