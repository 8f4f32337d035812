"""Rows of workbooks that hold a person: those of her household, and those that only the NIK makes hers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import NamedTuple

from django.db.models import Q, QuerySet

from households.imports.forgetting import digits_in
from households.imports.layout import MEMBERS, layout_of
from households.models import ImportBatch, ImportRow, Member
from households.rights.erasure import other_bearers, traces_of
from registry.models import User
from registry.permissions import scope_of

SEARCHED = 100_000  # seals opened for one report: a good second


class Loose(NamedTuple):
    """Rows of a NIK, the newest first; ``left`` are the rows that were not opened."""

    rows: list[ImportRow]
    left: int


def rows_of(member: Member) -> list[ImportRow]:
    """Uploaded rows of the household, under whatever number it had then.

    Where another household bears one of its numbers, or bore it, only the NIK or the name tells whose a row
    is: of those, the row of the household itself is told to nobody.
    """
    traces = traces_of(member)
    shared = other_bearers(member.household, traces.places)
    traces = replace(traces, is_whole=True, taken=traces.taken | shared)
    rows = ImportRow.objects.filter(traces.here).select_related("batch__uploaded_by").order_by("pk")
    return [row for row in rows if traces.match(row)]


def loose_rows(nik: str, user: User, *, limit: int | None = SEARCHED) -> Loose:
    """Rows of this NIK that were rejected, found no village, or wait for confirmation: there it may stand
    under any household, or under none. In the area of ``user``; a row without a village is in nobody's own.

    Opens the newest ``limit`` of them, all without one: some 15 microseconds each.
    """
    waiting = ImportBatch.objects.filter(state=ImportBatch.State.CHECKED)
    held_back = Q(verdict=ImportRow.Verdict.REJECTED) | Q(village=None)
    rows = ImportRow.objects.filter(held_back | Q(batch__in=list(waiting.values_list("pk", flat=True))))
    rows = rows.exclude(packed_sealed=None).scoped(scope_of(user).q("village__code"))
    found = list(_with_nik(nik, rows, limit))
    left = max(0, rows.count() - limit) if limit else 0
    theirs = ImportRow.objects.filter(pk__in=found).select_related("batch__uploaded_by")
    return Loose(list(theirs.order_by("-pk")), left)


def _with_nik(nik: str, rows: QuerySet[ImportRow], limit: int | None) -> Iterator[int]:
    is_members = cache(lambda sheet: layout_of(sheet) is MEMBERS)
    sealed = rows.order_by("-pk").values_list("pk", "sheet", ImportRow.packed.sealed)
    for pk, sheet, packed in islice(sealed.iterator(), limit):
        if is_members(sheet):
            cells = json.loads(ImportRow.packed.unseal(packed, pk))
            if digits_in(cells.get("nik")) == nik:
                yield pk
