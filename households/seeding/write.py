"""Invented households into the database: COPY in chunks, one deed, constant memory."""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from households.judging import judge_households
from households.models import (
    Assessment,
    Family,
    Household,
    Member,
    MemberAssessment,
    WelfareDecile,
)
from households.models.answers import HouseholdAnswers, MemberAnswers
from households.seeding import home_answers, person_answers
from households.seeding.distributions import decile_of
from households.seeding.homes import Homes, Ids, Twin, villages_of
from households.seeding.names import street
from households.seeding.people import Home
from registry.audit import deed
from registry.bulk import analyze, copy_rows, new_ids
from registry.errors import Conflict
from registry.models import Area, AuditEvent, User
from registry.roles import Role

CHUNK = 2_000
VERB = "seed_households"
SEEDER = "contoh"
ENUMERATOR = "Petugas Contoh"
HAS_DECILE = 0.92

HOUSEHOLD_ANSWERS = tuple(column.name for column in HouseholdAnswers._meta.local_fields)
MEMBER_ANSWERS = tuple(column.name for column in MemberAnswers._meta.local_fields)
COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    Household: (
        *("id", "area_id", "number", "address", "hamlet", "rw", "rt", "current_assessment_id", "status"),
        *("closed_reason", "closed_evidence", "created_at"),
    ),
    Family: ("id", "household_id", "area_id", "position", *Family.card_number.columns),
    Member: (
        *("id", "household_id", "family_id", "area_id", "position", "name", *Member.nik.columns),
        *("nik_missing", "sex"),
        *("birth_place", "birth_date", "household_relationship", "family_relationship"),
    ),
    Assessment: (
        *("id", "household_id", "area_id", "assessed_on", "enumerator", "source", "recorded_by_id"),
        *("recorded_at", *HOUSEHOLD_ANSWERS),
    ),
    MemberAssessment: ("assessment_id", "member_id", "household_id", "area_id", *MEMBER_ANSWERS),
    WelfareDecile: ("household_id", "area_id", "decile", "source", "as_of"),
}
Rows = dict[type[models.Model], list[tuple[Any, ...]]]
Progress = Callable[[int], object]


def is_seeded() -> bool:
    """Whether the households in the registry began as invented ones."""
    return AuditEvent.objects.filter(verb=VERB).exists()


def seed(
    *,
    count: int,
    random_seed: int,
    on: date,
    written: Progress | None = None,
    judged: Progress | None = None,
) -> list[Twin]:
    """Fills an empty registry and judges it; all or nothing. Returns the people who stand in it twice.

    ``written`` and ``judged`` are told of every further number of households. Raises Conflict when no areas
    are loaded or when there are households already.
    """
    areas = list(Area.objects.filter(level__in=(Area.Level.DISTRICT, Area.Level.VILLAGE)))
    villages = villages_of(areas)
    if not villages:
        raise Conflict(_("There are no villages yet: run manage.py load_areas first."), code="no_areas")
    if Household.objects.exists():
        raise Conflict(
            _("The registry already holds households; only an empty one is seeded."), code="not_empty"
        )
    with deed(VERB, by=None) as act:
        ids = Ids(household=_keys(Household).__next__, member=_keys(Member).__next__)
        homes = Homes(villages, count=count, seed=random_seed, on=on, ids=ids)
        _write(homes, on=on, progress=written)
        judge_households(Household.objects.all(), on=on, progress=_settling(judged))
        act.details = {"households": count, "seed": random_seed, "on": on.isoformat()}
    return homes.twins


def write_truth(path: Path, twins: Iterable[Twin]) -> None:
    """CSV of the pairs: the two member ids and the kind of difference."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(("first_member", "second_member", "difference"))
        table.writerows(twins)


def sample_user() -> User:
    """Who is named as having recorded the invented assessments: nobody can sign in as this user."""
    known = User.objects.filter(username=SEEDER).first()
    return known or User.objects.create_user(
        SEEDER, first_name="Data", last_name="Contoh", role=Role.SOCIAL_OFFICE, is_active=False
    )


def _write(homes: Homes, *, on: date, progress: Progress | None) -> None:
    recorder = _Recorder(homes, on, sample_user().pk)
    stream = iter(homes)
    while chunk := list(islice(stream, CHUNK)):
        rows: Rows = {model: [] for model in COLUMNS}
        for home in chunk:
            recorder.record(home, rows)
        for model, columns in COLUMNS.items():
            copy_rows(model, columns, rows[model])
        _check_deferred()
        if progress:
            progress(len(chunk))
    analyze(*COLUMNS)


class _Recorder:
    """From a household to its rows in six tables."""

    def __init__(self, homes: Homes, on: date, user_id: int) -> None:
        self.rng = homes.rng
        self.user_id = user_id
        self.written_at = datetime.combine(on, time(), tzinfo=UTC)
        self.decile_as_of = date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
        self.families, self.assessments = _keys(Family), _keys(Assessment)

    def record(self, home: Home, rows: Rows) -> None:
        assessment = next(self.assessments)
        rows[Household].append(self._household(home, assessment))
        self._people(home, rows)
        answers = [person_answers.answers_of(self.rng, person, home) for person in home.people]
        about_home = home_answers.answers_of(self.rng, home, answers[0])
        fixed = (
            assessment,
            home.id,
            home.village,
            home.assessed_on,
            ENUMERATOR,
            Assessment.Source.FORM.value,
        )
        rows[Assessment].append(
            (*fixed, self.user_id, self.written_at, *(about_home.get(name) for name in HOUSEHOLD_ANSWERS))
        )
        rows[MemberAssessment].extend(
            (assessment, person.id, home.id, home.village, *(said.get(name) for name in MEMBER_ANSWERS))
            for person, said in zip(home.people, answers, strict=True)
        )
        if self.rng.random() < HAS_DECILE:
            decile = decile_of(self.rng, home.hardship)
            rows[WelfareDecile].append((home.id, home.village, decile, "DTSEN", self.decile_as_of))

    def _household(self, home: Home, assessment: int) -> tuple[Any, ...]:
        rng = self.rng
        rt, rw = f"{rng.randrange(1, 25):03}", f"{rng.randrange(1, 6):03}" if rng.random() < 0.4 else ""
        place = (home.id, home.village, home.number, street(rng), "", rw, rt)
        return (*place, assessment, "unknown", "", "", self.written_at)

    def _people(self, home: Home, rows: Rows) -> None:
        families = []
        for position, card in enumerate(home.cards, start=1):
            families.append(next(self.families))
            numbers = Family.card_number.written(card, families[-1])
            rows[Family].append((families[-1], home.id, home.village, position, *numbers))
        for position, person in enumerate(home.people, start=1):
            seat = person.seat
            rows[Member].append(
                (
                    *(person.id, home.id, families[seat.family], home.village, position),
                    *(person.name, *Member.nik.written(person.nik, person.id)),
                    *(person.nik_missing, person.sex and person.sex.value),
                    *(person.birth_place, person.birth_date, seat.in_household.value, seat.in_family.value),
                )
            )


def _keys(model: type[models.Model]) -> Iterator[int]:
    """Without end, a chunk at a time."""
    while True:
        yield from new_ids(model, CHUNK)


def _settling(progress: Progress | None) -> Progress:
    def settle(count: int) -> None:
        _check_deferred()
        if progress:
            progress(count)

    return settle


def _check_deferred() -> None:
    """Check the foreign keys of the chunk now: their queue would grow with the number of households."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
