"""The result of a check as the pages show it: errors grouped and one by one, rows with what would change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.db import connection
from django.db.models import QuerySet
from django.utils import dateformat
from django.utils.translation import gettext as _

from households.imports.cells import shown
from households.imports.layout import Column, layout_of
from households.imports.rows import HELD_BACK, UNKNOWN, cell_from_json
from households.models import Household, ImportBatch, ImportRow
from registry.models import User

RANGES_SHOWN = 12
NOT_KNOWN = "–"
HELD_BACK_ERROR = [{"code": HELD_BACK}]


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of problem in one column. ``sentence`` is of its first row; ``is_one`` says whether of all."""

    sheet: str
    column: str
    sentence: str
    is_one: bool
    total: int
    ranges: str


@dataclass(frozen=True, slots=True)
class Line:
    """A problem, or a row, for a table."""

    sheet: str
    number: int
    household_number: str
    column: str = ""
    value: str = ""
    sentence: str = ""
    name: str = ""
    village: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()


def groups_of(batch: ImportBatch, kind: Literal["errors", "warnings"]) -> list[Group]:
    """The largest groups first. One query, whatever the size of the file."""
    statement = (
        "SELECT sheet, problem->>'column', min(problem->>'message'), count(DISTINCT problem->>'message'), "  # noqa: S608
        "count(*), array_agg(number ORDER BY number) "
        f"FROM households_importrow, jsonb_array_elements({kind}) AS problem "
        "WHERE batch_id = %s AND problem->>'code' <> %s "
        "GROUP BY sheet, problem->>'column', problem->>'code' ORDER BY count(*) DESC, 1, 2, 3"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [batch.pk, HELD_BACK])
        return [
            Group(sheet, heading(sheet, name), sentence, kinds == 1, count, ranges(numbers))
            for sheet, name, sentence, kinds, count, numbers in cursor.fetchall()
        ]


def ranges(numbers: Iterable[int]) -> str:
    """4, 5, 6 and 9 as "4–6, 9"; a long tail is only counted."""
    spans: list[list[int]] = []
    for number in dict.fromkeys(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    words = [str(first) if first == last else f"{first}–{last}" for first, last in spans[:RANGES_SHOWN]]
    return ", ".join(words) + (" …" if len(spans) > RANGES_SHOWN else "")


def rows_shown(batch: ImportBatch, show: str) -> QuerySet[ImportRow]:
    """``show`` is errors, warnings or a verdict."""
    rows = batch.rows.select_related("village").order_by("pk")
    if show == "errors":
        return rows.filter(verdict=ImportRow.Verdict.REJECTED).exclude(errors__contains=HELD_BACK_ERROR)
    if show == "warnings":
        return rows.exclude(warnings=[])
    return rows.filter(verdict=show)


def held_back(batch: ImportBatch) -> int:
    return batch.rows.filter(errors__contains=HELD_BACK_ERROR).count()


def problem_lines(rows: Iterable[ImportRow], kind: str) -> list[Line]:
    return [
        Line(
            row.sheet,
            row.number,
            row.household_number,
            heading(row.sheet, problem["column"]),
            problem["value"],
            problem["message"],
        )
        for row in rows
        for problem in getattr(row, kind)
    ]


def row_lines(rows: Iterable[ImportRow]) -> list[Line]:
    return [
        Line(
            row.sheet,
            row.number,
            row.household_number,
            name=shown(cell_from_json(row.cells.get("name"))),
            village=row.village.name if row.village else "",
            changes=tuple(_change(row.sheet, change) for change in row.changes),
            sentence=" ".join(error["message"] for error in row.errors),
        )
        for row in rows
    ]


def household_ids(rows: Iterable[ImportRow], user: User) -> list[int]:
    """The registered households that these rows speak of, for the record of readings."""
    wanted = {(row.village_id, row.household_number) for row in rows if row.village_id}
    if not wanted:
        return []
    homes = Household.objects.visible_to(user).filter(
        area__in={area for area, _number in wanted}, number__in={number for _area, number in wanted}
    )
    return [pk for pk, *place in homes.values_list("pk", "area_id", "number") if tuple(place) in wanted]


def heading(sheet: str, name: str) -> str:
    return layout_of(sheet).heading(name).removeprefix(UNKNOWN)


def _change(sheet: str, change: dict[str, Any]) -> tuple[str, str, str]:
    before, after = (_worded(sheet, change["field"], change[key]) for key in ("before", "after"))
    return _change_heading(sheet, change["field"]), before, after


def _change_heading(sheet: str, name: str) -> str:
    if name == "assessed_on":
        return _("Date of the assessment")
    return heading(sheet, name)


def _worded(sheet: str, name: str, value: Any) -> str:
    """A stored value in words: answers with their code, days written out."""
    if value is None or value == "":
        return NOT_KNOWN
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    column = layout_of(sheet).column(name)
    if column and column.codes:
        return _answer(column, value)
    if name.endswith(("_on", "_date")):
        return dateformat.format(date.fromisoformat(value), "j F Y")
    if name in ("latitude", "longitude"):
        return f"{Decimal(value):f}"
    return str(value)


def _answer(column: Column, value: Any) -> str:
    label = dict(column.choices.choices).get(value)
    if label is None:
        return str(value)
    return f"{value} - {label}" if isinstance(value, int) else str(label)
