"""Events as they lie in the log, and as the oracle reads them: plain JSON, parsed here."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One row of an `events` table. `order` is its place in its own service's commit order."""

    tenant: str
    stream: str
    version: int
    event_id: str
    type: str
    data: bytes
    metadata: bytes
    occurred_at: datetime
    recorded_at: datetime
    order: tuple[int, int] = (0, 0)

    @property
    def service(self) -> str:
        """Return the service that the type names, or nothing if it is no type of ours."""
        parts = self.type.split(".")
        return parts[1] if len(parts) == 4 else ""


class Unreadable(ValueError):
    """The stored bytes are not what the oracle can read."""


@dataclass(frozen=True, slots=True)
class Event:
    """A logged event with its parsed data."""

    logged: LoggedEvent
    name: str
    body: dict[str, Any]
    at: datetime

    @property
    def id(self) -> str:
        """Return the event's id."""
        return self.logged.event_id

    @property
    def recorded_at(self) -> datetime:
        """Return when the database took it in."""
        return self.logged.recorded_at

    @property
    def actor(self) -> str:
        """Return on whose behalf it was logged."""
        return str(json.loads(self.logged.metadata).get("actor", ""))


_MEANS_THE_SAME = frozenset({"fact-recorded.v2"})
"""Versions that only allow more than the first one did."""


def parse(logged: LoggedEvent) -> Event:
    """Read one event.

    Raises:
        Unreadable: the type or the bytes are not of the expected form.
    """
    parts = logged.type.split(".")
    if len(parts) != 4 or parts[0] != "forbear":
        raise Unreadable(f"{logged.type} is no type of ours")
    try:
        body = json.loads(logged.data)
        at = instant(body["at"])
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"the data cannot be read: {error}") from error
    versioned = f"{parts[2]}.{parts[3]}"
    is_plain = parts[3] == "v1" or versioned in _MEANS_THE_SAME
    name = parts[2] if is_plain else versioned
    return Event(logged=logged, name=name, body=body, at=at)


def instant(text: str) -> datetime:
    """Read an RFC 3339 instant."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise Unreadable(f"{text} has no offset")
    return read


def instant_or_none(text: str | None) -> datetime | None:
    """Read an instant that may be absent."""
    return None if text is None else instant(text)


def day_or_none(text: str | None) -> date | None:
    """Read a date that may be absent."""
    return None if text is None else date.fromisoformat(text)


def from_store_log(log: Iterable[Any]) -> Iterator[LoggedEvent]:
    """Read the log of one service's in-memory store, whose entries carry the event they log."""
    for entry in log:
        event = entry.event
        yield LoggedEvent(
            tenant=entry.tenant,
            stream=event.stream,
            version=event.version,
            event_id=event.event_id,
            type=event.type,
            data=event.data,
            metadata=event.metadata,
            occurred_at=event.occurred_at,
            recorded_at=entry.recorded_at,
            order=(0, entry.position),
        )
