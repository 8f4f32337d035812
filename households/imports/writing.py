"""A plan into the tables: COPY for what is new, one UPDATE a table for what changed. Call inside a deed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, models
from django.utils import timezone

from households.imports.known import HOUSEHOLD_DETAILS, HOUSEHOLD_QUESTIONS, MEMBER_DETAILS, MEMBER_QUESTIONS
from households.imports.plan import Plan
from households.imports.rows import Home
from households.judging import judge_households
from households.models import (
    Assessment,
    Family,
    Household,
    ImportBatch,
    Member,
    MemberAssessment,
    WelfareDecile,
)
from households.questionnaire.codes import Relationship
from registry.bulk import analyze, copy_rows, new_ids
from registry.models import User
from registry.numbers import SealedNumber

Rows = list[tuple[Any, ...]]

MANY = 100  # households, from which on the server's statistics are out of date


HOUSEHOLD_COLUMNS = (
    "id",
    "area_id",
    "number",
    "status",
    "closed_reason",
    "closed_evidence",
    "created_at",
    *HOUSEHOLD_DETAILS,
)
FAMILY_COLUMNS = ("id", "household_id", "area_id", "position", *Family.card_number.columns)
PLAIN_DETAILS = tuple(name for name in MEMBER_DETAILS if name != "nik")
MEMBER_COLUMNS = (
    "id",
    "household_id",
    "family_id",
    "area_id",
    "position",
    *Member.nik.columns,
    *PLAIN_DETAILS,
)
ASSESSMENT_COLUMNS = (
    "id",
    "household_id",
    "area_id",
    "assessed_on",
    "enumerator",
    "source",
    "import_batch_id",
    "recorded_by_id",
    "recorded_at",
    *HOUSEHOLD_QUESTIONS,
)
ANSWER_COLUMNS = ("assessment_id", "member_id", "household_id", "area_id", *MEMBER_QUESTIONS)
DECILE_COLUMNS = ("household_id", "area_id", "decile", "source", "as_of")


@dataclass(slots=True)
class Written:
    """Whom the import touched: household ids, and those to judge by the day of their assessment."""

    households: set[int] = field(default_factory=set)
    assessed: list[int] = field(default_factory=list)


def write(plan: Plan, *, batch: ImportBatch, by: User, today: date) -> Written:
    """Households, families and people first, then what was seen of them, then the verdicts."""
    written = Written()
    homes = plan.accepted
    household_ids = _write_households(homes)
    families = _write_families(homes, plan, household_ids)
    member_ids = _write_members(homes, household_ids, families)
    _write_assessments(homes, plan, household_ids, member_ids, batch, by, written)
    _write_deciles(homes, household_ids, today, written)
    written.households.update(
        household_ids[id(home)] for home in homes if any(row.verdict != "same" for row in home.rows)
    )
    _point_at_newest(written)
    if len(homes) >= MANY:
        # Nobody has counted the new rows yet, and a plan made without numbers may take minutes.
        analyze(Household, Member, Assessment, MemberAssessment)
    judge_households(Household.objects.filter(pk__in=written.assessed), on=today)
    return written


def _update(
    model: type[models.Model], column_names: Iterable[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """One statement; each row holds its ``id`` and every one of the columns. Row history goes along."""
    if not rows:
        return
    table = model._meta.db_table
    assignments = ", ".join(f'"{name}" = given."{name}"' for name in column_names)
    # Table and column names come from the models, never from the file.
    statement = (
        f'UPDATE "{table}" SET {assignments} FROM jsonb_populate_recordset(NULL::"{table}", %s) AS given '  # noqa: S608
        f'WHERE "{table}".id = given.id'
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, default=_as_text)])


def _as_text(value: Any) -> str:
    """As PostgreSQL reads it: bytes in hex."""
    return rf"\x{value.hex()}" if isinstance(value, bytes | memoryview) else str(value)


def _write_households(homes: list[Home]) -> dict[int, int]:
    """The household's id, by ``id(home)``."""
    new = [home for home in homes if home.row.record is None]
    ids = {id(home): pk for home, pk in zip(new, new_ids(Household, len(new)), strict=True)}
    now = timezone.now()
    rows: Rows = []
    for home in new:
        fixed = (ids[id(home)], home.area_code, home.number, "unknown", "", "", now)
        rows.append(fixed + tuple(home.row.details[name] for name in HOUSEHOLD_DETAILS))
    copy_rows(Household, HOUSEHOLD_COLUMNS, rows)
    changed = []
    for home in homes:
        record = home.row.record
        if record is not None:
            ids[id(home)] = record["id"]
            if home.row.details:
                before = {name: record[name] for name in HOUSEHOLD_DETAILS}
                changed.append({"id": record["id"], **before, **home.row.details})
    _update(Household, HOUSEHOLD_DETAILS, changed)
    return ids


def _write_families(
    homes: list[Home], plan: Plan, household_ids: dict[int, int]
) -> dict[tuple[int, int], int]:
    """The family's id, by the household's id and the family's number in it."""
    ids: dict[tuple[int, int], int] = {}
    new, changed = [], []
    for home in homes:
        household = household_ids[id(home)]
        stored = plan.known.families.get(household, {})
        for number in {row.values["family_number"] for row in home.members}:
            card = home.card_numbers.get(number, "")
            if number not in stored:
                new.append((household, home, number, card))
                continue
            ids[household, number] = stored[number]["id"]
            if card and card != stored[number]["card_number"]:
                pk = stored[number]["id"]
                changed.append({"id": pk} | _sealed(Family.card_number, card, pk))
    _update(Family, Family.card_number.columns, changed)
    rows: Rows = []
    for (household, home, number, card), pk in zip(new, new_ids(Family, len(new)), strict=True):
        ids[household, number] = pk
        rows.append((pk, household, home.area_code, number, *Family.card_number.written(card, pk)))
    copy_rows(Family, FAMILY_COLUMNS, rows)
    return ids


def _write_members(
    homes: list[Home], household_ids: dict[int, int], families: dict[tuple[int, int], int]
) -> dict[int, int]:
    """The member's id, by ``id(row)``. An old head steps down before a new one is written."""
    pairs = [(home, row) for home in homes for row in home.members]
    new = [(home, row) for home, row in pairs if row.record is None]
    ids = {id(row): pk for (_home, row), pk in zip(new, new_ids(Member, len(new)), strict=True)}
    changed = []
    for home, row in pairs:
        if row.record is not None:
            ids[id(row)] = row.record["id"]
            if row.details:
                family = families[household_ids[id(home)], row.values["family_number"]]
                before = {name: row.record[name] for name in (*Member.nik.columns, *PLAIN_DETAILS)}
                after = {name: value for name, value in row.details.items() if name != "nik"}
                if "nik" in row.details:
                    after |= _sealed(Member.nik, row.details["nik"], ids[id(row)])
                changed.append({"id": ids[id(row)], **before, **after, "family_id": family})
    columns = [*Member.nik.columns, *PLAIN_DETAILS, "family_id"]
    heads = [row for row in changed if row["household_relationship"] == Relationship.HEAD]
    _update(Member, columns, [row for row in changed if row["household_relationship"] != Relationship.HEAD])
    _update(Member, columns, heads)
    rows: Rows = []
    for home, row in new:
        household = household_ids[id(home)]
        family = families[household, row.values["family_number"]]
        fixed = (ids[id(row)], household, family, home.area_code, row.values["member_number"])
        nik = Member.nik.written(row.details["nik"], ids[id(row)])
        rows.append(fixed + nik + tuple(row.details[name] for name in PLAIN_DETAILS))
    copy_rows(Member, MEMBER_COLUMNS, rows)
    return ids


def _sealed(held: SealedNumber, digits: str, pk: int) -> dict[str, Any]:
    return dict(zip(held.columns, held.written(digits, pk), strict=True))


def _write_assessments(
    homes: list[Home],
    plan: Plan,
    household_ids: dict[int, int],
    member_ids: dict[int, int],
    batch: ImportBatch,
    by: User,
    written: Written,
) -> None:
    seen = [home for home in homes if not home.is_assessed]
    now, rows, answers = timezone.now(), [], []
    for home, pk in zip(seen, new_ids(Assessment, len(seen)), strict=True):
        household = household_ids[id(home)]
        written.assessed.append(household)
        owner = (household, home.area_code)
        told = (home.row.values["assessed_on"], home.row.values["enumerator"], Assessment.Source.WORKBOOK)
        given = (home.row.values[name] for name in HOUSEHOLD_QUESTIONS)
        rows.append((pk, *owner, *told, batch.pk, by.pk, now, *given))
        answers += _answers(home, plan, (pk, *owner), member_ids)
    copy_rows(Assessment, ASSESSMENT_COLUMNS, rows)
    copy_rows(MemberAssessment, ANSWER_COLUMNS, answers)


def _answers(home: Home, plan: Plan, owner: tuple[Any, ...], member_ids: dict[int, int]) -> Rows:
    """``owner`` is the assessment, the household and the area."""
    assessment, *of = owner
    rows: Rows = []
    for row in home.members:
        given = (row.values[name] for name in MEMBER_QUESTIONS)
        rows.append((assessment, member_ids[id(row)], *of, *given))
    unanswered = [None] * len(MEMBER_QUESTIONS)
    return rows + [(assessment, member, *of, *unanswered) for member in _left_out(home, plan)]


def _left_out(home: Home, plan: Plan) -> list[int]:
    """Active members whom the file does not name: unanswered on this day, as in the form."""
    record = home.row.record
    registered = plan.known.members.get(record["id"], []) if record else []
    named = {row.record["id"] for row in home.members if row.record}
    return [member["id"] for member in registered if not member["closed_on"] and member["id"] not in named]


def _write_deciles(homes: list[Home], household_ids: dict[int, int], today: date, written: Written) -> None:
    rows: Rows = []
    for home in homes:
        if home.has_new_decile:
            household, values = household_ids[id(home)], home.row.values
            rows.append(
                (household, home.area_code, values["decile"], values["decile_source"], values["decile_on"])
            )
            if home.is_assessed:
                written.assessed.append(household)
    copy_rows(WelfareDecile, DECILE_COLUMNS, rows)


def _point_at_newest(written: Written) -> None:
    """Household.current_assessment: the newest by day, then by id."""
    newest = (
        "SELECT id FROM households_assessment AS seen WHERE seen.household_id = households_household.id "
        "ORDER BY seen.assessed_on DESC, seen.id DESC LIMIT 1"
    )
    ids = written.assessed
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE households_household SET current_assessment_id = ({newest}) "  # noqa: S608 - no outside text
            f"WHERE id = ANY(%s) AND current_assessment_id IS DISTINCT FROM ({newest})",
            [ids],
        )
