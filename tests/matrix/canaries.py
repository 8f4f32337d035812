"""Words, numbers and days that stand in one area's rows and nowhere else, and how they are found in bytes.

A canary is a value of a people's table that only one area has. They are not listed: ``collect`` reads every
column of every people's table, so a new column is watched from its first day. Text is recognised by the
tokens that the world writes into it (``ZQ``, the letter of the area, four digits).
"""

import html
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Model

from households.identifiers import mask
from households.models import Household, ImportBatch, ImportRow, Member
from programs.models import Realisation, TargetRow
from registry.forms import MONTHS
from registry.models import AuditEvent
from registry.numbers import sealed_columns

ROOMS = ("registry", "households", "programs")
NOT_PEOPLE = {
    "registry.Area": "public places",
    "registry.FormerCode": "public codes",
    "registry.AreaAlias": "public names",
    "registry.Agency": "public bodies",
    "registry.User": "staff; only the two roles that administer or audit accounts open the table",
    "registry.ApiToken": "keys of offices; the matrix asks for each other's",
    "registry.AuditEvent": "the trail of deeds names rows by id; its reasons are watched all the same",
    "registry.AccessLog": "the trail of readings names households by id; the same two roles open it",
    "registry.Job": "work, which names rows by id",
    "households.Scheme": "decrees and methods",
    "programs.Program": "public programmes",
    "programs.Criterion": "public rules",
    "programs.DistrictQuota": "public quotas",
    "programs.TargetList": "the head of a list: counts and signatures; its rows are people's",
    "programs.ProgramEvent": "history of public programmes",
    "programs.CriterionEvent": "history of public rules",
    "programs.DistrictQuotaEvent": "history of public quotas",
    "registry.AreaEvent": "history of public places",
    "registry.AgencyEvent": "history of public bodies",
    "registry.UserEvent": "history of staff accounts",
    "registry.SignInTries": "keyed hashes and counts",
    "registry.SecondFactor": "sealed keys of staff",
    "registry.FormerPassword": "hashes of staff",
    "registry.TrailSeal": "digests of the trails",
    "households.SchemeEvent": "history of decrees",
    "households.Tombstone": "keyed indexes of numbers, and days",
}
SMALLEST_NUMBER = 10_000
FIRST_EXCEL_DAY = date(1899, 12, 30)

TOKEN = re.compile(r"ZQ[A-Z]\d{4}")
MICROSECONDS = re.compile(r"(\d\d:\d\d:\d\d)[.,]\d+")
PLAIN_NUMBER = re.compile(r"(?<![0-9A-Za-z*])\d{5,}(?![0-9A-Za-z*])")
GROUPED_NUMBER = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,]\d{3})+(?!\d)")
MASKED_NUMBER = re.compile(r"\d{6}\*+\d{4}")
ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
TYPED_DAY = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
WORDED_DAY = re.compile(r"(\d{1,2})\s+([A-Za-z]{3,9})\s+(\d{4})")
IDENTITY_NUMBER = re.compile(r"(?<!\d)99\d{14}(?!\d)")

Value = str | date


@dataclass
class Canary:
    """Where a value stands: in which area's rows, of which households and members, on whose lists."""

    areas: set[str] = field(default_factory=set)
    households: set[int] = field(default_factory=set)
    members: set[int] = field(default_factory=set)
    agencies: set[int] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)


def people_tables() -> list[type[Model]]:
    """Every table of ours that is not known to hold nobody."""
    tables = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
    return [model for model in tables if model._meta.label not in NOT_PEOPLE]


def collect(area_of_batch: Mapping[int, str], area_of_letter: Mapping[str, str]) -> dict[Value, Canary]:
    """Values that belong to one area alone; ``area_of_batch`` says of an import whose rows it holds.

    The reason of a deed has no area but that of the token in it: ``area_of_letter``.
    """
    found: defaultdict[Value, Canary] = defaultdict(Canary)
    for model in people_tables():
        for row in model._base_manager.all():
            place, household, agency = place_of(row, area_of_batch), _household(row), _agency(row)
            for name, value in _columns(row):
                canary = found[value]
                canary.areas.add(place)
                canary.columns.add(f"{model._meta.label}.{name}")
                canary.households.add(household)
                canary.members.add(_member(row))
                canary.agencies |= {agency} if agency else set()
    for why in AuditEvent.objects.values_list("why", flat=True):
        for token in TOKEN.findall(why):
            found[token].areas.add(area_of_letter[token[2]])
            found[token].columns.add("registry.AuditEvent.why")
    return {value: canary for value, canary in found.items() if len(canary.areas) == 1}


def _columns(row: Any) -> Iterator[tuple[str, Value]]:
    """What stands in each column, the sealed ones opened: rows of a history bear the seal of their row."""
    for column in row._meta.concrete_fields:
        yield from ((column.attname, value) for value in values_of(column, getattr(row, column.attname)))
    for held in sealed_columns(getattr(row, "pgh_tracked_model", type(row))):
        sealed = getattr(row, held.sealed, None)
        opened = held.unseal(sealed, getattr(row, "pgh_obj_id", None) or row.pk)
        yield from ((held.name, value) for value in values_of(models.TextField(), opened))


def values_of(column: models.Field, value: Any) -> Iterator[Value]:
    """What of a stored value would be recognised again in a page, a file or a log."""
    if isinstance(column, models.DateTimeField) or isinstance(value, bool | bytes | memoryview):
        return
    if isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from values_of(column, part)
    elif isinstance(value, date):
        yield value
        yield str((value - FIRST_EXCEL_DAY).days)
    elif isinstance(value, int | Decimal):
        whole, _point, part = str(abs(value)).partition(".")
        yield from (digits for digits in (whole, part) if len(digits) >= 5)
    elif isinstance(value, str):
        yield from TOKEN.findall(value)
        yield from PLAIN_NUMBER.findall(value)
        yield from MASKED_NUMBER.findall(value)
        if IDENTITY_NUMBER.fullmatch(value):
            yield mask(value)


def search(text: str, canaries: Mapping[Value, Canary]) -> set[Value]:
    """Which canaries stand in ``text``, however a number is grouped or a day written."""
    text = MICROSECONDS.sub(r"\1", text)
    seen: set[Value] = set(TOKEN.findall(text))
    seen.update(PLAIN_NUMBER.findall(text), MASKED_NUMBER.findall(text))
    seen.update(re.sub("[.,]", "", number) for number in GROUPED_NUMBER.findall(text))
    seen.update(_days(text))
    return {value for value in seen if value in canaries}


def readable(body: bytes, content_type: str) -> str:
    """A body as text: workbooks unzipped, entities of HTML and XML undone, JSON escapes too."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name) for name in archive.namelist())
    text = body.decode("utf-8", "replace")
    if "json" in content_type:
        return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return html.unescape(text)


def _days(text: str) -> Iterator[date]:
    parts: Iterable[tuple[str, str, str]] = [
        *((day, month, year) for year, month, day in ISO_DAY.findall(text)),
        *TYPED_DAY.findall(text),
        *((day, str(MONTHS.get(month.lower(), 0)), year) for day, month, year in WORDED_DAY.findall(text)),
    ]
    for day, month, year in parts:
        try:
            yield date(int(year), int(month), int(day))
        except ValueError:
            continue


def place_of(row: Any, area_of_batch: Mapping[int, str]) -> str:
    if isinstance(row, ImportBatch | ImportRow):
        return area_of_batch[row.pk if isinstance(row, ImportBatch) else row.batch_id]
    return row.area_id


def _household(row: Any) -> int:
    """Whose household a row speaks of; 0 where it is in no household of the registry, or not yet."""
    if isinstance(row, Household):
        return row.pk
    if isinstance(row, ImportRow):
        home = Household.objects.filter(area=row.village_id, number=row.household_number).first()
        return home.pk if home else 0
    if type(row).__name__ == "HouseholdEvent":
        return row.pgh_obj_id
    return getattr(row, "household_id", 0) or 0


def _member(row: Any) -> int:
    """Whose person a row speaks of; 0 where it is of nobody, or of a whole household."""
    if isinstance(row, Member):
        return row.pk
    if type(row).__name__ == "MemberEvent":
        return row.pgh_obj_id
    return getattr(row, "member_id", 0) or 0


def _agency(row: Any) -> int | None:
    """Whose office may read the row: an approved list's, with what it reported on it."""
    target = row.target_row if isinstance(row, Realisation) else row
    if isinstance(target, TargetRow) and target.target_list.is_frozen:
        return target.target_list.program.agency_id
    return None
