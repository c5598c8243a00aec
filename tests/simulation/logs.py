"""The services' logs as checkers read them: parsed, each event with when it was committed."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import msgspec

from shared.kernel.records import record
from tests.simulation.databases import Database


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return SimpleNamespace(**{name: _opened(each) for name, each in value.items()})
    return [_opened(each) for each in value] if isinstance(value, list) else value


@record
class Logged:
    """One event of a log."""

    name: str
    stream: str
    version: int
    body: Any
    data: bytes
    at: datetime
    recorded_at: datetime


class Log:
    """One service's events in the order of their commits."""

    def __init__(self, database: Database) -> None:
        self.events = [
            Logged(
                name=each.event.type.split(".")[2],
                stream=each.event.stream,
                version=each.event.version,
                body=_opened(msgspec.json.decode(each.event.data)),
                data=each.event.data,
                at=each.event.occurred_at,
                recorded_at=each.recorded_at,
            )
            for each in database.log
        ]

    def of(self, *names: str) -> list[Logged]:
        """Return the events of some names."""
        return [each for each in self.events if each.name in names]
