"""The list of erasures that stands outside the database, so that a restored backup forgets again.

One JSON object a line: ids, keyed indexes and days, nothing that names a person. Lines are only ever added.
"""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

Line = Mapping[str, Any]


def append(lines: Iterable[Line]) -> None:
    """On disk before this returns. Called inside the transaction: what cannot be noted is not erased."""
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    settings.ERASURES_FILE.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.ERASURES_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def read() -> list[dict[str, Any]]:
    """Raises FileNotFoundError: without the list nobody can say who was erased."""
    with settings.ERASURES_FILE.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream if line.strip()]
