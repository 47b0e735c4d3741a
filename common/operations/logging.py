"""JSON log lines on standard output, for our own messages and the libraries' alike."""

import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger


def _json(event: EventDict, **options: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def _without_traceback(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Name the exception only: its text and frames may quote private values."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple) and error[0]:
        event["error"] = error[0].__name__
    elif isinstance(error, BaseException):
        event["error"] = type(error).__name__
    elif error:
        kind = sys.exc_info()[0]
        event["error"] = kind.__name__ if kind else "unknown"
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    _without_traceback,
]


LEVELS = {name.lower(): number for name, number in logging.getLevelNamesMapping().items()}
_lowest = logging.INFO


def configure(level: str) -> None:
    """Send structlog's and the standard library's records to stdout, one JSON object a line."""
    global _lowest
    number = _lowest = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[*SHARED, structlog.processors.JSONRenderer(serializer=_json)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_StdoutFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_json),
            ],
        )
    )
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, _StdoutHandler)]:
        root.removeHandler(old)
    ours = _StdoutHandler(sys.stdout)
    ours.setFormatter(handler.formatter)
    root.addHandler(ours)
    root.setLevel(max(number, logging.WARNING))


def write_line(level: str, event: str, **fields: Any) -> None:
    """A line like structlog's, for what is written with every request: its pipeline costs more
    than the query of a small page."""
    if LEVELS[level] < _lowest:
        return
    timestamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    line = {**fields, "event": event, "level": level, "time": timestamp}
    with suppress(OSError):
        sys.stdout.write(_json(line) + "\n")
        sys.stdout.flush()


class _StdoutHandler(logging.StreamHandler[Any]):
    """Our handler, recognised by its class so that a second application does not double every line. It
    writes to what `sys.stdout` is now, since tests and servers replace it."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stdout
        super().emit(record)


class _StdoutLogger(structlog.PrintLogger):
    """Writes a line, or none where there is no room for it: what is logged goes on all the same."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    debug = info = warning = error = critical = msg


class _StdoutFactory:
    """Looks `sys.stdout` up anew, since tests and servers replace it."""

    def __call__(self, *args: Any) -> structlog.PrintLogger:
        return _StdoutLogger(sys.stdout)
