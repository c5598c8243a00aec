"""Streams are whole: no version is missing, time does not go back, ids and causes hold."""

import json
from collections.abc import Sequence

from tests.oracle.log import Event, LoggedEvent, Unreadable, parse
from tests.oracle.report import Findings


class Streams:
    """Checks every stream, and at the end what holds across all of them."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._ids: set[str] = set()
        self._causes: dict[str, tuple[str, str, str]] = {}

    def read(self, stream: Sequence[LoggedEvent]) -> list[Event]:
        """Check one stream, given in the order of its versions, and return what can be read."""
        events = []
        before: LoggedEvent | None = None
        for logged in stream:
            self._check_place(before, logged)
            self._check_ids(logged)
            before = logged
            try:
                event = parse(logged)
            except Unreadable as error:
                self._name("event-unreadable", logged, f"An event cannot be read: {error}.")
                continue
            self._findings.checked["envelope-time-differs"] += 1
            if event.at != logged.occurred_at:
                self._name(
                    "envelope-time-differs",
                    logged,
                    f"The envelope says {logged.occurred_at}, the event {event.at}.",
                )
            events.append(event)
        return events

    def finish(self) -> None:
        """Check that every event named as a cause exists."""
        for cause, (tenant, stream, event_id) in self._causes.items():
            self._findings.checked["cause-unknown"] += 1
            if cause not in self._ids:
                self._findings.name(
                    "cause-unknown",
                    tenant,
                    stream,
                    (event_id,),
                    f"The event {cause} that is named as its cause is in no log.",
                )

    def _check_place(self, before: LoggedEvent | None, logged: LoggedEvent) -> None:
        for code in ("version-gap", "time-went-back", "stream-out-of-order"):
            self._findings.checked[code] += 1
        expected = 1 if before is None else before.version + 1
        if logged.version > expected:
            self._name(
                "version-gap", logged, f"Version {expected} is missing before {logged.version}."
            )
        if logged.version < expected:
            self._name("version-repeated", logged, f"Version {logged.version} stands twice.")
        if before is None:
            return
        if logged.occurred_at < before.occurred_at:
            self._name(
                "time-went-back",
                logged,
                f"Version {logged.version} happened at {logged.occurred_at},"
                f" before version {before.version} at {before.occurred_at}.",
            )
        if logged.order < before.order:
            self._name(
                "stream-out-of-order",
                logged,
                f"Version {logged.version} was committed before version {before.version}.",
            )

    def _check_ids(self, logged: LoggedEvent) -> None:
        self._findings.checked["event-id-repeated"] += 1
        if logged.event_id in self._ids:
            self._name("event-id-repeated", logged, f"The id {logged.event_id} stands twice.")
        self._ids.add(logged.event_id)
        try:
            cause = json.loads(logged.metadata).get("causation_id")
        except (ValueError, AttributeError):
            self._name("event-unreadable", logged, "The metadata cannot be read.")
            return
        # Other causes are requests and jobs, which are in no log.
        if isinstance(cause, str) and cause.startswith("evt_"):
            self._causes.setdefault(cause, (logged.tenant, logged.stream, logged.event_id))

    def _name(self, code: str, logged: LoggedEvent, sentence: str) -> None:
        self._findings.name(code, logged.tenant, logged.stream, (logged.event_id,), sentence)
