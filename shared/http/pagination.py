"""Cursor pagination: opaque, signed, and good only for the query it was made for.

A cursor is bound to tenant, operation and filters. With other filters it is refused, instead of
silently skipping rows.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from shared.contactpoints.problem import FieldProblem
from shared.http.catalogue import CATALOGUE
from shared.http.field_markers import Checked, text_of
from shared.http.problem import FieldError, Problem

LIMIT_DEFAULT = 25
LIMIT_MAX = 100
CURSOR_LENGTH_MAX = 1024

_LIMIT_FIX = f"give a number from 1 to {LIMIT_MAX}"
_KEY_BYTES_MIN = 32
_TAG_BYTES = 16
Position = tuple[str | int, ...]
Item = TypeVar("Item")


def _read_limit(value: Any) -> str:
    # A lenient reader of integers takes more than ASCII digits.
    text = text_of(value)
    if not re.fullmatch("[1-9][0-9]{0,2}", text):
        raise FieldProblem("format", _LIMIT_FIX)
    if int(text) > LIMIT_MAX:
        raise FieldProblem("number-range", _LIMIT_FIX)
    return text


def _read_cursor(value: Any) -> str:
    text = text_of(value)
    if len(text) > CURSOR_LENGTH_MAX or not re.fullmatch("[A-Za-z0-9_-]+", text):
        fix = "give next_cursor as it was answered, or none to start again"
        raise FieldProblem("invalid-cursor", fix)
    return text


Limit = Annotated[
    str,
    Checked(_read_limit, {"type": "string", "maxLength": 3, "pattern": "^[1-9][0-9]{0,2}$"}),
]
Cursor = Annotated[
    str,
    Checked(
        _read_cursor,
        {"type": "string", "maxLength": CURSOR_LENGTH_MAX, "pattern": "^[A-Za-z0-9_-]+$"},
    ),
]


class PageRequest:
    """How much is asked for, and from where."""

    def __init__(
        self,
        limit: Annotated[Limit, Query()] = str(LIMIT_DEFAULT),
        cursor: Annotated[Cursor | None, Query()] = None,
    ) -> None:
        self.limit = int(limit)
        self.cursor = cursor


Paging = Annotated[PageRequest, Depends()]


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    object: Literal["list"] = "list"
    data: Annotated[list[Item], Field(max_length=LIMIT_MAX)]
    has_more: bool
    next_cursor: Annotated[str | None, Field(max_length=CURSOR_LENGTH_MAX)] = None


class Cursors:
    """Makes and reads the cursors of one service."""

    def __init__(self, key: bytes) -> None:
        if len(key) < _KEY_BYTES_MIN:
            raise ValueError("a cursor key has at least 32 bytes")
        self._key = key

    def write(
        self, position: Position, *, tenant: str, operation: str, filters: Mapping[str, str]
    ) -> str:
        """Return the cursor that continues after a position."""
        payload = msgspec.json.encode((_digest(tenant, operation, filters), position))
        return base64.urlsafe_b64encode(self._tag(payload) + payload).rstrip(b"=").decode("ascii")

    def read(
        self, cursor: str | None, *, tenant: str, operation: str, filters: Mapping[str, str]
    ) -> Position | None:
        """Return the position after which to continue; None without a cursor.

        Raises:
            Problem: 400, forged or damaged, or made for another query.
        """
        if cursor is None:
            return None
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _refusal("invalid-cursor") from None
        tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(payload)):
            raise _refusal("invalid-cursor")
        digest, position = msgspec.json.decode(payload, type=tuple[str, Position])
        if digest != _digest(tenant, operation, filters):
            raise _refusal("cursor-mismatch")
        return position

    def page(
        self,
        rows: Sequence[tuple[Position, Item]],
        request: PageRequest,
        *,
        tenant: str,
        operation: str,
        filters: Mapping[str, str],
    ) -> Page[Item]:
        """Build a page out of up to `limit + 1` rows; the extra one only says there is more."""
        shown = rows[: request.limit]
        has_more = len(rows) > request.limit
        following = (
            self.write(shown[-1][0], tenant=tenant, operation=operation, filters=filters)
            if has_more
            else None
        )
        return Page(data=[item for _, item in shown], has_more=has_more, next_cursor=following)

    def _tag(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, sha256)[:_TAG_BYTES]


def _digest(tenant: str, operation: str, filters: Mapping[str, str]) -> str:
    bound = msgspec.json.encode((tenant, operation, dict(filters)), order="sorted")
    return sha256(bound).hexdigest()[:32]


def _refusal(code: str) -> Problem:
    fix = CATALOGUE[code].advice
    return Problem(code, errors=[FieldError(code=code, parameter="cursor", detail=fix)])
