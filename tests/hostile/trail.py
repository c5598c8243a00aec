"""What one run leaves behind, and where in it something personal lies."""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from shared.telemetry import logging, metrics, tracing
from tests.hostile import personal
from tests.hostile.canaries import Search

SEARCH = Search(personal.NEEDLES)


@dataclass
class Trail:
    """All that one run leaves behind, outside the databases."""

    log: io.StringIO
    spans: Any
    reader: InMemoryMetricReader
    answers: list[tuple[str, bytes]] = field(default_factory=list)

    async def keep(self, response: httpx2.Response) -> None:
        """Remember an answer with its headers."""
        await response.aread()
        headers = json.dumps(dict(response.headers)).encode()
        name = f"{response.status_code} {response.request.method} {response.request.url.path}"
        self.answers.append((name, headers + response.content))

    def told(self) -> dict[str, list[bytes]]:
        """Return logs, spans and metrics."""
        collected = self.reader.get_metrics_data()
        return {
            "log": [line.encode() for line in self.log.getvalue().splitlines()],
            "spans": [each.to_json().encode() for each in self.spans.get_finished_spans()],
            "metrics": [collected.to_json().encode()] if collected else [],
        }


@contextmanager
def listening() -> Iterator[Trail]:
    """Keep logs, spans and metrics as they would leave the process."""
    reader, log = InMemoryMetricReader(), io.StringIO()
    logging.configure(log, level="DEBUG")
    metrics.bind(reader)
    try:
        with tracing.recording() as spans:
            yield Trail(log=log, spans=spans, reader=reader)
    finally:
        metrics.shutdown()
        logging.configure()


def found_in(held: Mapping[str, list[bytes]]) -> dict[str, set[str]]:
    """Return where something personal lies, and in which form."""
    found: dict[str, set[str]] = {}
    for name, values in held.items():
        for value in values:
            if hits := SEARCH.found_in(value):
                found.setdefault(name, set()).update(hits)
            if value == personal.SSN_LAST4.encode():
                found.setdefault(name, set()).add("the last four digits")
    return found
