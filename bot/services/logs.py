"""Structured log lines: JSON, ids and counts only. Nothing that a person said or owns is ever passed in here.

A failure is logged by its class and the places in the code, never by its message, which may quote data.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import datetime, timezone
from typing import Any

_LOGGER = logging.getLogger("daihou")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage() if record.name.startswith("daihou") else record.name,
        }
        line.update(getattr(record, "fields", {}))
        return json.dumps(line, ensure_ascii=False)


def configure(level: str) -> None:
    """Ours as JSON on stderr; libraries only warn, and by name alone."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json())
    _LOGGER.handlers[:] = [handler]
    _LOGGER.propagate = False
    _LOGGER.setLevel(level)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("sanic.root", "sanic.error", "sanic.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "sanic.access"


def event(what: str, *, level: str = "info", **fields: Any) -> None:
    """One line. `fields` are ids, counts, our own names."""
    _LOGGER.log(logging.getLevelName(level.upper()), what, extra={"fields": fields})


def failure(what: str, error: BaseException, **fields: Any) -> None:
    """An unexpected error: its class and where it came from."""
    places = [
        f"{frame.filename.rsplit('/', 3)[-1]}:{frame.lineno}:{frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-6:]
    ]
    event(what, level="error", error=type(error).__name__, places=places, **fields)
