"""The list of erasures that stands outside the database, so that a restored backup forgets again.

One JSON object a line: ids, keyed indexes and days, nothing that names a person. Lines are only ever added.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings

from registry import appended_files

Line = Mapping[str, Any]


class UnreadableLine(ValueError):
    """A line that was half written or damaged: whom it names nobody can say."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{settings.ERASURES_FILE}:{number}")
        self.number = number


_is_rehearsal = ContextVar("is_rehearsal", default=False)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Nothing is noted: what is erased meanwhile is taken back with the transaction."""
    token = _is_rehearsal.set(True)
    try:
        yield
    finally:
        _is_rehearsal.reset(token)


def append(lines: Iterable[Line]) -> None:
    """On disk before this returns, whole or not at all. Called inside the transaction: what cannot be noted
    is not erased.
    """
    if _is_rehearsal.get():
        return
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()
    settings.ERASURES_FILE.parent.mkdir(parents=True, exist_ok=True)
    appended_files.append(settings.ERASURES_FILE, text)


def read() -> list[dict[str, Any]]:
    """Raises FileNotFoundError, for without the list nobody can say who was erased, and UnreadableLine."""
    with settings.ERASURES_FILE.open("rb") as stream:
        return [_parsed(line, number) for number, line in enumerate(stream, start=1) if line.strip()]


def _parsed(line: bytes, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        raise UnreadableLine(number) from None
    if not isinstance(found, dict):
        raise UnreadableLine(number)
    return found
