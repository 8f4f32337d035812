"""The list of erasures that stands outside the database, so that a restored backup forgets again.

One JSON object a line: ids, keyed indexes and days, nothing that names a person. Lines are only ever added.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from django.conf import settings

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
    descriptor = os.open(settings.ERASURES_FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # nobody else's lines may stand behind those taken back
        end = os.fstat(descriptor).st_size
        is_begun = end and os.pread(descriptor, 1, end - 1) != b"\n"
        try:
            _write(descriptor, b"\n" + text if is_begun else text)
        except OSError:
            with suppress(OSError):  # read() names what could not be taken back
                os.ftruncate(descriptor, end)
            raise
    finally:
        os.close(descriptor)


def read() -> list[dict[str, Any]]:
    """Raises FileNotFoundError, for without the list nobody can say who was erased, and UnreadableLine."""
    with settings.ERASURES_FILE.open("rb") as stream:
        return [_parsed(line, number) for number, line in enumerate(stream, start=1) if line.strip()]


def _write(descriptor: int, text: bytes) -> None:
    """A full disk may take a part before it refuses."""
    while text:
        text = text[os.write(descriptor, text) :]
    os.fsync(descriptor)


def _parsed(line: bytes, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        raise UnreadableLine(number) from None
    if not isinstance(found, dict):
        raise UnreadableLine(number)
    return found
