"""Strong ETags from stream versions, and the `If-Match` that a decision was based on."""

import re
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from shared.http.problem import FieldError, Problem

HEADER = "If-Match"
_TAG = re.compile(r'"([1-9][0-9]{0,9})"\Z')

_HOW = 'read the resource and send its ETag as it was answered, in quotes: If-Match: "3"'

PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": True,
    "description": "The ETag of what the decision was based on.",
    "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,9}"$', "maxLength": 12},
}
"""How an operation that needs it says so in OpenAPI."""


def etag(version: int) -> str:
    """Write a stream version as a strong ETag."""
    return f'"{version}"'


def if_match(request: Request) -> int:
    """Return the stream version that the caller has seen.

    Raises:
        Problem: 428 without the header, 412 where it is no ETag of ours.
    """
    given = request.headers.getlist(HEADER)
    if not given:
        missing = FieldError(code="missing", header=HEADER, detail=_HOW)
        raise Problem("precondition-required", errors=[missing])
    match = _TAG.match(given[0]) if len(given) == 1 else None
    if match is None:
        malformed = FieldError(code="etag", header=HEADER, detail=_HOW)
        raise Problem(
            "precondition-failed",
            "If-Match does not hold an ETag as it was answered.",
            errors=[malformed],
        )
    return int(match[1])


SeenVersion = Annotated[int, Depends(if_match)]
