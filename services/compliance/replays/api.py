"""Replays over HTTP: what recorded decisions would have been, asked for and read as it comes."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Path
from starlette.responses import Response

from services.compliance.books import domain as books
from services.compliance.books.recorded import find_book
from services.compliance.packs import domain as packs
from services.compliance.permits.asking import Basis
from services.compliance.permits.filters import ConsumerFilter, RuleName, refuse_unknown_rule
from services.compliance.replays import domain as replays
from services.compliance.replays import judging, views
from services.compliance.replays.bodies import DifferenceAnswer, ReplayAnswer, ReplayBody
from services.compliance.replays.tally import Kind
from services.compliance.rules.pack import MalformedPack, RulePack
from shared.eventstore.transact import Issue, Moment, Outcome
from shared.http.call import Call, CurrentCall
from shared.http.fields import TypeId
from shared.http.filters import given
from shared.http.pagination import Cursors, Page, Paging, Position
from shared.http.routing import Router
from shared.kernel.errors import DomainError

router = Router(tag="replays")

OPEN_MAX = 4
"""Replays of one agency that are under way at one time."""

_NEWEST = 100
"""How many of the newest replays are looked at for those under way."""

IN_FORCE = "in_force"
ReplayId = Annotated[str, Path(), TypeId("rpl")]


class ReplayBookUnknown(DomainError):
    """No such book has decided for the agency, or its packs cannot be read any more."""

    kind = "invalid"
    code = "replay-book-unknown"


class ReplayPackUnknown(DomainError):
    """There is no such pack, or it cannot judge beside that book."""

    kind = "invalid"
    code = "replay-pack-unknown"


class TooManyReplays(DomainError):
    """No more replays are under way at one time."""

    kind = "conflict"
    code = "too-many-replays"


@router.post(
    "/replays",
    scope="replays:write",
    status_code=202,
    response_model=ReplayAnswer,
    problems=(replays.ReplayPeriod, ReplayBookUnknown, ReplayPackUnknown, TooManyReplays),
)
async def request_replay(body: ReplayBody, call: CurrentCall) -> Response:
    """Have recorded decisions made again, to see which would have been others.

    Nothing is decided anew by it: no permit, gate or count changes. Read the replay for how far it
    has come and what it found.
    """
    await _refuse_crowd(call)
    scope = replays.Scope(
        rule_book=await _rule_book(call, body),
        since=body.since,
        until=body.until,
        pack_ids=tuple(body.rule_packs),
        packs=await _documents(call, body),
        in_force_throughout=body.in_force_throughout,
        facts=body.facts,
    )
    await _refuse_misfits(call, scope)
    replay_id = call.ids.new("rpl")

    def command(moment: Moment) -> replays.RequestReplay:
        return replays.RequestReplay(
            replay_id=replay_id, scope=scope, requested_by=call.caller.actor, now=moment.now
        )

    return await _change(call, replay_id, command, status=202)


@router.get("/replays", scope="replays:read", response_model=Page[ReplayAnswer])
async def list_replays(call: CurrentCall, paging: Paging) -> Page[ReplayAnswer]:
    """List the agency's replays, newest first."""
    cursors = Cursors(call.foundation.cursor_key)
    bound: Any = {"tenant": call.tenant, "operation": "list_replays", "filters": {}}
    after = cursors.read(paging.cursor, **bound)
    found = await _replays(call, after, paging.limit + 1)
    rows = [((stream,), _answer(call, state)) for stream, state in found]
    return cursors.page(rows, paging, **bound)


@router.get(
    "/replays/{replay_id}",
    scope="replays:read",
    response_model=ReplayAnswer,
    problems=(replays.ReplayNotFound,),
)
async def get_replay(replay_id: ReplayId, call: CurrentCall) -> ReplayAnswer:
    """Read a replay: how far it has come, and what would have been otherwise, by kind and rule."""
    return _answer(call, await _found(call, replay_id))


@router.get(
    "/replays/{replay_id}/differences",
    scope="replays:read",
    response_model=Page[DifferenceAnswer],
    problems=("validation-failed", replays.ReplayNotFound),
)
async def list_replay_differences(
    replay_id: ReplayId,
    call: CurrentCall,
    paging: Paging,
    kind: Kind | None = None,
    rule: RuleName | None = None,
    consumer_id: ConsumerFilter = None,
) -> Page[DifferenceAnswer]:
    """List the decisions that would have been others, by consumer; of a running one those so far.

    At most 100,000 are listed of one replay, until its `listed_until`; its sums count all of them.
    """
    if rule is not None:
        refuse_unknown_rule(rule)
    await _found(call, replay_id)
    filters = given(kind=kind, rule=rule, consumer_id=consumer_id)
    return await call.page(
        paging,
        operation="list_replay_differences",
        filters={"replay_id": replay_id, **filters},
        query=lambda after: views.differences(replay_id, filters, after, paging.limit + 1),
        show=lambda row: ((row["consumer_id"], row["version"]), DifferenceAnswer.of_row(row)),
    )


@router.post(
    "/replays/{replay_id}/cancel",
    scope="replays:write",
    response_model=ReplayAnswer,
    problems=(replays.ReplayNotFound, replays.ReplayOver),
)
async def cancel_replay(replay_id: ReplayId, call: CurrentCall) -> Response:
    """Give a replay up. What it found so far can still be read."""

    def command(moment: Moment) -> replays.CancelReplay:
        return replays.CancelReplay(
            replay_id=replay_id, cancelled_by=call.caller.actor, now=moment.now
        )

    return await _change(call, replay_id, command, status=200)


async def _change(call: Call, replay_id: str, command: Any, *, status: int) -> Response:
    stream = replays.stream(replay_id)

    def answer(outcome: Outcome) -> ReplayAnswer:
        return _answer(call, outcome.state(stream))

    issue = Issue(stream=stream, decider=replays.REPLAYS, command=command)
    return await call.change([issue], answer, status=status)


def _answer(call: Call, state: replays.ReplayState) -> ReplayAnswer:
    days: int = call.request.app.state.replay_differences_days
    return ReplayAnswer.of(state, timedelta(days=days))


async def _found(call: Call, replay_id: str) -> replays.ReplayState:
    state: replays.ReplayState
    (state,) = await call.states((replays.stream(replay_id), replays.REPLAYS))
    if not state.replay_id:
        raise replays.ReplayNotFound("There is no such replay.")
    return state


async def _replays(
    call: Call, after: Position | None, limit: int
) -> list[tuple[str, replays.ReplayState]]:
    streams = [str(row["stream"]) for row in await call.rows(views.listed(after, limit))]
    states = await call.states(*((each, replays.REPLAYS) for each in streams)) if streams else []
    return list(zip(streams, states, strict=True))


async def _refuse_crowd(call: Call) -> None:
    if sum(state.is_open for _, state in await _replays(call, None, _NEWEST)) >= OPEN_MAX:
        raise TooManyReplays(f"{OPEN_MAX} replays are under way. Wait for one, or cancel it.")


async def _rule_book(call: Call, body: ReplayBody) -> str:
    """Return the label of the book asked for: what is in force may be another one tomorrow."""
    if body.rule_book != IN_FORCE:
        return body.rule_book
    basis: Basis = call.request.app.state.basis
    await basis.books.ready(call.tenant)
    now = (await call.foundation.store.load(call.tenant, [])).now
    return basis.books.shelf(call.tenant).at(now).label


async def _documents(call: Call, body: ReplayBody) -> tuple[str, ...]:
    wanted = [(packs.stream(each), packs.RULE_PACKS) for each in body.rule_packs]
    found: list[packs.PackState] = await call.states(*wanted) if wanted else []
    for number, each in enumerate(found):
        if not each.revision:
            raise _no_pack("There is no such rule pack.", number)
    names = [(each.pack, each.jurisdiction) for each in found]
    if len(set(names)) < len(names):
        raise _no_pack("Give one version of each rule pack.", len(names) - 1)
    return tuple(each.document for each in found)


async def _refuse_misfits(call: Call, scope: replays.Scope) -> None:
    """See that the packs can be read, and that the book can judge with them."""
    found: list[RulePack] = []
    for number, text in enumerate(scope.packs):
        try:
            found.append(books.pack_of(text))
        except MalformedPack:
            raise _no_pack("The rules of today cannot read this pack.", number) from None
    if scope.rule_book == judging.AS_DECIDED:
        return
    book = await find_book(call.foundation, call.tenant, scope.rule_book)
    if book is None:
        raise ReplayBookUnknown(
            "No such book has decided here. Give as_decided, in_force, or a decision's rule_pack.",
            pointer="/rule_book",
        )
    try:
        judging.with_packs(book, found)
    except MalformedPack:
        raise _no_pack("Without what it takes the place of, a rule has no terms.", 0) from None


def _no_pack(detail: str, number: int) -> ReplayPackUnknown:
    return ReplayPackUnknown(detail, pointer=f"/rule_packs/{number}")
