"""What a request must look like before a route sees it: query, content type, accept, key."""

import re
from collections.abc import Collection
from urllib.parse import parse_qsl

from starlette.requests import Request

from shared.http.problem import FieldError, Problem

IDEMPOTENCY_KEY_HEADER = "Idempotency-Key"
IDEMPOTENCY_KEY_PATTERN = r"^[A-Za-z0-9_.:-]{1,255}$"
PARAMETERS_MAX = 50

_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,255}\Z")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ufffd]")
_CREDENTIALS = frozenset(
    (
        "access_token",
        "api-key",
        "api_key",
        "apikey",
        "authorization",
        "client_secret",
        "key",
        "password",
        "secret",
        "signature",
        "token",
    )
)


def check_query(request: Request, known: Collection[str]) -> None:
    """Refuse repeated and unknown query parameters, and credentials.

    Raises:
        Problem: 400; a name that does not look like one of ours is not repeated.
    """
    raw = request.scope["query_string"]
    if not raw:
        return
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, max_num_fields=PARAMETERS_MAX
        )
    except ValueError:  # too many, or bytes that no URL holds
        raise Problem("malformed-query") from None
    if any(name.lower() in _CREDENTIALS for name, _ in pairs):
        raise Problem("credentials-in-query")
    seen: set[str] = set()
    for name, value in pairs:
        if name not in known:
            fix = f"Give only {', '.join(sorted(known))}." if known else "Give no parameters here."
            raise Problem("unknown-parameter", fix, errors=_parameter("unknown-parameter", name))
        if name in seen:
            raise Problem("duplicate-parameter", errors=_parameter("duplicate-parameter", name))
        if _CONTROL.search(value):
            raise Problem("malformed-query", errors=_parameter("control-character", name))
        seen.add(name)


def _parameter(code: str, name: str) -> list[FieldError]:
    return [FieldError(code=code, parameter=name)]


def check_accept(request: Request, produced: str) -> None:
    """Refuse a request whose Accept header leaves no answer.

    Raises:
        Problem: 406.
    """
    accept = request.headers.get("accept")
    if accept is None or "*/*" in accept or produced in accept:
        return
    family = produced.partition("/")[0] + "/*"
    for part in accept.split(","):
        media, _, parameters = part.partition(";")
        if media.strip().lower() in ("*/*", family, produced) and not _is_refused(parameters):
            return
    raise Problem("not-acceptable", f"Accept {produced}.")


def _is_refused(parameters: str) -> bool:
    return re.search(r"(?:^|;)\s*q=0(?:\.0*)?\s*(?:;|$)", parameters) is not None


def check_content_type(request: Request, accepted: Collection[str]) -> None:
    """Refuse a body that is not of an accepted type in UTF-8.

    Raises:
        Problem: 415 with the accepted types.
    """
    given = request.headers.get("content-type", "")
    media, _, parameters = given.partition(";")
    if media.strip().lower() in accepted and _is_utf8(parameters):
        return
    raise Problem(
        "unsupported-media-type",
        f"Send {' or '.join(accepted)} in UTF-8.",
        headers={"Accept": ", ".join(accepted)},
    )


def _is_utf8(parameters: str) -> bool:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        is_charset = name.strip().lower() == "charset"
        if is_charset and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            return False
    return True


def idempotency_key(request: Request) -> str:
    """Return the caller's Idempotency-Key.

    Raises:
        Problem: 400, missing or not 1-255 characters of the allowed ones.
    """
    given = request.headers.get("idempotency-key")
    if given is None:
        raise Problem("idempotency-key-required")
    if not _KEY.match(given):
        raise Problem("idempotency-key-invalid")
    return given
