"""A report is a declaration: page, workbook, CSV and API answer are made from it, so they cannot differ.

Rooms register theirs at start: ``register(Report(...))``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from django.forms import Form
from django.utils.functional import Promise

from registry.models import User

Row = Mapping[str, Any]


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    RATIO = "ratio"
    RUPIAH = "rupiah"


@dataclass(frozen=True, slots=True)
class Column:
    """``opens(row)`` is the address of the list that makes the figure; it is asked only for people who may
    open it.
    """

    name: str
    heading: Promise
    kind: Kind = Kind.TEXT
    opens: Callable[[Row], str] | None = None

    @property
    def is_number(self) -> bool:
        return self.kind is not Kind.TEXT


@dataclass(frozen=True, slots=True)
class Report:
    """``rows(user, parameters)`` gets the cleaned data of ``form``, whose every field has an answer when
    left empty.

    ``explanation`` says what is counted; it stands under the table and on the workbook's second sheet.
    """

    slug: str
    title: Promise
    permission: str
    list_permission: str
    form: type[Form]
    columns: Sequence[Column]
    rows: Callable[[User, Mapping[str, Any]], list[Row]]
    explanation: Sequence[Promise]


REPORTS: dict[str, Report] = {}


def register(report: Report) -> None:
    REPORTS[report.slug] = report


def plain(value: Any) -> Any:
    """A value as files and the API carry it: an exact ratio becomes a number of four places."""
    return round(float(value), 4) if isinstance(value, Fraction) else value
