"""Keeps the two trails provable: a partition for every month, a seal for every day, a copy of it outside.

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
from django.db import connection, models, transaction
from django.db.models import F, Func, Q
from django.db.models.functions import Cast, Greatest, Least
from django.utils import timezone

from registry import trail_heads
from registry.jobs import routine
from registry.models import AccessLog, AuditEvent, TrailSeal
from registry.trail_models import CAN_BE_TRUE, EARLIEST, LATEST

Trail = TrailSeal.Trail
Leaf = tuple[int, bytes]  # the row's id, and what is kept of its hash

MONTHS_AHEAD = timedelta(days=730)
GRACE = timedelta(hours=1)  # for the transactions that were open at midnight
CLOCKS_DIFFER = timedelta(minutes=5)  # between the machines that serve; whatever is later is no row of ours
ID_BYTES, LEAF_BYTES = 8, 16
PAGE = 5_000

TABLES: dict[str, type[AuditEvent | AccessLog]] = {Trail.AUDIT: AuditEvent, Trail.ACCESS: AccessLog}
AUDIT = ("id", "at", "deed", "verb", "by_id", "role", "why", "subject", "details", "request_id")
ACCESS = (
    *("id", "at", "user_id", "role", "purpose", "route", "subject", "household_ids", "member_ids", "shown"),
    *("record_count", "is_full", "token_id", "request_id"),
)
# What a leaf covers. A form that seals were made by never changes: a new column makes a new form.
FORMS: dict[int, dict[str, tuple[str, ...]]] = {1: {Trail.AUDIT: AUDIT, Trail.ACCESS: ACCESS}}
FORM = max(FORMS)


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
    for trail in TABLES:
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
    leaves = list(_leaves_of(trail, day, FORM))
    packed = _packed(leaves)
    previous = bytes(before.digest) if before else b""
    return TrailSeal.objects.create(
        trail=trail,
        day=day,
        form=FORM,
        first_id=leaves[0][0] if leaves else None,
        last_id=leaves[-1][0] if leaves else None,
        rows=len(leaves),
        leaves=packed,
        previous=previous,
        digest=_digest(trail, day, FORM, previous, packed),
    )


def verify() -> Verification:
    """Reads both trails and computes everything anew. A million rows take some ten seconds."""
    result = Verification()
    for trail in TABLES:
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
        computed = _digest(trail, seal.day, seal.form, previous, packed)
        if bytes(seal.previous) != previous or digest != computed:
            result.findings.append(Finding(trail, seal.day, What.BROKEN_CHAIN))
        result.rows += _compare(seal, packed, result.findings)
        result.days += 1
        previous, expected = digest, seal.day + timedelta(days=1)
    open_rows = TABLES[trail].objects.all()
    yesterday = timezone.localdate(timezone.now() - GRACE) - timedelta(days=1)
    expected = expected or _first_day(trail)
    while expected and expected < yesterday:  # yesterday's seal may wait for the worker's next hour
        result.findings.append(Finding(trail, expected, What.NO_SEAL))
        expected += timedelta(days=1)
    if expected:
        open_rows = open_rows.filter(at__gte=_bounds(expected)[0])
    result.unsealed += open_rows.count()


def _compare(seal: TrailSeal, packed: bytes, findings: list[Finding]) -> int:
    """Names every row of the day that differs from its leaf; returns how many rows there are."""
    found = list(_leaves_of(seal.trail, seal.day, seal.form))
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
    early = TABLES[trail].objects.filter(CAN_BE_TRUE, at__lt=_bounds(before)[0]).order_by("id")
    for row, at in early.values_list("id", "at"):
        yield Finding(trail, timezone.localdate(at), What.ADDED, row)


def _strange(trail: str) -> Iterator[Finding]:
    """Rows that cannot be true. A moment of which Python knows no date is told as the nearest it knows."""
    until = timezone.now() + CLOCKS_DIFFER
    rows = TABLES[trail].objects.filter(~CAN_BE_TRUE | Q(at__gt=until)).order_by("id", "at")
    near = rows.annotate(near=Least(Greatest("at", EARLIEST), LATEST))
    for row, at in near.values_list("id", "near"):
        yield Finding(trail, timezone.localdate(at), What.STRANGE, row)


def _first_day(trail: str) -> date | None:
    first = TABLES[trail].objects.filter(CAN_BE_TRUE).aggregate(at=models.Min("at"))["at"]
    return timezone.localdate(first) if first else None


def _bounds(day: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
    return midnight, midnight + timedelta(days=1)


def _leaves_of(trail: str, day: date, form: int) -> Iterator[Leaf]:
    """By id. The database writes the row as a JSON array, moments in microseconds; the hash is made here."""
    begins, ends = _bounds(day)
    rows = TABLES[trail].objects.filter(at__gte=begins, at__lt=ends).order_by("id", "at")
    values = rows.values_list("id", _as_json(FORMS[form][trail]))
    for row, text in values.iterator(chunk_size=PAGE):
        yield row, hashlib.sha256(text.encode()).digest()[:LEAF_BYTES]


def _as_json(columns: Iterable[str]) -> Cast:
    moment = Func(
        F("at"),
        template="(extract(epoch FROM %(expressions)s) * 1000000)::bigint",
        output_field=models.BigIntegerField(),
    )
    values = [moment if name == "at" else F(name) for name in columns]
    array = Func(*values, function="jsonb_build_array", output_field=models.JSONField())
    return Cast(array, models.TextField())


def _digest(trail: str, day: date, form: int, previous: bytes, packed: bytes) -> bytes:
    return hashlib.sha256(previous + f"{trail} {day} {form}\n".encode() + packed).digest()


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
