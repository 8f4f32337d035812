"""Uploaded files as they lie on disk: sealed whole, bound to their name."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile
from django.utils.deconstruct import deconstructible

from registry.seals import newest_version, seal_bytes, unseal_bytes, version_of


@deconstructible(path="registry.sealed_files.SealedStorage")
class SealedStorage(FileSystemStorage):
    """Holds a file in memory while it seals or opens it: 25 MB at most (UPLOAD_MAX_BYTES)."""

    def _save(self, name: str, content: File) -> str:
        content.seek(0)
        sealed = ContentFile(seal_bytes(content.read(), place_of(name)))
        return super()._save(name, sealed)  # type: ignore[misc]  # the stubs leave it out

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError("A sealed file is read, or saved anew.")
        return ContentFile(unseal_bytes(Path(self.path(name)).read_bytes(), place_of(name)), name)

    def is_current(self, name: str) -> bool:
        with Path(self.path(name)).open("rb") as file:
            return version_of(file.read(1)) == newest_version()

    def reseal(self, name: str) -> None:
        """Under the newest key, in one step: whoever reads meanwhile gets the old file or the new one."""
        path = Path(self.path(name))
        beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        sealed = seal_bytes(unseal_bytes(path.read_bytes(), place_of(name)), place_of(name))
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, path.stat().st_mode & 0o777)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def private_copy(file: FieldFile) -> Iterator[Path]:
    """A path to an opened copy, for readers that want one; only this process can go by it.

    The copy has no name in any folder, so that it goes with the process, however that ends.
    """
    with tempfile.TemporaryFile() as copy, file.open("rb") as content:
        copy.write(content.read())
        copy.flush()
        yield Path(f"/proc/self/fd/{copy.fileno()}")


def place_of(name: str) -> str:
    return f"file:{name}"


def storage_of(field: Any) -> SealedStorage | None:
    storage = getattr(field, "storage", None)
    return storage if isinstance(storage, SealedStorage) else None
