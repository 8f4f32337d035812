"""Keeps trails and histories provable: partitions by month, a seal for every day, a copy of it outside.

Days are those of WITA. A day is sealed an hour after it ended: every row gets a leaf (SHA-256 of the row as
JSON, cut to 16 bytes), and the day's digest covers its leaves and the digest of the day before. Whoever
changes a row must rewrite its leaf and every later seal; the file outside the database tells on that.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from registry import trail_heads
from registry.jobs import routine
from registry.models import TrailSeal
from registry.trail_models import EARLIEST, LATEST
from registry.trail_sources import FORM, FORMS, columns_named, columns_of, sources

Leaf = tuple[int, bytes]  # the row's id, and what is kept of its hash

MONTHS_AHEAD = timedelta(days=730)
GRACE = timedelta(hours=1)  # for the transactions that were open at midnight
CLOCKS_DIFFER = timedelta(minutes=5)  # between the machines that serve; whatever is later is no row of ours
ID_BYTES, LEAF_BYTES = 8, 16
PAGE = 5_000


class What(StrEnum):
    """What is wrong with a row, or (the last three) with a day as a whole.

    STRANGE: an id or a moment that no row of ours has, such as one of the future.
    """

    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    STRANGE = "strange"
    NO_SEAL = "no_seal"
    BROKEN_CHAIN = "broken_chain"
    NOT_AS_OUTSIDE = "not_as_outside"


class Finding(NamedTuple):
    trail: str
    day: date
    what: What
    row: int | None = None


@dataclass
class Verification:
    """``rows`` and ``days`` were compared with their seals; ``unsealed`` rows are of today, and of yesterday
    until its seal is made.
    """

    rows: int = 0
    days: int = 0
    unsealed: int = 0
    findings: list[Finding] = field(default_factory=list)


@routine
def keep() -> None:
    """What the worker does for the trails now and then; doing it twice does no harm."""
    ensure_partitions(timezone.localdate() + MONTHS_AHEAD)
    seal_days()


def ensure_partitions(until: date) -> int:
    """A partition of both trails for each month from this one to that of ``until``; returns how many are new.

    A month of which rows already lie in the default partition is left there: nothing is moved.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_ensure_partitions(%s, %s)", [timezone.localdate(), until])
        (made,) = cursor.fetchone()
    return int(made)


def seal_days(now: datetime | None = None, *, new_file: bool = False) -> list[TrailSeal]:
    """Seals every day that is over, the oldest first, then tells the outside file. Returns the new seals.

    Raises Conflict where that file lacks older seals: see ``trail_heads.tell``. The new ones are kept.
    """
    last = timezone.localdate((now or timezone.now()) - GRACE) - timedelta(days=1)
    made = []
    for trail in sources():
        while seal := _seal_next(trail, last):
            made.append(seal)
    trail_heads.tell(is_new=new_file)
    return made


@transaction.atomic
def _seal_next(trail: str, last: date) -> TrailSeal | None:
    """Several workers may ask at once: the lock lets one of them write."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('registry_trailseal'))")
    before = TrailSeal.objects.filter(trail=trail).defer("leaves").order_by("-day").first()
    day = before.day + timedelta(days=1) if before else _first_day(trail)
    if day is None or day > last:
        return None
    columns = columns_named(trail)
    leaves = list(_leaves_of(trail, day, columns or FORMS[FORM][trail]))
    packed = _packed(leaves)
    previous = bytes(before.digest) if before else b""
    return TrailSeal.objects.create(
        trail=trail,
        day=day,
        form=FORM,
        columns=columns,
        first_id=leaves[0][0] if leaves else None,
        last_id=leaves[-1][0] if leaves else None,
        rows=len(leaves),
        leaves=packed,
        previous=previous,
        digest=_digest(trail, day, FORM, previous, packed, columns),
    )


def verify() -> Verification:
    """Reads both trails and computes everything anew. A million rows take some ten seconds."""
    result = Verification()
    for trail in sources():
        _verify_trail(trail, result)
    _compare_with_outside(result)
    return result


def _verify_trail(trail: str, result: Verification) -> None:
    previous, expected = b"", None
    result.findings += _strange(trail)
    for seal in TrailSeal.objects.filter(trail=trail).order_by("day").iterator(chunk_size=1):
        if expected is None:
            result.findings += _strangers(trail, before=seal.day)
        while expected and expected < seal.day:
            result.findings.append(Finding(trail, expected, What.NO_SEAL))
            expected += timedelta(days=1)
        packed, digest = bytes(seal.leaves), bytes(seal.digest)
        computed = _digest(trail, seal.day, seal.form, previous, packed, seal.columns)
        if bytes(seal.previous) != previous or digest != computed:
            result.findings.append(Finding(trail, seal.day, What.BROKEN_CHAIN))
        result.rows += _compare(seal, packed, result.findings)
        result.days += 1
        previous, expected = digest, seal.day + timedelta(days=1)
    source = sources()[trail]
    open_rows = source.rows
    yesterday = timezone.localdate(timezone.now() - GRACE) - timedelta(days=1)
    expected = expected or _first_day(trail)
    while expected and expected < yesterday:  # yesterday's seal may wait for the worker's next hour
        result.findings.append(Finding(trail, expected, What.NO_SEAL))
        expected += timedelta(days=1)
    if expected:
        open_rows = open_rows.filter(**{f"{source.at}__gte": _bounds(expected)[0]})
    result.unsealed += open_rows.count()


def _compare(seal: TrailSeal, packed: bytes, findings: list[Finding]) -> int:
    """Names every row of the day that differs from its leaf; returns how many rows there are."""
    found = list(_leaves_of(seal.trail, seal.day, columns_of(seal)))
    if _packed(found) == packed:
        return len(found)
    # Counted, not looked up by id: the database would take a second row of the same id.
    sealed = Counter(_unpacked(packed))
    lost = {row for row, _leaf in (sealed - Counter(found))}
    strange = {row for row, _leaf in (Counter(found) - sealed)}
    for row in sorted(lost | strange):
        what = What.CHANGED if row in lost & strange else What.REMOVED if row in lost else What.ADDED
        findings.append(Finding(seal.trail, seal.day, what, row))
    return len(found)


def _strangers(trail: str, *, before: date) -> Iterator[Finding]:
    """Rows that lie before the first sealed day: they were slipped in."""
    source = sources()[trail]
    early = source.true_rows.filter(**{f"{source.at}__lt": _bounds(before)[0]}).order_by(source.key)
    for row, at in early.values_list(source.key, source.at):
        yield Finding(trail, timezone.localdate(at), What.ADDED, row)


def _strange(trail: str) -> Iterator[Finding]:
    """Rows that cannot be true. A moment of which Python knows no date is told as the nearest it knows."""
    until = timezone.now() + CLOCKS_DIFFER
    source = sources()[trail]
    is_late = Q(**{f"{source.at}__gt": until})
    rows = source.rows.filter(~source.can_be_true | is_late).order_by(source.key, source.at)
    near = rows.annotate(near=Least(Greatest(source.at, EARLIEST), LATEST))
    for row, at in near.values_list(source.key, "near"):
        yield Finding(trail, timezone.localdate(at), What.STRANGE, row)


def _first_day(trail: str) -> date | None:
    source = sources()[trail]
    first = source.true_rows.aggregate(first=Min(source.at))["first"]
    return timezone.localdate(first) if first else None


def _bounds(day: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
    return midnight, midnight + timedelta(days=1)


def _leaves_of(trail: str, day: date, columns: Iterable[str]) -> Iterator[Leaf]:
    """By id. The database writes the row as JSON; the hash is made here."""
    source = sources()[trail]
    rows = source.between(*_bounds(day)).order_by(source.key, source.at)
    values = rows.values_list(source.key, source.as_json(columns))
    for row, text in values.iterator(chunk_size=PAGE):
        yield row, hashlib.sha256(text.encode()).digest()[:LEAF_BYTES]


def _digest(
    trail: str, day: date, form: int, previous: bytes, packed: bytes, columns: Iterable[str] = ()
) -> bytes:
    heading = " ".join([f"{trail} {day} {form}", *columns])
    return hashlib.sha256(previous + f"{heading}\n".encode() + packed).digest()


def _packed(leaves: Iterable[Leaf]) -> bytes:
    return b"".join(row.to_bytes(ID_BYTES, signed=True) + leaf for row, leaf in leaves)


def _unpacked(packed: bytes) -> Iterator[Leaf]:
    for place in range(0, len(packed), ID_BYTES + LEAF_BYTES):
        leaf = place + ID_BYTES
        yield int.from_bytes(packed[place:leaf], signed=True), packed[leaf : leaf + LEAF_BYTES]


def _compare_with_outside(result: Verification) -> None:
    if settings.TRAIL_HEADS is None:
        return
    told, sealed = trail_heads.outside(), trail_heads.inside()
    for trail, day in sorted(told.keys() | sealed.keys()):
        if told.get((trail, day)) != sealed.get((trail, day)):
            result.findings.append(Finding(trail, day, What.NOT_AS_OUTSIDE))
