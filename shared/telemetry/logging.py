"""Logs: one JSON object a line on standard error, with trace ids and allow-listed keys only.

The event of a line is a constant text; facts are keys. What libraries log passes through the same
gate: the template of their message is kept, its arguments, which may hold SQL and values, are not.
"""

import logging
import sys
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO

import msgspec
import structlog
from opentelemetry import trace
from structlog.typing import EventDict, FilteringBoundLogger

from shared.kernel.clock import SystemClock
from shared.kernel.errors import OperatorNeeded
from shared.telemetry.attributes import LOG_KEYS, TEXT_LENGTH_MAX
from shared.telemetry.tracing import current_service

FRAMES_MAX = 12
_CAUSES_MAX = 4
# These say nothing but where the server listens and when it stops.
_TRUSTED_LOGGERS = ("uvicorn.error",)
# A line for each request they send, though nothing is wrong.
_TALKATIVE_LOGGERS = ("httpx2", "httpcore2")
_clock = SystemClock()
_BROKEN_STREAM = (OSError, ValueError)


def configure(stream: TextIO | None = None, level: str = "INFO") -> None:
    """Send our own logs and those of the libraries to one stream."""
    sink = _Sink(stream)
    threshold = logging.getLevelNamesMapping()[level.upper()]
    _configure_ours(sink, threshold)
    handler = _Foreign(sink)
    logging.root.handlers = [handler]
    logging.root.setLevel(threshold)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncpg", "fastapi"):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = name != "uvicorn.access"
    for name in _TALKATIVE_LOGGERS:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))


def _configure_ours(sink: "_Sink", threshold: int) -> None:
    structlog.configure(
        processors=[structlog.processors.add_log_level, _complete, _allow, _encode],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *names: sink,
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> FilteringBoundLogger:
    """Return a logger; pass facts as keys, and an exception as `error`."""
    logger: FilteringBoundLogger = structlog.get_logger(module=name)
    return logger


class _Sink:
    """Writes lines; a stream that is gone is not worth failing a request for."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        """Write one line."""
        stream = sys.stderr if self._stream is None else self._stream
        try:
            stream.write(line + "\n")
            stream.flush()
        except _BROKEN_STREAM:
            return

    debug = info = warning = error = critical = exception = log = msg = write


def _complete(logger: Any, method: str, entry: EventDict) -> EventDict:
    error = entry.pop("error", None)
    if isinstance(error, BaseException):
        entry.update({**describe(error), **entry})
    entry["timestamp"] = _clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    entry.setdefault("service", current_service())
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        entry["trace_id"] = f"{context.trace_id:032x}"
        entry["span_id"] = f"{context.span_id:016x}"
    return entry


def _allow(logger: Any, method: str, entry: EventDict) -> EventDict:
    return {
        key: shown
        for key, value in entry.items()
        if key in LOG_KEYS and (shown := _plain(value)) is not None
    }


def _plain(value: Any) -> Any:
    match value:
        case bool() | int() | float():
            return value
        case str():
            return value[:TEXT_LENGTH_MAX]
        case list() | tuple():
            return [_plain(each) for each in value[:50]]
        case _:
            # Records and models may hold anything; only plain values are shown.
            return None


def _encode(logger: Any, method: str, entry: EventDict) -> str:
    return msgspec.json.encode(entry).decode("utf-8")


def describe(error: BaseException) -> dict[str, Any]:
    """Say what failed and where, without the exception's text, which may hold values.

    What an operator has to mend is said by the exception's attributes.
    """
    causes: list[str] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(causes) < _CAUSES_MAX:
        causes.append(_type_name(cause))
        cause = cause.__cause__ or cause.__context__
    described: dict[str, Any] = {
        "error_type": _type_name(error),
        "error_at": _frames(error.__traceback__),
    }
    if causes:
        described["error_causes"] = causes
    if isinstance(error, OperatorNeeded):
        described.update(vars(error))
    return described


def _type_name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        module = traceback.tb_frame.f_globals.get("__name__", "?")
        frames.append(f"{module}:{code.co_name}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return frames[-FRAMES_MAX:]


class _Foreign(logging.Handler):
    """Takes the records of libraries."""

    def __init__(self, sink: _Sink) -> None:
        super().__init__()
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record without its arguments."""
        entry: MutableMapping[str, Any] = {"level": record.levelname.lower(), "module": record.name}
        if record.name in _TRUSTED_LOGGERS:
            entry["event"] = record.getMessage().strip()
        elif record.args:
            entry["event"] = str(record.msg)
        else:
            # Without arguments the text may have been put together from values.
            entry["event"] = "library-message"
            entry["error_at"] = [f"{record.module}:{record.funcName}:{record.lineno}"]
        if record.exc_info and record.exc_info[1] is not None:
            entry.update(describe(record.exc_info[1]))
        self._sink.write(_encode(None, "", _allow(None, "", _complete(None, "", entry))))


# Before anybody configures: structlog's own default would print exceptions with their values.
_configure_ours(_Sink(None), logging.INFO)
