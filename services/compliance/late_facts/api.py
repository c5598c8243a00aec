"""Late facts over HTTP: what was done before it was known what forbids it, and by which rule."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Path, Query
from pydantic import BaseModel

from services.compliance.books.recorded import find_book
from services.compliance.late_facts import domain as late
from services.compliance.late_facts import views
from services.compliance.permits.asking import Basis
from services.compliance.permits.bodies import ObjectionAnswer
from services.compliance.permits.domain import GATES, events
from services.compliance.rules.book import Book
from services.compliance.rules.validity import ALWAYS
from shared.eventstore import codec
from shared.http.call import Call, CurrentCall
from shared.http.fields import Instant, TypeId
from shared.http.pagination import Cursors, Page, Paging
from shared.http.problem import FieldError, Problem
from shared.http.routing import Router
from shared.kernel.errors import DomainError

router = Router(tag="late facts")

EVENTS_MAX = 20_000
"""Of one gate: what has more is a matter for a replay with `known_now`, which reads in parts."""

PART_MAX = 2_000
LEARNT_WITHIN = timedelta(days=90)
"""How far back facts were learnt that are looked at unless said otherwise."""

ConsumerPath = Annotated[str, Path(), TypeId("cns")]
_ID = r"[a-z]{2,5}_[0-7][0-9a-hjkmnp-tv-z]{25}"  # a fact's, a dispute's, a consent's
_ANY_ID = rf"^{_ID}(-{_ID})?$"  # with the account, where somebody else said it of a joint debt
CLASSES = codec.classes_by_name(GATES.events)


class HistoryTooLong(DomainError):
    """The consumer's history is longer than one request reads."""

    code = "history-too-long"


class ForbiddenContactAnswer(BaseModel):
    """A contact, and the objections that the fact would have raised at its instant.

    `id` is the permit's, or that of an attempt without one. Without `outcome` nobody has said what
    came of it.
    """

    id: str
    kind: late.ContactKind
    made_at: datetime
    channel: str
    purpose: str
    party_id: str
    account_ids: list[str]
    contact_point_id: str | None
    outcome: str | None
    rule_pack: str | None
    objections: list[ObjectionAnswer]


class LateFactAnswer(BaseModel):
    """A fact that held before it was learnt, with the contacts made meanwhile that it forbids.

    Without `held_from` it held all along. `contacts_total` counts them all, `contacts` are the
    first hundred. `undecided` contacts could not be judged: their book is not on record.
    """

    object: Literal["late_fact"] = "late_fact"
    consumer_id: str
    fact_id: str
    source_stream: str
    kind: str
    fact: dict[str, Any]
    held_from: datetime | None
    learnt_at: datetime
    released_at: datetime | None
    contacts_total: int
    undecided: int
    contacts: list[ForbiddenContactAnswer]


class ConsumerLateFactsAnswer(BaseModel):
    """A consumer who was contacted before it was known what forbids it."""

    object: Literal["consumer_late_facts"] = "consumer_late_facts"
    consumer_id: str
    late_facts: list[LateFactAnswer]


@router.get(
    "/consumers/{consumer_id}/late-facts",
    scope="permits:read",
    response_model=Page[LateFactAnswer],
    problems=("validation-failed", HistoryTooLong),
)
async def list_late_facts(
    consumer_id: ConsumerPath,
    call: CurrentCall,
    paging: Paging,
    fact_id: Annotated[str | None, Query(pattern=_ANY_ID)] = None,
    held_from: Annotated[Instant | None, Query()] = None,
) -> Page[LateFactAnswer]:
    """List what was learnt late of a consumer, with the contacts that it would have forbidden.

    A bankruptcy filed ten days ago, a demand to stop that lay in a drawer, a number that was never
    theirs. In the order in which it was learnt. Give `fact_id` for one fact alone, and with it
    `held_from` if it held since another time than it says, such as a day of death.
    """
    if held_from is not None and fact_id is None:
        raise Problem(
            "validation-failed",
            errors=[FieldError(code="missing", parameter="fact_id", detail="say of which fact")],
        )
    if held_from is not None:
        await _require_past(call, "held_from", held_from)
    since = late.Since(fact_key=fact_id, held_from=held_from) if fact_id and held_from else None
    filters = {"fact_id": fact_id or "", "held_from": held_from.isoformat() if held_from else ""}
    cursors = Cursors(call.foundation.cursor_key)
    bound = {"consumer_id": consumer_id, **filters}
    operation = "list_late_facts"
    after = cursors.read(paging.cursor, tenant=call.tenant, operation=operation, filters=bound)
    found = await _Reader(call).late_facts(consumer_id, since)
    rows = [
        ((each.version,), _answer(consumer_id, each))
        for each in found
        if fact_id in (None, each.fact_key) and (after is None or each.version > int(after[0]))
    ]
    return cursors.page(rows, paging, tenant=call.tenant, operation=operation, filters=bound)


@router.get(
    "/late-facts",
    scope="permits:read",
    response_model=Page[ConsumerLateFactsAnswer],
    problems=("validation-failed", HistoryTooLong),
)
async def list_consumers_with_late_facts(
    call: CurrentCall,
    paging: Paging,
    learnt_from: Annotated[Instant | None, Query()] = None,
) -> Page[ConsumerLateFactsAnswer]:
    """List the consumers who were contacted before it was known what forbids it.

    A page looks at as many consumers as its limit says, of whom something was learnt since
    `learnt_from` (ninety days ago unless said), and shows those with such contacts: it may be
    short, or empty, while there is more.
    """
    if learnt_from is None:
        learnt_from = (await call.foundation.store.load(call.tenant, [])).now - LEARNT_WITHIN
        filters = {"learnt_from": ""}
    else:
        await _require_past(call, "learnt_from", learnt_from)
        filters = {"learnt_from": learnt_from.isoformat()}
    cursors = Cursors(call.foundation.cursor_key)
    operation = "list_consumers_with_late_facts"
    after = cursors.read(paging.cursor, tenant=call.tenant, operation=operation, filters=filters)
    rows = await call.rows(views.consumers(learnt_from, after, paging.limit + 1))
    looked_at = [str(row["consumer_id"]) for row in rows[: paging.limit]]
    reader = _Reader(call)
    data = [
        shown
        for consumer_id in looked_at
        if (shown := await _of_consumer(reader, consumer_id, learnt_from)).late_facts
    ]
    has_more = len(rows) > paging.limit
    following = (
        cursors.write((looked_at[-1],), tenant=call.tenant, operation=operation, filters=filters)
        if has_more
        else None
    )
    return Page(data=data, has_more=has_more, next_cursor=following)


async def _require_past(call: Call, parameter: str, instant: datetime) -> None:
    if instant > (await call.foundation.store.load(call.tenant, [])).now:
        detail = "this lies in the future; give an instant that has passed"
        error = FieldError(code="in-the-future", parameter=parameter, detail=detail)
        raise Problem("validation-failed", errors=[error])


async def _of_consumer(
    reader: "_Reader", consumer_id: str, learnt_from: datetime
) -> ConsumerLateFactsAnswer:
    found = await reader.late_facts(consumer_id)
    shown = [_answer(consumer_id, each) for each in found if each.learnt_at >= learnt_from]
    return ConsumerLateFactsAnswer(consumer_id=consumer_id, late_facts=shown)


class _Reader:
    """Reads gates of one tenant, and the books that their contacts were made by, each once."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._basis: Basis = call.request.app.state.basis
        self._books: dict[str, Book | None] = {}

    async def late_facts(
        self, consumer_id: str, since: late.Since | None = None
    ) -> list[late.LateFact]:
        log = await self._log(consumer_id)
        for label in late.labels(log) - self._books.keys():
            self._books[label] = await find_book(self._call.foundation, self._call.tenant, label)
        return await asyncio.to_thread(late.late_facts, log, self._book_of, since)

    async def _log(self, consumer_id: str) -> Sequence[events.Event]:
        found: list[events.Event] = []
        while True:
            rows = await self._call.rows(views.events_of(consumer_id, len(found), PART_MAX))
            found.extend(codec.decode(CLASSES[row["type"]], row["data"]) for row in rows)
            if len(rows) < PART_MAX:
                return found
            if len(found) >= EVENTS_MAX:
                raise HistoryTooLong(
                    f"There are more than {EVENTS_MAX:,} events. Ask for a replay with known_now."
                )

    def _book_of(self, contact: late.Contact) -> Book | None:
        if contact.rule_pack is None:
            return self._basis.books.shelf(self._call.tenant).at(contact.made_at)
        return self._books.get(contact.rule_pack)


def _answer(consumer_id: str, found: late.LateFact) -> LateFactAnswer:
    fact = msgspec.to_builtins(found.fact)
    return LateFactAnswer(
        consumer_id=consumer_id,
        fact_id=found.fact_key,
        source_stream=found.source_stream,
        kind=fact["kind"],
        fact=fact,
        held_from=None if found.held_from == ALWAYS else found.held_from,
        learnt_at=found.learnt_at,
        released_at=found.released_at,
        contacts_total=found.contacts_total,
        undecided=found.undecided,
        contacts=[_contact(each) for each in found.contacts],
    )


def _contact(found: late.ForbiddenContact) -> ForbiddenContactAnswer:
    contact = found.contact
    return ForbiddenContactAnswer(
        id=contact.contact_id,
        kind=contact.kind,
        made_at=contact.made_at,
        channel=contact.request.channel,
        purpose=contact.request.purpose,
        party_id=contact.request.party_id,
        account_ids=list(contact.request.account_ids),
        contact_point_id=contact.request.contact_point_id,
        outcome=contact.outcome,
        rule_pack=contact.rule_pack,
        objections=[ObjectionAnswer.of(each) for each in found.objections],
    )
