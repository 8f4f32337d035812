"""Locks that the kernel frees when their holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def locked(path: Path, *, patience: float | None = None) -> Iterator[IO[bytes]]:
    """Hold the lock file; TimeoutError when it is not free within ``patience`` seconds (None: wait on)."""
    with open_lock(path) as lock:
        deadline = None if patience is None else time.monotonic() + patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if deadline is None else fcntl.LOCK_NB))
                break
            except BlockingIOError:
                if deadline is not None and time.monotonic() >= deadline:
                    raise TimeoutError(f"{path} is held by another process.") from None
                time.sleep(0.02)
        yield lock


def open_lock(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb+")
