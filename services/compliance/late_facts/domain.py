"""Which contacts a fact would have forbidden that was learnt after them and held already.

Each contact is judged again at its own instant by the book that it was made by, on what its gate
knew then, without and with the fact. What the fact adds is the exposure.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal

from services.compliance.permits.domain import GATES, GateState, deciding, events, evolve
from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.facts import Fact
from services.compliance.rules.findings import Objection
from services.compliance.rules.outcomes import OUTCOMES
from services.compliance.rules.request import Circumstances, ContactRequest
from services.compliance.rules.validity import valid_from
from shared.kernel.records import record, replace

CONTACTS_LISTED_MAX = 100
"""Of one fact, the earliest; all are counted."""

BookOf = Callable[["Contact"], Book | None]
"""Which book a contact was made by; None where it is not on record."""

ContactKind = Literal["permitted", "unpermitted"]


@record
class Contact:
    """An attempt that was made, or may have been; `after` counts the events known before it.

    `rule_pack` is the label of the book that allowed it; an unpermitted one has none.
    """

    contact_id: str
    kind: ContactKind
    made_at: datetime
    after: int
    request: ContactRequest
    circumstances: Circumstances
    rule_pack: str | None
    outcome: str | None


@record
class ForbiddenContact:
    """A contact with the objections that the fact would have raised."""

    contact: Contact
    objections: tuple[Objection, ...]


@record
class LateFact:
    """A fact that held before it was learnt, and what was done meanwhile.

    `version` is that of the event which took it in. `undecided` contacts could not be judged,
    because their book is not on record.
    """

    version: int
    fact_key: str
    source_stream: str
    fact: Fact
    held_from: datetime
    learnt_at: datetime
    released_at: datetime | None
    contacts: tuple[ForbiddenContact, ...]
    contacts_total: int
    undecided: int


@record
class Since:
    """Since when a fact is to be taken to have held, in place of what it says itself."""

    fact_key: str
    held_from: datetime


def labels(log: Iterable[events.Event]) -> frozenset[str]:
    """Return the labels of the books by which a gate's contacts were made."""
    return frozenset(each.rule_pack for each in log if isinstance(each, events.PermitRedeemed))


def late_facts(
    log: Sequence[events.Event], book_of: BookOf, since: Since | None = None
) -> list[LateFact]:
    """Return the facts of a gate that would have forbidden contacts made before they were learnt.

    `log` is all of the gate's events in order.
    """
    contacts = sorted(_contacts(log), key=lambda each: each.after)
    known = _states(log, {each.after for each in contacts})
    found = []
    for place, event in enumerate(log):
        if isinstance(event, events.FirstFactRecorded):
            event = events.latest(event)
        if not isinstance(event, events.FactRecorded):
            continue
        held_from = _held_from(event, since)
        if held_from is None or held_from >= event.at:
            continue
        meanwhile = [each for each in contacts if each.after <= place and held_from <= each.made_at]
        judged = [(each, _added(event, each, known[each.after], book_of)) for each in meanwhile]
        forbidden = tuple(
            ForbiddenContact(contact=each, objections=added) for each, added in judged if added
        )
        undecided = sum(added is None for _, added in judged)
        if forbidden or undecided:
            late = LateFact(
                version=place + 1,
                fact_key=event.fact_key,
                source_stream=event.source_stream,
                fact=event.fact,
                held_from=held_from,
                learnt_at=event.at,
                released_at=_released_at(log[place:], event),
                contacts=forbidden[:CONTACTS_LISTED_MAX],
                contacts_total=len(forbidden),
                undecided=undecided,
            )
            found.append(late)
    return found


def _held_from(event: events.FactRecorded, since: Since | None) -> datetime | None:
    if since is not None and since.fact_key == event.fact_key:
        return since.held_from
    return valid_from(event.fact)


def _contacts(log: Sequence[events.Event]) -> Iterable[Contact]:
    outcomes = {
        each.permit_id: each.outcome for each in log if isinstance(each, events.OutcomeReported)
    }
    instants = [each.at for each in log]
    for place, event in enumerate(log):
        match event:
            case events.PermitRedeemed():
                outcome = outcomes.get(event.permit_id)
                contact = Contact(
                    contact_id=event.permit_id,
                    kind="permitted",
                    made_at=event.at,
                    after=place,
                    request=event.request,
                    circumstances=event.circumstances,
                    rule_pack=event.rule_pack,
                    outcome=outcome,
                )
            case events.UnpermittedAttemptReported():
                outcome = outcomes.get(event.attempt_id, event.outcome)
                contact = Contact(
                    contact_id=event.attempt_id,
                    kind="unpermitted",
                    made_at=event.started_at,
                    # What was known when it was made, not when it was reported.
                    after=min(place, bisect_right(instants, event.started_at)),
                    request=event.request,
                    circumstances=Circumstances(),
                    rule_pack=None,
                    outcome=outcome,
                )
            case _:
                continue
        if outcome is None or OUTCOMES[outcome].is_made:
            yield contact


def _states(log: Sequence[events.Event], wanted: set[int]) -> dict[int, GateState]:
    """Fold once, and keep the states after so many events as are wanted."""
    state: GateState = GATES.initial
    found = {0: state} if 0 in wanted else {}
    for number, event in enumerate(log, start=1):
        state = evolve(state, event)
        if number in wanted:
            found[number] = state
    return found


def _added(
    event: events.FactRecorded, contact: Contact, known: GateState, book_of: BookOf
) -> tuple[Objection, ...] | None:
    book = book_of(contact)
    if book is None:
        return None
    before = _objections(known, contact, book)
    informed = evolve(known, replace(event, at=contact.made_at))
    raised = {(each.rule, each.law) for each in before}
    return tuple(
        each for each in _objections(informed, contact, book) if (each.rule, each.law) not in raised
    )


def _objections(state: GateState, contact: Contact, book: Book) -> tuple[Objection, ...]:
    gate = deciding.shown(
        state, contact.request, contact.circumstances, book=book, besides=contact.contact_id
    )
    return rulebook.judge(gate, book, contact.made_at).objections


def _released_at(later: Iterable[events.Event], fact: events.FactRecorded) -> datetime | None:
    for each in later:
        if isinstance(each, events.FactReleased) and (each.source_stream, each.fact_key) == (
            fact.source_stream,
            fact.fact_key,
        ):
            return each.at
    return None
