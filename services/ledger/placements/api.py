"""Placements: by the agency itself, or by a creditor's signed webhook."""

import hmac
from hashlib import sha256
from typing import Annotated, Any, Literal

from fastapi import Path, Request
from pydantic import Field, TypeAdapter
from starlette.responses import Response

from services.ledger.creditors.domain import CreditorNotFound
from services.ledger.placements import endpoint
from services.ledger.placements.answers import PlacementAnswer, rendered_receipt
from services.ledger.placements.domain import ROWS_MAX, PlacementReceived, stream
from services.ledger.placements.receiving import Receiving
from shared.eventstore.store import Idempotency, Metadata, TwinInProgress
from shared.eventstore.transact import Context, IdempotencyKeyReused, Outcome
from shared.http import exchange, strict_json, webhook_signature
from shared.http.call import FINGERPRINT, CurrentCall, rendered
from shared.http.fields import StrictBody, TypeId
from shared.http.problem import Problem
from shared.http.routing import Router, validated
from shared.http.strict_json import Limits
from shared.kernel.clock import SystemClock
from shared.kernel.errors import DomainError
from shared.service.foundation import Foundation
from shared.telemetry.tracing import current_traceparent

router = Router(tag="placements")

LIMITS = Limits(bytes_max=4 * 1024 * 1024, depth_max=16, items_max=200_000)
INBOUND_SCOPE = "POST /v1/inbound/{creditor_id}/placements"
Rows = Annotated[list[dict[str, Any]], Field(min_length=1, max_length=ROWS_MAX)]


class PlacementBody(StrictBody):
    """Up to 500 accounts of one creditor; the fields of a row are in the documentation."""

    creditor_id: Annotated[str, TypeId("crd")]
    rows: Rows


class InboundData(StrictBody):
    """What a placement webhook carries."""

    rows: Rows


class InboundBody(StrictBody):
    """A Standard Webhooks payload of type `placement.created`."""

    type: Literal["placement.created"]
    timestamp: Annotated[str, Field(max_length=40)]
    data: InboundData


_INBOUND = TypeAdapter(InboundBody)
_SIGNED_HEADERS = [
    {
        "name": name,
        "in": "header",
        "required": True,
        "description": "See standardwebhooks.com.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 4096},
    }
    for name in (
        webhook_signature.ID_HEADER,
        webhook_signature.TIMESTAMP_HEADER,
        webhook_signature.SIGNATURE_HEADER,
    )
]
_SIGNED_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "title": "InboundBody",
                "required": ["type", "timestamp", "data"],
                "additionalProperties": False,
                "properties": {
                    "type": {"type": "string", "const": "placement.created"},
                    "timestamp": {"type": "string", "maxLength": 40},
                    "data": {
                        "type": "object",
                        "required": ["rows"],
                        "additionalProperties": False,
                        "properties": {
                            "rows": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": ROWS_MAX,
                                "items": {"type": "object"},
                            }
                        },
                    },
                },
            }
        }
    },
}


class DeliveryIdReused(DomainError):
    """The webhook-id was used for another body."""

    kind = "invalid"
    code = "webhook-id-reused"


@router.post(
    "/placements",
    scope="placements:write",
    status_code=201,
    response_model=PlacementAnswer,
    problems=(CreditorNotFound,),
    limits=LIMITS,
)
async def place_accounts(body: PlacementBody, call: CurrentCall) -> Response:
    """Place accounts. Valid rows are stored; each other row is named with every failing field."""
    receiving = Receiving(call.foundation, call.context, body.creditor_id, "api")
    try:
        outcome = await receiving.receive(body.rows, rendered_receipt(body.creditor_id))
    except TwinInProgress:
        raise Problem("in-progress", headers={"Retry-After": "1"}) from None
    return await rendered(outcome)


@router.post(
    "/inbound/{creditor_id}/placements",
    public=True,
    status_code=201,
    response_model=PlacementAnswer,
    problems=(
        "signature-invalid",
        "signature-missing",
        "timestamp-invalid",
        "timestamp-out-of-tolerance",
        "too-many-signatures",
        "webhook-id-invalid",
        "in-progress",
        "concurrency-conflict",
        DeliveryIdReused,
        CreditorNotFound,
    ),
    limits=LIMITS,
    has_raw_body=True,
    openapi_extra={"parameters": _SIGNED_HEADERS, "requestBody": _SIGNED_BODY},
)
async def receive_placement_webhook(
    creditor_id: Annotated[str, Path(), TypeId("crd")], request: Request
) -> Response:
    """Take a creditor's signed webhook (Standard Webhooks, `v1`). Repeat it freely."""
    foundation: Foundation = request.app.state.foundation
    raw = await request.body()
    tenant, delivery_id = await _verified(foundation, creditor_id, request, raw)
    body = validated(_INBOUND, raw, strict_json.read(raw, LIMITS))
    context = await _context(foundation, request, tenant, creditor_id, delivery_id, raw)
    receiving = Receiving(foundation, context, creditor_id, "webhook")
    try:
        outcome: Outcome = await receiving.receive(body.data.rows, rendered_receipt(creditor_id))
    except TwinInProgress:
        raise Problem("in-progress", headers={"Retry-After": "1"}) from None
    except IdempotencyKeyReused:
        detail = "This webhook-id was used with another body. Use a new id for a new delivery."
        raise DeliveryIdReused(detail) from None
    return await rendered(outcome)


@router.get("/placements/{placement_id}", scope="placements:read", response_model=PlacementAnswer)
async def get_placement(
    placement_id: Annotated[str, Path(), TypeId("plc")], call: CurrentCall
) -> PlacementAnswer:
    """Read what became of every row of a placement."""
    received = await call.first_event(stream(placement_id), PlacementReceived)
    if received is None:
        raise Problem("not-found")
    return PlacementAnswer.of(placement_id, received.creditor_id, received.rows)


async def _verified(
    foundation: Foundation, creditor_id: str, request: Request, raw: bytes
) -> tuple[str, str]:
    """Verify the raw bytes; an unknown creditor looks exactly like a wrong signature."""
    found = await endpoint.find(foundation.pool, creditor_id)
    secrets = []
    if found:
        secrets = [
            webhook_signature.SharedSecret.parse(
                await foundation.sealer.webhook_secret(found.tenant, creditor_id, number)
            )
            for number in found.secret_numbers
        ]
    now = SystemClock().now()
    try:
        delivery = webhook_signature.verify(request.headers, raw, secrets, now=now)
    except webhook_signature.SignatureRefused as refused:
        raise _refusal(refused.code, str(refused)) from None
    if found is None:
        raise Problem("signature-invalid")
    known = exchange.of(request.scope)
    if known:
        known.tenant = found.tenant
        known.actor = creditor_id
    return found.tenant, delivery.message_id


def _refusal(code: webhook_signature.Code, detail: str) -> Problem:
    match code:
        case "missing-header":
            return Problem("signature-missing", detail)
        case "malformed-id":
            return Problem("webhook-id-invalid", detail)
        case "malformed-timestamp":
            return Problem("timestamp-invalid", detail)
        case "too-many-signatures":
            return Problem("too-many-signatures", detail)
        case "stale" | "future":
            now = SystemClock().now().isoformat(timespec="seconds")
            return Problem("timestamp-out-of-tolerance", f"{detail}; it is {now} here")
        case "no-match":
            return Problem("signature-invalid")


async def _context(
    foundation: Foundation,
    request: Request,
    tenant: str,
    creditor_id: str,
    delivery_id: str,
    raw: bytes,
) -> Context:
    secret = await foundation.sealer.derive(tenant, FINGERPRINT)
    known = exchange.of(request.scope)
    request_id = known.request_id if known else foundation.ids.new("req")
    return Context(
        tenant=tenant,
        metadata=Metadata(
            actor=creditor_id,
            correlation_id=request_id,
            causation_id=request_id,
            traceparent=current_traceparent(),
        ),
        idempotency=Idempotency(
            scope=f"{INBOUND_SCOPE} {creditor_id}",
            key=delivery_id,
            fingerprint=hmac.new(secret, raw, sha256).hexdigest(),
        ),
    )
