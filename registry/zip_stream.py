"""A ZIP archive read strictly and as a stream, for files that nobody vouches for.

``zipfile`` believes the directory about sizes and loads all of it at once. Here the directory, the local
headers and the unpacked bytes must tell the same story, so that no later reader sees another archive.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

END = struct.Struct("<4s4H2LH")  # end of central directory
END_64_LOCATOR = struct.Struct("<4sLQL")
END_64 = struct.Struct("<4sQ2H2L4Q")
CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
UNKNOWN_32, UNKNOWN_16 = 0xFFFFFFFF, 0xFFFF
STORED, DEFLATED = 0, 8
IS_ENCRYPTED, HAS_DESCRIPTOR, IS_UTF8 = 0x0001, 0x0008, 0x0800
UNICODE_NAME = 0x7075  # written by Info-ZIP for names that are not ASCII; no spreadsheet program writes it
BLOCK = 64 * 1024


class Refused(Exception):
    """``code`` and ``values`` choose and fill a sentence of ``upload_guard.SENTENCES``."""

    def __init__(self, code: str = "damaged", **values: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Part:
    name: str
    method: int
    crc: int
    packed: int
    unpacked: int
    offset: int
    has_descriptor: bool
    ends_before: int = 0  # where the next part, or the directory, begins


def list_parts(archive: BinaryIO, *, max_parts: int, max_name: int) -> list[Part]:
    """The parts in the order of the file. Refuses twins, names that climb, other methods than deflate."""
    count, size, start = _find_directory(archive)
    if count > max_parts or size > max_parts * (CENTRAL.size + max_name + 128):
        raise Refused("too_many_parts", limit=max_parts)
    archive.seek(start)
    directory = archive.read(size)
    if len(directory) != size:
        raise Refused
    parts, position = [], 0
    for _number in range(count):
        part, position = _read_entry(directory, position, max_name)
        parts.append(part)
    if position != size or len({part.name.casefold() for part in parts}) != count:
        raise Refused
    parts.sort(key=lambda part: part.offset)
    limits = [part.offset for part in parts[1:]] + [start]
    return [replace(part, ends_before=limit) for part, limit in zip(parts, limits, strict=True)]


def unpack(archive: BinaryIO, part: Part) -> Iterator[bytes]:
    """Blocks of at most 64 KiB; Refused where sizes, checksum or header differ from the directory.

    The caller stops asking when it has seen enough: nothing is unpacked ahead of it.
    """
    position = _data_offset(archive, part)
    if position + part.packed > part.ends_before:
        raise Refused
    archive.seek(position)
    blocks = _inflate(archive, part.packed) if part.method == DEFLATED else _copy(archive, part.packed)
    checksum = total = 0
    for block in blocks:
        checksum = zlib.crc32(block, checksum)
        total += len(block)
        yield block
    if total != part.unpacked or checksum != part.crc:
        raise Refused


def _find_directory(archive: BinaryIO) -> tuple[int, int, int]:
    """Number of entries, bytes and offset of the central directory, which must touch the end record.

    A comment after the record is refused: it could hold a second record, and readers differ over it.
    """
    position = archive.seek(0, 2) - END.size
    if position < 0:
        raise Refused
    archive.seek(position)
    sign, disk, first_disk, here, count, size, start, comment = END.unpack(archive.read(END.size))
    if sign != b"PK\x05\x06" or disk or first_disk or here != count or comment:
        raise Refused
    record = _read_end_64(archive, position)
    if record is not None:
        position, wide = record
        narrow = zip((count, size, start), wide, (UNKNOWN_16, UNKNOWN_32, UNKNOWN_32), strict=True)
        if any(short not in (long, unknown) for short, long, unknown in narrow):
            raise Refused
        count, size, start = wide
    if start + size != position:
        raise Refused
    return count, size, start


def _read_end_64(archive: BinaryIO, end: int) -> tuple[int, tuple[int, int, int]] | None:
    """Offset and (entries, bytes, start) of the 64-bit end record; None where there is none."""
    if end < END_64_LOCATOR.size + END_64.size:
        return None
    archive.seek(end - END_64_LOCATOR.size)
    sign, _disk, offset, _disks = END_64_LOCATOR.unpack(archive.read(END_64_LOCATOR.size))
    if sign != b"PK\x06\x07":
        return None
    if offset + END_64.size != end - END_64_LOCATOR.size:
        raise Refused
    archive.seek(offset)
    record = END_64.unpack(archive.read(END_64.size))
    if record[0] != b"PK\x06\x06" or record[6] != record[7]:
        raise Refused
    return offset, (record[7], record[8], record[9])


def _read_entry(directory: bytes, position: int, max_name: int) -> tuple[Part, int]:
    if position + CENTRAL.size > len(directory):
        raise Refused
    fields = CENTRAL.unpack_from(directory, position)
    sign, _made, _needs, flags, method, _time, _date, crc, packed, unpacked = fields[:10]
    names, extras, comments, disk, _inner, _outer, offset = fields[10:]
    after_name = position + CENTRAL.size + names
    after = after_name + extras + comments
    if sign != b"PK\x01\x02" or after > len(directory) or disk not in (0, UNKNOWN_16):
        raise Refused
    if flags & IS_ENCRYPTED:
        raise Refused("password")
    if method not in (STORED, DEFLATED):
        raise Refused
    name = _decode_name(directory[position + CENTRAL.size : after_name], flags, max_name)
    unpacked, packed, offset = _widen(directory[after_name : after_name + extras], unpacked, packed, offset)
    return Part(name, method, crc, packed, unpacked, offset, bool(flags & HAS_DESCRIPTOR)), after


def _decode_name(raw: bytes, flags: int, max_name: int) -> str:
    name = raw.decode("utf-8" if flags & IS_UTF8 else "cp437", "replace")
    climbs = ".." in name.split("/") or name.startswith("/") or "\\" in name or ":" in name or "\0" in name
    if climbs or not name or len(raw) > max_name:
        raise Refused("unsafe_names")
    return name


def _widen(extra: bytes, *narrow: int) -> list[int]:
    """The 32-bit values; those that say "see the extra field" are replaced by the 64-bit ones there.

    A second name in there is refused: some readers go by it, and would see another archive.
    """
    wide = list(narrow)
    while len(extra) >= 4:
        tag, size = struct.unpack_from("<2H", extra)
        if tag == UNICODE_NAME:
            raise Refused("unsafe_names")
        if tag == 1:
            values = [value for (value,) in struct.iter_unpack("<Q", extra[4 : 4 + size - size % 8])]
            for index, value in enumerate(wide):
                if value == UNKNOWN_32 and values:
                    wide[index] = values.pop(0)
        extra = extra[4 + size :]
    return wide


def _data_offset(archive: BinaryIO, part: Part) -> int:
    archive.seek(part.offset)
    header = archive.read(LOCAL.size)
    if len(header) != LOCAL.size:
        raise Refused
    sign, _needs, flags, method, _time, _date, crc, packed, unpacked, names, extras = LOCAL.unpack(header)
    if flags & IS_ENCRYPTED:
        raise Refused("password")
    raw_name, extra = archive.read(names), archive.read(extras)
    if sign != b"PK\x03\x04" or method != part.method:
        raise Refused
    if _decode_name(raw_name, flags, len(raw_name)) != part.name:
        raise Refused
    unpacked, packed = _widen(extra, unpacked, packed)
    if not part.has_descriptor and (crc, packed, unpacked) != (part.crc, part.packed, part.unpacked):
        raise Refused
    return part.offset + LOCAL.size + len(raw_name) + len(extra)


def _copy(archive: BinaryIO, size: int) -> Iterator[bytes]:
    while size:
        block = archive.read(min(size, BLOCK))
        if not block:
            raise Refused
        size -= len(block)
        yield block


def _inflate(archive: BinaryIO, size: int) -> Iterator[bytes]:
    """The stream must end exactly with its packed bytes: neither cut short nor followed by others."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for packed in _copy(archive, size):
        while packed:
            try:
                block = inflater.decompress(packed, BLOCK)
            except zlib.error as error:
                raise Refused from error
            if block:
                yield block
            packed = inflater.unconsumed_tail
    while not inflater.eof:  # what a full output block left inside the inflater
        try:
            block = inflater.decompress(b"", BLOCK)
        except zlib.error as error:
            raise Refused from error
        if not block:
            break
        yield block
    if not inflater.eof or inflater.unused_data:
        raise Refused
