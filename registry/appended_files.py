"""Files to which lines are only ever added: whole or not at all, each beginning on a line of its own."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path


def append(path: Path, text: bytes) -> None:
    """On disk before this returns. Makes the file, not its folder. Raises OSError: then nothing was added."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # nobody else's lines may stand behind those taken back
        end = os.fstat(descriptor).st_size
        is_begun = end and os.pread(descriptor, 1, end - 1) != b"\n"
        try:
            _write(descriptor, b"\n" + text if is_begun else text)
        except OSError:
            with suppress(OSError):  # whoever reads names what could not be taken back
                os.ftruncate(descriptor, end)
            raise
    finally:
        os.close(descriptor)


def _write(descriptor: int, text: bytes) -> None:
    """A full disk may take a part before it refuses."""
    while text:
        text = text[os.write(descriptor, text) :]
    os.fsync(descriptor)
