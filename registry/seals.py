"""Seals: identity numbers encrypted by the application, and the blind index that still finds them.

A seal is one version byte, a 12-byte nonce and AES-256-GCM (NIST SP 800-38D) with the place (table, column
and row) bound in: moved to another row, it no longer opens. The keys stand in a file beside the database,
never in it: JSON with ``index`` and ``seals`` (by version, 1 to 255), each 32 bytes in base64.
"""

import hmac
import json
import os
import secrets
import stat
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
NONCE_BYTES = 12
INDEX_BYTES = 16
LAST_VERSION = 255


class BrokenSeal(ValueError):
    """Another place, another key, or not a seal as it was made. Names the place, never what stands there."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Every seal key by its version, so that old rows stay readable; the newest one seals."""

    index: bytes
    seals: dict[int, AESGCM]
    newest: int


def seal(plain: str, place: str) -> bytes:
    """``place`` is table, column and row id, as in ``households_member.nik:17``."""
    return seal_bytes(plain.encode(), place)


def unseal(sealed: bytes | memoryview, place: str) -> str:
    """Raises BrokenSeal."""
    return unseal_bytes(sealed, place).decode()


def seal_bytes(plain: bytes, place: str) -> bytes:
    ring = _ring()
    nonce = secrets.token_bytes(NONCE_BYTES)
    return bytes([ring.newest]) + nonce + ring.seals[ring.newest].encrypt(nonce, plain, place.encode())


def unseal_bytes(sealed: bytes | memoryview, place: str) -> bytes:
    """Raises BrokenSeal."""
    sealed = bytes(sealed)
    key = _ring().seals.get(version_of(sealed))
    if key is None:
        raise BrokenSeal(f"No key of version {version_of(sealed)} for {place}.")
    nonce, text = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return key.decrypt(nonce, text, place.encode())
    except (InvalidTag, ValueError):  # a nonce cut short is a ValueError
        raise BrokenSeal(f"The seal of {place} does not open.") from None


def version_of(sealed: bytes | memoryview) -> int:
    """The key version; 0, which no key has, of nothing at all."""
    return bytes(sealed[:1])[0] if sealed else 0  # the driver's memoryview holds characters, not numbers


def newest_version() -> int:
    return _ring().newest


def blind_index(kind: str, plain: str) -> str:
    """32 hex digits that are equal where numbers of one ``kind`` ("nik", "card") are; empty for no number.

    A keyed hash: whoever holds the database without the key can neither read nor try numbers.
    """
    if not plain:
        return ""
    return hmac.digest(_ring().index, f"{kind}:{plain}".encode(), "sha256")[:INDEX_BYTES].hex()


def make_key_file(path: Path) -> None:
    """A new ring, readable by its owner alone. Raises FileExistsError: old keys are never overwritten."""
    _write_new(path, {"index": _new_key(), "seals": {"1": _new_key()}})


def add_key(path: Path) -> int:
    """Adds the next version and returns it; running processes seal with it from then on."""
    text = json.loads(path.read_text())
    version = max(map(int, text["seals"])) + 1
    if version > LAST_VERSION:
        raise ImproperlyConfigured(f"{path} holds {LAST_VERSION} versions: the version byte is used up.")
    text["seals"][str(version)] = _new_key()
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    _write_new(beside, text)
    owner = path.stat()
    os.chown(beside, owner.st_uid, owner.st_gid)  # root may run this for the account of the service
    beside.replace(path)
    return version


def _ring() -> KeyRing:
    """Looks at the file's time on every call, a microsecond, so that a key added counts at once."""
    if not settings.KEY_FILE:
        if settings.IS_PRODUCTION:
            raise ImproperlyConfigured("In production SIMPUL_KEY_FILE must name the key file.")
        return _sample_ring()
    try:
        return _read_ring(settings.KEY_FILE, os.stat(settings.KEY_FILE).st_mtime_ns)
    except OSError as error:
        raise ImproperlyConfigured(f"SIMPUL_KEY_FILE cannot be read: {error}") from None


@lru_cache(maxsize=1)
def _sample_ring() -> KeyRing:
    """For development, demo and tests, where people are invented: keys that everybody can derive."""
    text = {"index": _derived("index"), "seals": {"1": _derived("seal 1")}}
    return _ring_of(text)


def _derived(purpose: str) -> str:
    hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"simpul {purpose}".encode())
    return b64encode(hkdf.derive(settings.DEFAULT_SECRET_KEY.encode())).decode()


@lru_cache(maxsize=1)
def _read_ring(path: str, modified: int) -> KeyRing:
    """``modified`` only tells one state of the file from another."""
    with open(path, encoding="utf-8") as stream:
        mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
        if settings.IS_PRODUCTION and mode & 0o077:
            raise ImproperlyConfigured(f"{path} may be read by others than its owner: chmod 400 {path}")
        try:
            return _ring_of(json.load(stream))
        except (ValueError, KeyError, TypeError, AttributeError):
            # Not chained: the text of a JSON error may hold a key.
            raise ImproperlyConfigured(f"{path} is not a key file of manage.py make_keys.") from None


def _ring_of(text: dict[str, Any]) -> KeyRing:
    seals = {int(version): _key(key) for version, key in text["seals"].items()}
    if not seals or not all(1 <= version <= LAST_VERSION for version in seals):
        raise ValueError
    return KeyRing(_key(text["index"]), {version: AESGCM(key) for version, key in seals.items()}, max(seals))


def _key(text: str) -> bytes:
    key = b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError
    return key


def _new_key() -> str:
    return b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _write_new(path: Path, text: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(text, stream, indent=2)
        stream.flush()
        os.fsync(stream.fileno())
