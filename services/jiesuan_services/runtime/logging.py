"""One canonical JSON line per unit of work on stderr, and no person in it."""

import json
import sys
from collections.abc import Callable
from typing import Any

import orjson
import structlog


def line_of(said: dict[str, Any], *, default: Callable[[Any], Any]) -> bytes:
    """Write a line; what is no JSON for the fast writer is some for the slow one."""
    try:
        return orjson.dumps(said, default=default)
    except TypeError:
        text = json.dumps(said, default=default, ensure_ascii=False)
        return text.encode("utf-8", "backslashreplace")


def configure() -> None:
    """Set structlog up for a process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(line_of),
        ],
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
