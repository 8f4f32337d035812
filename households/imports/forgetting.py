"""What imports still hold of a person who is to be forgotten: cells of stored rows, and uploaded files."""

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from households.imports.layout import HOUSEHOLDS, layout_of
from households.imports.rows import Problem
from households.models import ImportBatch, ImportRow
from registry.models import User
from registry.seals import BrokenSeal, blind_index

STORAGE = ImportBatch._meta.get_field("file").storage
FOLDER = "imports"
Place = tuple[str, str]  # village code and household number
NOT_A_DIGIT = re.compile(r"[^0-9]")


@dataclass(frozen=True, slots=True)
class Traces:
    """By what people of one household are recognised in a row; with ``is_whole`` every row of it goes.

    ``places`` has the numbers that the household had before; those in ``taken`` another household bears now,
    so there only a NIK or a name tells whose row it is. NIKs are keyed indexes. Under any other household
    only those ``anywhere`` count, and ``anywhere_by_name`` those of before, each with a name of its person.
    """

    places: frozenset[Place]
    taken: frozenset[Place]
    numbers: frozenset[int]  # member numbers
    nik_indexes: frozenset[str]
    names: frozenset[str]  # casefolded
    is_whole: bool
    anywhere: frozenset[str]
    anywhere_by_name: frozenset[tuple[str, str]]

    @property
    def here(self) -> Q:
        """Rows that name the household, under whatever number."""
        where = Q()
        for village, number in self.places:
            where |= Q(village=village, household_number=number)
        return where

    def match(self, row: ImportRow) -> bool:
        place = (row.village_id, row.household_number)
        is_here = place in self.places
        is_ours = is_here and place not in self.taken
        if layout_of(row.sheet) is HOUSEHOLDS:
            return self.is_whole and is_ours
        try:
            cells = row.cells
        except BrokenSeal:
            return is_ours  # nobody can read whose it is, here or elsewhere
        nik_index = blind_index("nik", digits_in(cells.get("nik")))
        name = str(cells.get("name") or "").strip().casefold()
        number = digits_in(cells.get("member_number"))
        if nik_index in self.anywhere or (nik_index, name) in self.anywhere_by_name:
            return True
        if is_here and (nik_index in self.nik_indexes or name in self.names):
            return True
        return is_ours and (self.is_whole or number in map(str, self.numbers))


def forget_rows(traces: Traces) -> int:
    """Empties the person's rows and deletes the files that held them; returns how many rows.

    Reads the rows of the household, and for who is forgotten anywhere also every row that was rejected, found
    no village or waits for confirmation: there a NIK may stand under another household.
    """
    where = traces.here
    if traces.anywhere or traces.anywhere_by_name:
        where |= Q(village=None) | Q(verdict=ImportRow.Verdict.REJECTED)
        where |= Q(batch__state=ImportBatch.State.CHECKED)
    candidates = ImportRow.objects.filter(where).exclude(packed_sealed=None)
    found = [row for row in candidates.iterator() if traces.match(row)]
    for row in found:
        row.packed, row.changes, row.warnings = "", [], []
        if row.errors:
            row.errors = [Problem("", "erased", _("The data of this row were erased.")).as_json()]
    ImportRow.objects.bulk_update(found, ["packed_sealed", "changes", "warnings", "errors"], batch_size=500)
    delete_files({row.batch_id for row in found})
    return len(found)


def delete_files(batches: Collection[int], *, is_read: bool = True) -> None:
    """On commit. With ``is_read`` only files whose rows stand in the database: no later step needs them."""
    files = ImportBatch.objects.filter(pk__in=batches).exclude(file="")
    if is_read:
        files = files.exclude(state=ImportBatch.State.UPLOADED)
    for batch in files:
        transaction.on_commit(partial(batch.file.storage.delete, str(batch.file)))
    files.update(file="")


def unnamed_files() -> dict[str, datetime]:
    """Files of workbooks that no batch names, and when they were written. An upload under way has one too."""
    named = set(ImportBatch.objects.exclude(file="").values_list("file", flat=True))
    found = {}
    for name in _files(FOLDER):
        if name not in named:
            with suppress(FileNotFoundError):  # gone meanwhile
                found[name] = STORAGE.get_modified_time(name)
    return found


def delete_unnamed(names: list[str], by: User, why: str) -> None:
    for name in names:
        STORAGE.delete(name)


def _files(folder: str) -> Iterator[str]:
    if not STORAGE.exists(folder):
        return
    folders, files = STORAGE.listdir(folder)
    for name in folders:
        yield from _files(f"{folder}/{name}")
    for name in files:
        yield f"{folder}/{name}"


def digits_in(cell: Any) -> str:
    """Of a cell as it is stored: text, a number, or {"number": "3"}."""
    value = cell.get("number", "") if isinstance(cell, dict) else cell
    return NOT_A_DIGIT.sub("", "" if value is None else str(value))
