"""A decision is made again, byte for byte, from its own event and what its stream held before it.

Books change while the streams run: packs of an agency's own are watched, enforced and withdrawn.
Every book is read back from its record, every event from its bytes.
"""

import os
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any, get_args

from services.compliance.books import domain as books
from services.compliance.content.domain import CONTENTS, CheckContent, ContentChecked, ContentState
from services.compliance.permits.domain import GATES, ClearAct, Event
from services.compliance.permits.domain.again import Decision, decide_again
from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.pack import FEDERAL
from services.compliance.rules.request import Circumstances
from services.compliance.rules.shelf import Adopted, Shelf, assemble
from shared.eventstore import codec
from shared.kernel.records import replace
from tests.unit.compliance.samples import BOOK, TZ_VERSION
from tests.unit.compliance.test_gate_properties import START, Story
from tests.unit.compliance.worlds import a_fact, a_message, a_pack, a_request, an_act

STORIES = int(os.environ.get("STORIES", "8"))
MESSAGES = 3
ZONES = (
    ("America/New_York",),
    ("America/New_York", "America/Los_Angeles"),
    ("Pacific/Guam", "America/Chicago"),
)
CONTACT_RULES = tuple(rulebook.slug(each) for each in rulebook.RULES)


def a_shelf(random: Random) -> Shelf:
    """Return the books of an agency that watches, enforces and withdraws packs of its own."""
    adopted = []
    for jurisdiction in (FEDERAL, "VT", random.choice((FEDERAL, "VT"))):
        observed_from = START + random.randrange(20) * timedelta(hours=6)
        active_from = observed_from + random.randrange(20) * timedelta(hours=6)
        withdrawn_from = active_from + random.randrange(1, 20) * timedelta(hours=6)
        adopted.append(
            Adopted(
                pack=a_pack(random, jurisdiction, CONTACT_RULES),
                observed_from=observed_from,
                active_from=random.choice((None, active_from)),
                withdrawn_from=random.choice((None, withdrawn_from)),
            )
        )
    return assemble(BOOK, adopted)


def from_record(book: Book, at: datetime) -> Book:
    """Read a book back from the event that recorded it."""
    (recorded,) = books.decide(books.record_of(book, at), books.BookState())
    stored = codec.encode(recorded)
    return books.book_of(codec.decode(books.RuleBookRecorded, stored))


class Chronicle(Story):
    """A gate at which anything is asked while the books change."""

    def __init__(self, random: Random) -> None:
        super().__init__(random.choice(ZONES))
        self.before = self.state
        self.shelf = a_shelf(random)

    def do(self, command: Any) -> tuple[Event, ...]:
        """Decide by the book of the instant."""
        if hasattr(command, "book"):
            command = replace(command, book=self.shelf.at(command.now))
        if hasattr(command, "following"):
            command = replace(command, following=self.shelf.following(command.now))
        return super().do(command)

    def ask_only(self, random: Random) -> None:
        """Ask for any contact or any other act, with what was known around it."""
        self._count += 1
        around: dict[str, Any] = {
            "circumstances": Circumstances(
                stale=random.choice(((), (), ("ledger",))),
                licences=random.choice((None, ("MA", "NV"))),
            ),
            "watermarks": {"ledger": self.at - timedelta(seconds=random.randrange(9))},
            "trace_id": f"trace-{self._count}",
        }
        if random.random() < 0.5:
            self.ask(a_request(random), at=self.at, **around)
            return
        self.do(
            ClearAct(
                clearance_id=f"clr_{self._count}",
                request=an_act(random, self.at),
                book=BOOK,
                tz_version=TZ_VERSION,
                now=self.at,
                **around,
            )
        )

    def hear(self, random: Random) -> None:
        """Learn anything, and more often what does not bar contact for good."""
        super().hear(random)
        if random.random() < 0.5:
            key = f"drawn_{random.randrange(3)}"
            self.learn(a_fact(random, self.at), self.at, key=key, version=random.randrange(50))


def test_a_gates_decisions_are_made_again() -> None:
    made: Counter[str] = Counter()
    labels = set()
    for seed in range(STORIES):
        random = Random(seed)
        story = Chronicle(random)
        story.play(seed)
        known = {
            each.book.label: from_record(each.book, each.since if seed % 2 else START)
            for each in story.shelf.editions
        }
        state = story.before
        for happened in story.happened:
            stored = codec.encode(happened)
            event: Any = codec.decode(type(happened), stored)
            if isinstance(event, Decision):
                again = decide_again(event, state, known[event.rule_pack], known.get)
                assert codec.encode(again) == stored, f"story {seed}: {event}"
                made[type(event).__name__] += 1
                labels.add(event.rule_pack)
                made["books ahead"] += bool(getattr(event, "books_ahead", ()))
                made["observed"] += bool(getattr(event, "observed", ()))
            state = GATES.fold([event], state)
        assert state == story.state
    assert {each.__name__ for each in get_args(Decision)} | {"observed", "books ahead"} <= {
        name for name, number in made.items() if number
    }
    assert len(labels) > STORIES * 2


def test_checks_of_content_are_made_again() -> None:
    """The words are not kept: whoever has them can have them judged again."""
    found = 0
    for seed in range(STORIES * MESSAGES):
        random = Random(seed)
        message, shelf = a_message(random), a_shelf(random)
        at = START + random.randrange(30) * timedelta(hours=6)
        book = shelf.at(at)
        check = CheckContent(
            check_id="chk_1", content_digest="digest", message=message, book=book, now=at
        )
        (checked,) = CONTENTS.decide(check, ContentState())
        stored = codec.encode(checked)
        event = codec.decode(ContentChecked, stored)
        (again,) = CONTENTS.decide(
            CheckContent(
                check_id=event.check_id,
                content_digest=event.content_digest,
                message=message,
                book=from_record(book, at),
                now=event.at,
            ),
            ContentState(),
        )
        assert event.rule_pack == book.label
        assert codec.encode(again) == stored, f"message {seed}"
        found += len(event.findings)
    assert found > STORIES
