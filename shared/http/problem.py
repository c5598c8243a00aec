"""Problem JSON (RFC 9457): the one form in which a caller learns that something did not work.

No answer ever holds a value that the caller sent, the text of an exception, or SQL. Pointers name
fields of our own schemas; a key that does not look like a field name is shown as `*`.
"""

import json
import re
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any, get_args

from fastapi.exceptions import RequestValidationError
from pydantic_core.core_schema import ErrorType
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.http import exchange
from shared.http.catalogue import CATALOGUE, Entry, entry_of
from shared.kernel.errors import ConcurrencyConflict, DomainError
from shared.kernel.records import record

MEDIA_TYPE = "application/problem+json"
BODY_BYTES_MAX = 4096
DETAIL_CHARACTERS_MAX = 500
ERRORS_MAX = 50
_FIELD_NAME = re.compile(r"[a-z_](?:[a-z_-]|[0-9]{1,3}(?![0-9])){0,39}\Z")

#: Statuses that reach us without a code of ours, from the framework.
_CODES_BY_STATUS = {
    400: "malformed-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "body-too-large",
    415: "unsupported-media-type",
    422: "validation-failed",
    503: "unavailable",
}


@record
class FieldError:
    """One thing at fault: a place in the body (RFC 6901), a query parameter or a header."""

    code: str
    detail: str = ""
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None


class Problem(HTTPException):
    """An answer that is not what was asked for; raise it anywhere below the edge.

    Status, title and default detail come from the catalogue unless an entry is given.
    """

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError | Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        entry: Entry | None = None,
    ) -> None:
        self.entry = CATALOGUE[code] if entry is None else entry
        super().__init__(
            status_code=self.entry.status,
            detail=self.entry.advice if detail is None else detail,
            headers=dict(headers or {}),
        )
        self.code = code
        self.errors = tuple(
            each if isinstance(each, FieldError) else _adopt(each) for each in errors
        )


def _adopt(entry: Mapping[str, Any]) -> FieldError:
    names = ("code", "detail", "pointer", "parameter", "header")
    return FieldError(**{name: entry[name] for name in names if entry.get(name) is not None})


def pointer(parts: Iterable[str | int]) -> str:
    """Write a path as a JSON Pointer that shows nothing but field names and indices."""
    return "".join(f"/{_token(part)}" for part in parts)


def _token(part: str | int) -> str:
    if isinstance(part, int):
        return str(part)
    return part if _FIELD_NAME.match(part) else "*"


def redacted_pointer(text: str) -> str:
    """Return a JSON Pointer with every token masked that is neither field name nor index."""
    return pointer(
        int(part) if part.isascii() and part.isdigit() and len(part) <= 6 else part
        for part in text.split("/")[1:]
    )


def problem_of(error: BaseException) -> Problem:
    """Translate any exception; what is not known becomes `internal` without a word about it."""
    match error:
        case Problem():
            return error
        case DomainError():
            return _of_refusal(error)
        case ConcurrencyConflict():
            return Problem("concurrency-conflict", headers={"Retry-After": "1"})
        case RequestValidationError():
            return _of_request(error)
        case HTTPException():
            code = _CODES_BY_STATUS.get(error.status_code, "internal")
            return Problem(code, headers=error.headers)
        case ConnectionError() | TimeoutError():
            return Problem("unavailable", headers={"Retry-After": "1"})
        case _:
            return Problem("internal")


def _of_refusal(error: DomainError) -> Problem:
    entry = entry_of(type(error))
    errors = [FieldError(pointer=error.pointer, code=error.code)] if error.pointer else []
    return Problem(entry.code, error.detail, errors=errors, entry=entry)


def _of_request(error: RequestValidationError) -> Problem:
    # The raw errors hold `input` and `ctx`: the caller's values. Only kind and place leave here.
    raw = [each for each in error.errors() if isinstance(each, Mapping)]
    if raw and all(each["loc"][:1] == ("path",) for each in raw):
        return Problem("not-found")
    return Problem("validation-failed", errors=[_parameter_error(each) for each in raw])


_OF_PYDANTIC = frozenset(get_args(ErrorType))
#: What is wrong with a parameter and what to give instead, with a name out of our own schema.
_KIND_CODES = {
    "missing": ("missing", "This parameter is required."),
    "string_too_long": ("too-long", "Give at most {max_length} characters."),
    "string_pattern_mismatch": ("format", "Give a value of the form {pattern}"),
    "literal_error": ("value-not-allowed", "Give one of {expected}."),
    "enum": ("value-not-allowed", "Give one of {expected}."),
    "greater_than": ("number-range", "Give a number above {gt}."),
    "greater_than_equal": ("number-range", "Give a number from {ge} on."),
    "less_than": ("number-range", "Give a number below {lt}."),
    "less_than_equal": ("number-range", "Give a number up to {le}."),
    "int_parsing": ("format", "Give an integer."),
    "bool_parsing": ("format", "Give true or false."),
}
_UNKNOWN = ("format", "Give a value of the documented form.")
_CONSTRAINTS = ("max_length", "pattern", "expected", "gt", "ge", "lt", "le")


def _parameter_error(raw: Mapping[str, Any]) -> FieldError:
    # Bodies never come here: `routing` validates them itself and names places by pointer.
    code, detail = _meaning(raw)
    name = _token(raw["loc"][-1])
    if raw["loc"][:1] == ("header",):
        return FieldError(code=code, detail=detail, header=name)
    return FieldError(code=code, detail=detail, parameter=name)


def _meaning(raw: Mapping[str, Any]) -> tuple[str, str]:
    if raw["type"] not in _OF_PYDANTIC:
        return raw["type"], raw["msg"]  # a marker of our own, whose text never holds the value
    code, detail = _KIND_CODES.get(raw["type"], _UNKNOWN)
    context = raw.get("ctx") or {}
    said = {name: context[name] for name in _CONSTRAINTS if name in context}
    try:
        return code, detail.format_map(said)
    except KeyError:  # another version says less
        return code, _UNKNOWN[1]


def render(problem: Problem, request_id: str | None, trace_id: str | None) -> bytes:
    """Write a problem as JSON of at most 4 kB."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": problem.entry.title,
        "status": problem.status_code,
        "detail": problem.detail[:DETAIL_CHARACTERS_MAX],
        "code": problem.code,
        "retryable": problem.entry.retryable,
    }
    if request_id is not None:
        body["request_id"] = request_id
    if trace_id is not None:
        body["trace_id"] = trace_id
    shown = [_shown(each) for each in problem.errors[:ERRORS_MAX]]
    while True:
        if shown:
            body["errors"] = shown
        if len(shown) < len(problem.errors):
            body["errors_truncated"] = True
        encoded = json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii")
        if len(encoded) <= BODY_BYTES_MAX or not shown:
            return encoded
        shown = shown[: len(shown) * 3 // 4]
        body.pop("errors")


def _shown(error: FieldError) -> dict[str, str]:
    shown = {"code": error.code}
    if error.pointer is not None:
        shown["pointer"] = redacted_pointer(error.pointer)
    if error.parameter is not None:
        shown["parameter"] = _token(error.parameter)
    if error.header is not None:
        shown["header"] = _token(error.header)
    if error.detail:
        shown["detail"] = error.detail[:DETAIL_CHARACTERS_MAX]
    return shown


class ProblemResponse(Response):
    """A problem as an answer to the request of a scope."""

    media_type = MEDIA_TYPE

    def __init__(self, problem: Problem, scope: MutableMapping[str, Any]) -> None:
        known = exchange.of(scope)
        body = render(
            problem,
            known.request_id if known else None,
            known.trace_id if known else None,
        )
        headers = {"Cache-Control": "no-store", **(problem.headers or {})}
        if problem.status_code == 401:
            headers.setdefault("WWW-Authenticate", "Bearer")
        super().__init__(body, status_code=problem.status_code, headers=headers)
