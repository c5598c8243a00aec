"""Rule packs over HTTP: draft, put in shadow, activate, withdraw.

Every step names the version it was decided on (`If-Match`). Enforcing takes a second person, with
a scope of its own.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.compliance.books import domain as books
from services.compliance.packs import checking, views
from services.compliance.packs import domain as packs
from shared.eventstore import codec
from shared.eventstore.store import LoadedStream
from shared.eventstore.transact import Guard, Issue, Moment, Outcome, rebuild
from shared.http.call import Call, CurrentCall, rendered
from shared.http.fields import Instant, ShortText, StrictBody, TypeId
from shared.http.pagination import Page, Paging
from shared.http.preconditions import PARAMETER, SeenVersion, etag
from shared.http.routing import Router
from shared.kernel.errors import DomainError

router = Router(tag="rule packs")

DOCUMENT_CHARACTERS_MAX = 65_536
PackId = Annotated[str, Path(), TypeId("rpk")]
_STEP_PROBLEMS: tuple[str | type[DomainError], ...] = (
    "precondition-required",
    packs.RulePackNotFound,
    packs.RulePackChanged,
    packs.RulePackNotThere,
)
_STEP: dict[str, Any] = {"parameters": [PARAMETER]}


class DraftBody(StrictBody):
    """A pack's document, YAML or JSON: `forbear rules explain` says what rules go by."""

    document: Annotated[str, Field(min_length=1, max_length=DOCUMENT_CHARACTERS_MAX)]


class ActivationBody(StrictBody):
    """From when on it is enforced: at least a minute ahead, so that every process knows in time."""

    effective_at: Instant


class WithdrawalBody(StrictBody):
    """Why, and from when on; without an instant as soon as every process can know."""

    reason: Annotated[str, ShortText(200)]
    effective_at: Instant | None = None


class PackAnswer(BaseModel):
    """One version of a pack. Instants say from when on it is observed, enforced, neither."""

    object: Literal["rule_pack"] = "rule_pack"
    id: str
    pack: str
    version: str
    jurisdiction: str
    status: Literal["draft", "shadow", "active", "withdrawn"]
    author: str
    drafted_at: datetime
    observed_from: datetime | None
    active_from: datetime | None
    approved_by: str | None
    withdrawn_from: datetime | None
    withdrawn_by: str | None
    reason: str | None

    @classmethod
    def of(cls, state: packs.PackState, now: datetime) -> "PackAnswer":
        """Show a pack as it stands at an instant."""
        return cls(
            id=state.pack_id,
            pack=state.pack,
            version=state.version,
            jurisdiction=state.jurisdiction,
            status=packs.status_at(state, now),
            author=state.author,
            drafted_at=state.drafted_at or now,
            observed_from=state.observed_from,
            active_from=state.active_from,
            approved_by=state.approved_by,
            withdrawn_from=state.withdrawn_from,
            withdrawn_by=state.withdrawn_by,
            reason=state.reason,
        )


class WholePackAnswer(PackAnswer):
    """A version of a pack with its document."""

    document: dict[str, Any]


@router.post(
    "/rule-packs",
    scope="rules:write",
    status_code=201,
    response_model=PackAnswer,
    problems=(packs.RulePackExists, checking.TooManyPacks),
)
async def draft_rule_pack(body: DraftBody, call: CurrentCall) -> Response:
    """Write down a pack. Nothing judges by it yet."""
    pack = await asyncio.to_thread(checking.read_draft, body.document)
    await checking.refuse_misfits(call, pack)
    pack_id = call.ids.new("rpk")
    name = packs.name_of(pack.pack, pack.version)

    def command(moment: Moment) -> packs.DraftRulePack:
        return packs.DraftRulePack(
            pack_id=pack_id,
            pack=pack.pack,
            version=pack.version,
            jurisdiction=pack.jurisdiction,
            document=books.text_of(pack),
            author=call.caller.actor,
            now=moment.now,
            is_taken=name in moment.guards,
        )

    guards = [Guard(stream=name, decider=packs.RULE_PACKS)]
    return await _change(call, pack_id, command, status=201, guards=guards)


@router.get("/rule-packs", scope="rules:read", response_model=Page[PackAnswer])
async def list_rule_packs(call: CurrentCall, paging: Paging) -> Page[PackAnswer]:
    """List the agency's own packs, oldest first; those that ship with the rules are not here."""
    now = (await call.foundation.store.load(call.tenant, [])).now
    return await call.page(
        paging,
        operation="list_rule_packs",
        filters={},
        query=lambda after: views.listed(after, paging.limit + 1),
        show=lambda row: ((row["stream"],), PackAnswer.of(_folded(row), now)),
    )


@router.get(
    "/rule-packs/{pack_id}",
    scope="rules:read",
    response_model=WholePackAnswer,
    problems=(packs.RulePackNotFound,),
)
async def get_rule_pack(pack_id: PackId, call: CurrentCall, response: Response) -> WholePackAnswer:
    """Read a pack with its document. Its ETag is what the next step has to name."""
    stream = packs.stream(pack_id)
    reading = await call.foundation.store.load(call.tenant, [stream])
    state = rebuild(packs.RULE_PACKS, reading.streams.get(stream, LoadedStream()))
    if not state.revision:
        raise packs.RulePackNotFound("There is no such rule pack.")
    response.headers["ETag"] = etag(state.revision)
    shown = PackAnswer.of(state, reading.now).model_dump()
    return WholePackAnswer(document=msgspec.json.decode(state.document), **shown)


@router.post(
    "/rule-packs/{pack_id}/observe",
    scope="rules:write",
    response_model=PackAnswer,
    problems=(*_STEP_PROBLEMS, checking.TooManyObserved),
    openapi_extra=_STEP,
)
async def observe_rule_pack(pack_id: PackId, seen: SeenVersion, call: CurrentCall) -> Response:
    """Let a draft judge in shadow: what it would say is recorded beside decisions, not enforced."""
    checking.refuse_crowd(call)

    def command(moment: Moment) -> packs.ObserveRulePack:
        return packs.ObserveRulePack(
            pack_id=pack_id, revision=seen, by=call.caller.actor, now=moment.now
        )

    return await _change(call, pack_id, command)


@router.post(
    "/rule-packs/{pack_id}/activate",
    scope="rules:approve",
    response_model=PackAnswer,
    problems=(*_STEP_PROBLEMS, packs.FourEyes, packs.EffectiveTooSoon),
    openapi_extra=_STEP,
)
async def activate_rule_pack(
    pack_id: PackId, body: ActivationBody, seen: SeenVersion, call: CurrentCall
) -> Response:
    """Approve a pack in shadow, to be enforced from an instant on. Its author cannot."""

    def command(moment: Moment) -> packs.ActivateRulePack:
        return packs.ActivateRulePack(
            pack_id=pack_id,
            revision=seen,
            approved_by=call.caller.actor,
            effective_at=body.effective_at,
            now=moment.now,
        )

    return await _change(call, pack_id, command)


@router.post(
    "/rule-packs/{pack_id}/withdraw",
    scope="rules:approve",
    response_model=PackAnswer,
    problems=(*_STEP_PROBLEMS, packs.FourEyes, packs.EffectiveTooSoon),
    openapi_extra=_STEP,
)
async def withdraw_rule_pack(
    pack_id: PackId, body: WithdrawalBody, seen: SeenVersion, call: CurrentCall
) -> Response:
    """End a pack. What is or will be enforced is withdrawn by somebody other than its author."""

    def command(moment: Moment) -> packs.WithdrawRulePack:
        return packs.WithdrawRulePack(
            pack_id=pack_id,
            revision=seen,
            withdrawn_by=call.caller.actor,
            reason=body.reason,
            effective_at=body.effective_at,
            now=moment.now,
        )

    return await _change(call, pack_id, command)


async def _change(
    call: Call,
    pack_id: str,
    command: Callable[[Moment], packs.Command],
    *,
    status: int = 200,
    guards: Sequence[Guard] = (),
) -> Response:
    stream = packs.stream(pack_id)

    def answer(outcome: Outcome) -> PackAnswer:
        return PackAnswer.of(outcome.state(stream), outcome.now)

    issue = Issue(stream=stream, decider=packs.RULE_PACKS, command=command)
    outcome = await call.decide([issue], answer, status=status, guards=guards)
    response = await rendered(outcome)
    if not outcome.replayed:
        response.headers["ETag"] = etag(outcome.state(stream).revision)
    return response


def _folded(row: Any) -> packs.PackState:
    classes = codec.classes_by_name(packs.RULE_PACKS.events)
    events = zip(row["types"], row["data"], strict=True)
    return packs.RULE_PACKS.fold(codec.decode(classes[name], data) for name, data in events)
