"""A tiny service that uses everything, for the tests of the HTTP layer."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, Literal

import httpx2
from fastapi import Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from shared.http import exchange
from shared.http.app import Application, Wiring, create_app
from shared.http.pagination import Cursors, Page, Paging
from shared.http.policy import Policy
from shared.http.problem import Problem
from shared.http.routing import Router, json_body
from shared.http.strict_json import Limits
from shared.kernel.clock import RandomIds
from shared.kernel.errors import ConcurrencyConflict, DomainError

KEY = "sk_test_good"
CANARY = "123-45-6789"
CANARY_NAME = "Zephyrine Quackenbush"
GOOD = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "k-1"}
CURSORS = Cursors(b"c" * 32)


class AccountClosed(DomainError):
    """The account is closed."""

    kind = "conflict"
    code = "account-closed"


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    sku: Annotated[str, Field(max_length=20)]
    quantity: StrictInt


class OrderBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    ref: Annotated[str, Field(max_length=200)]
    due: date
    amount: Annotated[int, Field(ge=0)]
    lines: Annotated[list[Line], Field(max_length=50)] = []


class CashBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Literal["cash"]
    amount: Annotated[int, Field(ge=0)]


class CheckBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Literal["check"]
    number: Annotated[str, Field(max_length=20)]


TenderBody = Annotated[CashBody | CheckBody, Field(discriminator="kind")]

router = Router(tag="Orders")


@router.post("/orders", scope="orders:write", problems=["conflict", AccountClosed], status_code=201)
async def place_order(body: OrderBody, request: Request) -> dict[str, Any]:
    """Place an order."""
    return {"ref": body.ref, "due": body.due, "keys": sorted(json_body(request))}


@router.post("/tenders", public=True)
async def take_tender(body: TenderBody) -> dict[str, str]:
    """Take money in one form or another."""
    return {"kind": body.kind}


@router.post("/wide", public=True, limits=Limits(bytes_max=3 * 1024 * 1024))
async def take_wide(body: dict[str, Any]) -> dict[str, int]:
    """Take anything."""
    return {"keys": len(body)}


@router.post("/orders/{order_id}/cancel", scope="orders:write", service=("contact",))
async def cancel_order(
    order_id: Annotated[str, Path(pattern="^ord_[a-z0-9]{4}$")],
) -> dict[str, str]:
    """Cancel an order."""
    return {"id": order_id}


@router.get("/orders", scope="orders:read")
async def list_orders(
    paging: Paging, state: Annotated[str | None, Query(max_length=10)] = None
) -> Page[int]:
    """List orders."""
    bound = {"tenant": "agy_1", "operation": "list_orders", "filters": {"state": state or ""}}
    after = CURSORS.read(paging.cursor, **bound)  # type: ignore[arg-type]
    first = int(after[0]) + 1 if after else 0
    rows = [((number,), number) for number in range(first, 60)][: paging.limit + 1]
    return CURSORS.page(rows, paging, **bound)  # type: ignore[arg-type]


@router.get("/failures/{kind}", public=True, problems=[AccountClosed])
async def fail_somehow(kind: str) -> None:
    """Fail in a named way."""
    failures: dict[str, Exception] = {
        "domain": AccountClosed("The account is closed.", pointer="/account_id"),
        "race": ConcurrencyConflict(),
        "bug": RuntimeError(f"ssn={CANARY} name={CANARY_NAME}"),
        "driver": LookupError(CANARY),
        "network": ConnectionRefusedError(CANARY),
        "many": Problem(
            "validation-failed",
            errors=[{"code": "format", "pointer": f"/rows/{n}/name"} for n in range(200)],
        ),
    }
    raise failures[kind]


@router.get("/slow", public=True)
async def wait_long() -> None:
    """Wait longer than anybody should."""
    await asyncio.sleep(30)


@router.post("/raw", public=True, has_raw_body=True, accepts=("text/csv", "application/json"))
async def take_raw(request: Request) -> dict[str, int]:
    """Take bytes."""
    return {"bytes": len(await request.body())}


async def authorize(request: Request, policy: Policy) -> None:
    given = request.headers.get("authorization")
    if given != f"Bearer {KEY}":
        raise Problem("unauthenticated")
    known = exchange.of(request.scope)
    assert known is not None
    known.tenant, known.key_id = "agy_1", "key_1"


def build(**wiring: Any) -> Application:
    plugged = {"authorize": authorize, "unavailable": (LookupError,), **wiring}
    return create_app("sample", "1.0", [router], ids=RandomIds(), wiring=Wiring(**plugged))


def client(app: Callable[..., Awaitable[None]]) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://localhost")
