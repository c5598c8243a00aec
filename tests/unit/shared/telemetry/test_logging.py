"""Log lines: JSON, allow-listed keys, trace ids, and no values from anywhere."""

import io
import json
import logging as stdlib
import sys
from typing import Any

import pytest

from shared.kernel.errors import OperatorNeeded
from shared.telemetry import logging, tracing

CANARY = "123-45-6789"


class Unfit(OperatorNeeded):
    def __init__(self, *, topic: str, settings: tuple[str, ...], name: str) -> None:
        super().__init__(name)
        self.topic, self.settings, self.name = topic, settings, name


@pytest.fixture
def stream() -> io.StringIO:
    opened = io.StringIO()
    logging.configure(opened)
    return opened


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class TestOurLogs:
    def test_hold_listed_keys_only(self, stream: io.StringIO) -> None:
        logging.get_logger("x").info(
            "placed", account_id="acct_1", name=CANARY, count=3, state={"ssn": CANARY}, reason=None
        )
        (line,) = lines(stream)
        assert line.pop("timestamp").endswith("Z")
        assert line == {
            "event": "placed",
            "level": "info",
            "module": "x",
            "service": "forbear",
            "account_id": "acct_1",
            "count": 3,
        }

    def test_name_the_trace_they_belong_to(self, stream: io.StringIO) -> None:
        with tracing.acting_as("ledger"), tracing.span("work"):
            logging.get_logger("x").info("placed")
            trace_id = tracing.current_trace_id()
        (line,) = lines(stream)
        assert line["trace_id"] == trace_id
        assert len(line["span_id"]) == 16
        assert line["service"] == "ledger"

    def test_describe_exceptions_by_type_and_place(self, stream: io.StringIO) -> None:
        try:
            try:
                raise KeyError(CANARY)
            except KeyError as cause:
                raise ValueError(CANARY) from cause
        except ValueError as error:
            logging.get_logger("x").error("failed", error=error)
        (line,) = lines(stream)
        assert line["error_type"] == "builtins.ValueError"
        assert line["error_causes"] == ["builtins.KeyError"]
        assert ":test_describe_exceptions_by_type_and_place:" in line["error_at"][0]
        assert CANARY not in stream.getvalue()

    def test_say_what_an_operator_has_to_mend(self, stream: io.StringIO) -> None:
        error = Unfit(topic="events", settings=("retention.ms=-1",), name=CANARY)
        logging.get_logger("x").error("task-failed", task="relay", topic="ours", error=error)
        (line,) = lines(stream)
        assert line["error_type"].endswith(".Unfit")
        assert line["settings"] == ["retention.ms=-1"]
        assert (line["task"], line["topic"]) == ("relay", "ours")  # who logs knows better
        assert CANARY not in stream.getvalue()

    def test_below_the_level_are_not_written(self) -> None:
        stream = io.StringIO()
        logging.configure(stream, "WARNING")
        logging.get_logger("x").info("placed")
        assert stream.getvalue() == ""

    def test_to_a_stream_that_is_gone_fail_silently(self) -> None:
        stream = io.StringIO()
        logging.configure(stream)
        stream.close()
        logging.get_logger("x").info("placed")


class TestForeignLogs:
    def test_keep_their_template_and_lose_their_arguments(self, stream: io.StringIO) -> None:
        stdlib.getLogger("asyncpg").warning("query %s failed for %r", "SELECT", CANARY)
        (line,) = lines(stream)
        assert (line["event"], line["module"]) == ("query %s failed for %r", "asyncpg")
        assert CANARY not in stream.getvalue()

    def test_without_arguments_may_hold_values(self, stream: io.StringIO) -> None:
        stdlib.getLogger("some.package").error(f"cannot store {CANARY}")
        (line,) = lines(stream)
        assert line["event"] == "library-message"
        assert line["level"] == "error"
        assert CANARY not in stream.getvalue()

    def test_with_an_exception_lose_its_text(self, stream: io.StringIO) -> None:
        try:
            raise LookupError(CANARY)
        except LookupError:
            stdlib.getLogger("asyncio").error("task failed: %s", CANARY, exc_info=sys.exc_info())
        (line,) = lines(stream)
        assert line["error_type"] == "builtins.LookupError"
        assert CANARY not in stream.getvalue()

    def test_of_the_server_are_shown_as_they_are(self, stream: io.StringIO) -> None:
        stdlib.getLogger("uvicorn.error").info("Started server process [%d]", 7)
        (line,) = lines(stream)
        assert line["event"] == "Started server process [7]"

    def test_of_every_request_are_left_out(self, stream: io.StringIO) -> None:
        stdlib.getLogger("uvicorn.access").info('%s "GET /?ssn=%s"', "127.0.0.1", CANARY)
        stdlib.getLogger("httpx2").info("HTTP Request: %s", CANARY)
        assert stream.getvalue() == ""
