"""What our conventions add to the generated OpenAPI: problems, security, keys, request ids."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from shared.http.admission import IDEMPOTENCY_KEY_HEADER, IDEMPOTENCY_KEY_PATTERN
from shared.http.catalogue import CATALOGUE, Entry, entry_of
from shared.http.policy import Policy
from shared.kernel.errors import DomainError
from shared.kernel.ids import ALPHABET

_ALWAYS = (
    "malformed-query",
    "unexpected-body",
    "not-acceptable",
    "internal",
    "unavailable",
    "overloaded",
)
_WITH_QUERY = ("unknown-parameter", "duplicate-parameter", "credentials-in-query")
_WITH_CURSOR = ("invalid-cursor", "cursor-mismatch")
_WITH_BODY = (
    "malformed-json",
    "encoding",
    "duplicate-key",
    "number-too-long",
    "too-deep",
    "body-too-large",
    "request-timeout",
    "unsupported-media-type",
    "type",
    "number-range",
    "invalid-unicode",
    "control-character",
    "too-many-items",
)
_WITH_KEY = (
    "idempotency-key-required",
    "idempotency-key-invalid",
    "idempotency-key-reused",
    "in-progress",
    "concurrency-conflict",
)
_WITH_POLICY = ("unauthenticated", "forbidden", "insufficient-scope", "rate-limited")

_KEY_PARAMETER = {
    "name": IDEMPOTENCY_KEY_HEADER,
    "in": "header",
    "required": True,
    "description": "Unique to this operation; repeat it with the same body to repeat the request.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": IDEMPOTENCY_KEY_PATTERN,
    },
}
_REQUEST_ID = {
    "description": "Names this request in logs and support.",
    "schema": {
        "type": "string",
        "pattern": f"^req_[0-7][{ALPHABET}]{{25}}$",
        "minLength": 30,
        "maxLength": 30,
    },
}
_TEXT = {"type": "string", "maxLength": 500}
_CODE = {"type": "string", "maxLength": 100, "description": "Stable; new ones may be added."}
_PROBLEM = {
    "title": "Problem",
    "type": "object",
    "description": "Why a request was not answered as asked (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "retryable", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "maxLength": 200},
        "title": _TEXT,
        "status": {"type": "integer", "format": "int32", "minimum": 400, "maximum": 599},
        "detail": _TEXT,
        "code": _CODE,
        "retryable": {"type": "boolean"},
        "request_id": _REQUEST_ID["schema"],
        "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$", "maxLength": 32},
        "errors": {
            "type": "array",
            "maxItems": 50,
            "items": {"$ref": "#/components/schemas/FieldError"},
        },
        "errors_truncated": {"type": "boolean"},
    },
}
_FIELD_ERROR = {
    "title": "FieldError",
    "type": "object",
    "description": "One thing at fault: a JSON Pointer into the body, a parameter or a header.",
    "required": ["code"],
    "properties": {
        "code": _CODE,
        "detail": _TEXT,
        "pointer": {"type": "string", "format": "json-pointer", "maxLength": 500},
        "parameter": {"type": "string", "maxLength": 100},
        "header": {"type": "string", "maxLength": 100},
    },
}
_SECURITY_SCHEMES = {
    "api_key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key (sk_test_… or sk_live_…); it fixes tenant and scopes.",
    },
    "service_token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token that another service of this installation has signed.",
    },
}


def operation(policy: Policy, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an operation's policy adds to its description."""
    security: list[dict[str, list[str]]] = []
    if policy.scope is not None:
        security.append({"api_key": [policy.scope]})
    if policy.services:
        security.append({"service_token": list(policy.services)})
    described: dict[str, Any] = {"security": security, **extra}
    if policy.takes_key:
        described["parameters"] = [*extra.get("parameters", []), _KEY_PARAMETER]
    return described


def problems_of(
    policy: Policy,
    method: str,
    path: str,
    declared: Sequence[str | type[DomainError]],
    *,
    has_pages: bool = False,
) -> dict[int | str, dict[str, Any]]:
    """Return the problems of a route by status: the declared ones and those of its form."""
    codes = [*_ALWAYS, *_WITH_QUERY, "validation-failed"]
    if has_pages:
        codes += _WITH_CURSOR
    if not policy.is_public:
        codes += _WITH_POLICY
    if "{" in path:
        codes.append("not-found")
    if method in ("POST", "PUT"):
        codes += _WITH_BODY
    if policy.takes_key:
        codes += _WITH_KEY
    return problems(*codes, *declared)


def problems(*declared: str | type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """Build the `responses=` of a route from codes of the catalogue and refusals of the domain.

    Raises:
        KeyError: a code is not in the catalogue.
    """
    by_status: dict[int, dict[str, Entry]] = {}
    for entry in entries(declared):
        by_status.setdefault(entry.status, {})[entry.code] = entry
    return {status: _response(status, named) for status, named in sorted(by_status.items())}


def entries(declared: Sequence[str | type[DomainError]]) -> tuple[Entry, ...]:
    """Look up codes of the catalogue and refusals of the domain.

    Raises:
        KeyError: a code is not in the catalogue.
    """
    return tuple(CATALOGUE[each] if isinstance(each, str) else entry_of(each) for each in declared)


def _response(status: int, named: Mapping[str, Entry]) -> dict[str, Any]:
    codes = ", ".join(f"`{code}`" for code in named)
    return {
        "description": f"{HTTPStatus(status).phrase}: {codes}",
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: {"value": _example(entry)} for code, entry in named.items()},
            }
        },
    }


def _example(entry: Entry) -> dict[str, Any]:
    return {
        "type": f"/problems/{entry.code}",
        "title": entry.title,
        "status": entry.status,
        "detail": entry.advice,
        "code": entry.code,
        "retryable": entry.retryable,
        "request_id": "req_01h455vb4pex5vsknk084sn02q",
    }


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Add the shared components and the request id of every answer to a generated document."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.update({"Problem": _PROBLEM, "FieldError": _FIELD_ERROR})
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"] = _SECURITY_SCHEMES
    components["headers"] = {"Request-Id": _REQUEST_ID}
    for methods in document.get("paths", {}).values():
        for described in methods.values():
            for response in described["responses"].values():
                headers = response.setdefault("headers", {})
                headers["Request-Id"] = {"$ref": "#/components/headers/Request-Id"}
    return document
