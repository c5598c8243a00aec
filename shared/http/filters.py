"""What many lists are asked by. A filter that was not given is in no list of filters."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Query

from shared.http.fields import Instant
from shared.http.problem import FieldError, Problem


def given(**filters: str | None) -> dict[str, str]:
    """Return the filters that were given."""
    return {name: value for name, value in filters.items() if value is not None}


class Period:
    """From an instant on, up to, not including, another; either may be left open."""

    def __init__(
        self,
        since: Annotated[Instant | None, Query(alias="from")] = None,
        until: Annotated[Instant | None, Query(alias="to")] = None,
    ) -> None:
        if since is not None and until is not None and until <= since:
            error = FieldError(code="period", parameter="to", detail="give an instant after from")
            raise Problem("validation-failed", errors=[error])
        self.since = since
        self.until = until

    @property
    def filters(self) -> dict[str, str]:
        """Return what a cursor is bound to."""
        return given(since=_text(self.since), until=_text(self.until))


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


PeriodFilter = Annotated[Period, Depends()]


def within(column: sa.ColumnElement[Any], filters: Mapping[str, str]) -> Iterator[Any]:
    """Yield the conditions of a period's filters on a column of instants."""
    if "since" in filters:
        yield column >= datetime.fromisoformat(filters["since"])
    if "until" in filters:
        yield column < datetime.fromisoformat(filters["until"])
