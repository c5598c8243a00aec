"""One authenticated request: who asks, under which key, and the ways to answer it.

A route builds commands and hands them to `change`, or a query and hands it to `rows`. Answers kept
under an idempotency key hold ids and sealed values only; what is secret or personal is added by
`reveal` after the answer was stored or found again.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
import sqlalchemy as sa
from fastapi import Depends, Request
from pydantic import BaseModel
from sqlalchemy.sql import Executable
from starlette.responses import Response

from shared.eventstore import codec, statements
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.eventstore.store import (
    Answer,
    Idempotency,
    LoadedStream,
    Metadata,
    TwinInProgress,
)
from shared.eventstore.transact import Context, Guard, Issue, Outcome, rebuild
from shared.http import exchange
from shared.http.admission import idempotency_key
from shared.http.auth import Caller, caller_of
from shared.http.pagination import Cursors, Item, Page, PageRequest, Position
from shared.http.policy import Policy
from shared.http.problem import Problem
from shared.http.routing import json_body
from shared.kernel.ids import Ids
from shared.kernel.records import replace
from shared.service.foundation import Foundation
from shared.telemetry.tracing import current_traceparent, link_to

CORRELATION_HEADER = "x-correlation-id"  # believed only from another service
FINGERPRINT = "fingerprint"
EVENTS = sa.table("events", *(sa.column(name) for name in ("stream", "version", "data")))
T = TypeVar("T")

Reveal = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Call:
    """What a route is given besides its path and body."""

    def __init__(
        self,
        request: Request,
        caller: Caller,
        foundation: Foundation,
        idempotency: Idempotency | None,
    ) -> None:
        self.request = request
        self.caller = caller
        self.foundation = foundation
        self.idempotency = idempotency
        self._correlation_id: str | None = None
        if caller.service:
            self._correlation_id = request.headers.get(CORRELATION_HEADER)

    @property
    def tenant(self) -> str:
        """Return the tenant that the credential belongs to."""
        return self.caller.tenant

    @property
    def ids(self) -> Ids:
        """Return where new ids come from."""
        return self.foundation.ids

    @property
    def context(self) -> Context:
        """Return on whose behalf and in which chain of causes this request acts."""
        known = exchange.of(self.request.scope)
        request_id = known.request_id if known else self.ids.new("req")
        metadata = Metadata(
            actor=self.caller.actor,
            correlation_id=self._correlation_id or request_id,
            causation_id=request_id,
            traceparent=current_traceparent(),
        )
        return Context(tenant=self.tenant, metadata=metadata, idempotency=self.idempotency)

    def part(self, number: int) -> "Call":
        """Return the call of one of many requests that came in one body: a key of its own.

        Its fingerprint is that of the whole body, so that no part is taken for another body's.
        """
        key = self.idempotency
        own = None if key is None else replace(key, key=f"{key.key}#{number}")
        part = Call(self.request, self.caller, self.foundation, own)
        part._correlation_id = self._correlation_id
        return part

    def about(self, correlation_id: str, traceparent: str | None) -> None:
        """Say which chain of causes the request belongs to, and link its span to that trace."""
        self._correlation_id = correlation_id
        link_to(traceparent)

    async def change(
        self,
        issues: Sequence[Issue],
        answer: Callable[[Outcome], BaseModel],
        *,
        status: int = 201,
        guards: Sequence[Guard] = (),
        parked_key: str | None = None,
        reveal: Reveal | None = None,
    ) -> Response:
        """Decide, append and answer; a repeat gets the same answer, marked as replayed.

        Raises:
            DomainError, ConcurrencyConflict, TwinInProgress, StoreUnavailable: as `transact`.
        """
        outcome = await self.decide(
            issues, answer, status=status, guards=guards, parked_key=parked_key
        )
        return await rendered(outcome, reveal)

    async def decide(
        self,
        issues: Sequence[Issue],
        answer: Callable[[Outcome], BaseModel],
        *,
        status: int = 201,
        guards: Sequence[Guard] = (),
        parked_key: str | None = None,
    ) -> Outcome:
        """Decide and append as `change` does, and return the outcome with its answer."""
        try:
            return await self.foundation.transactor.transact(
                self.context,
                issues,
                answer=lambda decided: Answer(
                    status=status, body=answer(decided).model_dump_json().encode()
                ),
                guards=guards,
                parked_key=parked_key,
            )
        except TwinInProgress:
            raise Problem("in-progress", headers={"Retry-After": "1"}) from None

    async def states(self, *wanted: tuple[str, Any]) -> list[Any]:
        """Return the folded states of streams, given with their deciders."""
        return await read_states(self.foundation, self.tenant, *wanted)

    async def first_event(self, stream: str, kind: type[T]) -> T | None:
        """Return the event that began a stream, None for an empty one."""
        return _first(kind, await self.rows(_beginning(stream)))

    async def rows(self, query: Executable) -> list[Any]:
        """Run a read-model query of this tenant."""
        return await tenant_rows(self.foundation, self.tenant, query)

    async def page(
        self,
        paging: PageRequest,
        *,
        operation: str,
        filters: Mapping[str, str],
        query: Callable[[Position | None], Executable],
        show: Callable[[Any], tuple[Position, Item]],
    ) -> Page[Item]:
        """Run a query for one more row than asked and make a page of what `show` makes of them."""
        cursors = Cursors(self.foundation.cursor_key)
        after = cursors.read(
            paging.cursor, tenant=self.tenant, operation=operation, filters=filters
        )
        rows = [show(row) for row in await self.rows(query(after))]
        return cursors.page(rows, paging, tenant=self.tenant, operation=operation, filters=filters)


async def read_states(foundation: Foundation, tenant: str, *wanted: tuple[str, Any]) -> list[Any]:
    """Return the folded states of a tenant's streams, given with their deciders."""
    reading = await foundation.store.load(tenant, [stream for stream, _ in wanted])
    return [
        rebuild(decider, reading.streams.get(stream, LoadedStream())) for stream, decider in wanted
    ]


async def first_event(foundation: Foundation, tenant: str, stream: str, kind: type[T]) -> T | None:
    """Return the event that began a tenant's stream, None for an empty one."""
    return _first(kind, await tenant_rows(foundation, tenant, _beginning(stream)))


def _beginning(stream: str) -> sa.Select[Any]:
    return sa.select(EVENTS.c.data).where(EVENTS.c.stream == stream, EVENTS.c.version == 1)


def _first(kind: type[T], rows: Sequence[Any]) -> T | None:
    return codec.decode(kind, rows[0]["data"]) if rows else None


async def tenant_rows(foundation: Foundation, tenant: str, query: Executable) -> list[Any]:
    """Run a read-model query of a tenant."""

    async def call() -> list[Any]:
        async with foundation.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            async with connection.transaction(readonly=True):
                await connection.execute("SELECT set_config('forbear.tenant', $1, true)", tenant)
                return await statements.fetch(connection, query)

    return await reach(call)


async def rendered(outcome: Outcome, reveal: Reveal | None = None) -> Response:
    """Turn an outcome's answer into a response."""
    if outcome.answer is None:
        raise LookupError("the outcome has no answer")
    body = outcome.answer.body
    if reveal:
        body = msgspec.json.encode(await reveal(msgspec.json.decode(body)))
    headers = {"Idempotent-Replayed": "true"} if outcome.replayed else {}
    return Response(
        body, status_code=outcome.answer.status, media_type="application/json", headers=headers
    )


async def current_call(request: Request) -> Call:
    """Give a route its call: the caller is proven already, the idempotency key checked."""
    foundation: Foundation = request.app.state.foundation
    caller = caller_of(request)
    policy: Policy = request.scope["route"].policy
    idempotency = None
    if policy.takes_key:
        idempotency = await idempotency_of(request, foundation, caller.tenant)
    return Call(request, caller, foundation, idempotency)


async def idempotency_of(request: Request, foundation: Foundation, tenant: str) -> Idempotency:
    """Name this request by route and key; the fingerprint covers path and canonical body."""
    secret = await foundation.sealer.derive(tenant, FINGERPRINT)
    body = msgspec.json.encode(json_body(request), order="sorted")
    covered = request.scope["path"].encode() + b"\n" + body
    return Idempotency(
        scope=f"{request.method} {request.scope['route'].path}",
        key=idempotency_key(request),
        fingerprint=hmac.digest(secret, covered, "sha256").hex(),
    )


CurrentCall = Annotated[Call, Depends(current_call)]
