"""Workbooks of invented households, made by the template's own writer, and their way through the import."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from django.core.files import File
from openpyxl import load_workbook

from households.imports import check, confirm, fill_template, upload
from households.models import ImportBatch
from registry.models import User

DAY = date(2026, 11, 1)
Row = dict[str, Any]
Home = tuple[Row, list[Row]]


def nik(serial: int, *, born: date = date(1980, 5, 17), is_woman: bool = False) -> str:
    """The first 9,999 are of Tenggarong, the next of the district after it."""
    return f"99{206 + serial // 10_000:04}{born.day + 40 * is_woman:02}{born:%m%y}{serial % 10_000:04}"


def home(serial: int, *, people: int = 3, **answers: Any) -> Home:
    """A household whose every cell is right: a head and children, each with a NIK of their own."""
    number = f"RT-{serial:03}"
    row = {
        "household_number": number,
        "village": "Timbau",
        "address": f"Jalan Mawar {serial}",
        "rt": 3,
        "assessed_on": DAY,
        "household_size": people,
        "floor": 8,
        "water": "9",
        "has_dwelling": "Ya",
    }
    return row | answers, [person(serial, position) for position in range(1, people + 1)]


def person(serial: int, position: int, **details: Any) -> Row:
    is_head = position == 1
    row = {
        "household_number": f"RT-{serial:03}",
        "card_number": f"9902060101{serial:06}",
        "member_number": position,
        "name": f"Sampel {serial} {position}",
        "nik": nik(serial * 10 + position),
        "sex": "L",
        "birth_date": date(1980, 5, 17),
        "household_relationship": 1 if is_head else 3,
        "family_relationship": 1 if is_head else 3,
        "works": "Ya",
        "monthly_income": "1.500.000",
    }
    return row | details


class Files:
    """Writes workbooks into one folder and sends them through."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count(1)

    def write(self, *homes: Home, orphans: Iterable[Mapping[str, Any]] = ()) -> Path:
        path = self.folder / f"{next(self.numbers)}.xlsx"
        members = [member for _row, people in homes for member in people]
        fill_template(path, [row for row, _people in homes], [*members, *orphans])
        return path

    def edited(self, path: Path, edits: Mapping[tuple[str, str], Any]) -> Path:
        """A copy in which openpyxl has set the cells, by sheet and reference."""
        workbook = load_workbook(path)
        for (sheet, reference), value in edits.items():
            workbook[sheet][reference] = value
        copy = self.folder / f"{next(self.numbers)}.xlsx"
        workbook.save(copy)
        return copy

    def upload(self, path: Path, by: User) -> ImportBatch:
        with path.open("rb") as stream:
            return upload(File(stream), name=path.name, by=by)

    def check(self, path: Path, by: User) -> ImportBatch:
        return check(self.upload(path, by))

    def take_in(self, path: Path, by: User) -> ImportBatch:
        return confirm(self.check(path, by), by=by)


def counts(batch: ImportBatch) -> tuple[int, int, int, int]:
    """new, changed, same, rejected"""
    return batch.rows_new, batch.rows_changed, batch.rows_same, batch.rows_rejected


def problems(batch: ImportBatch, kind: str = "errors") -> set[tuple[str, int, str, str]]:
    """Sheet, row, column and code of each, but for rows that are only held back."""
    return {
        (row.sheet, row.number, problem["column"], problem["code"])
        for row in batch.rows.all()
        for problem in getattr(row, kind)
        if problem["code"] != "held_back"
    }
