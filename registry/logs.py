"""The log in production: a JSON object a line, times in UTC, no personal data."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

from registry.request_id import current_request_id

SIXTEEN_DIGITS = re.compile(r"\d{16,}")
MASKED = "[digits]"


class JsonLine(logging.Formatter):
    """``ts``, ``level``, ``logger``, ``message``, ``request_id``, then the ``facts`` of the record.

    Line breaks in what users sent are escaped by JSON. Of an exception its type and where it was raised are
    told: its words may quote a row. Runs of 16 digits (NIK, family cards) are masked last of all.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _without_path(record),
            "request_id": current_request_id(),
        }
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[1]:
            line["exception"] = type(record.exc_info[1]).__name__
            line["raised_in"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(_masked(line))


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {_masked(str(name)): _masked(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 10**15):
        return value
    return SIXTEEN_DIGITS.sub(MASKED, str(value))


def _without_path(record: logging.LogRecord) -> str:
    """Django's messages about a request end in its path: its route stands there instead."""
    request = getattr(record, "request", None)
    if request is None:
        return record.getMessage()
    match = getattr(request, "resolver_match", None)
    route, words = match.view_name if match else "-", record.getMessage()
    for path in (request.path.encode("unicode_escape").decode(), request.path):
        words = words.replace(path, route)
    return words
