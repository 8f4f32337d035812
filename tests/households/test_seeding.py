"""The invented registry: believable, repeatable, and within every rule that real records must keep."""

import csv
from collections import Counter
from datetime import date
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from households.identifiers import check_family_card, check_nik
from households.models import Assessment, Household, ImportBatch, Member, PovertyStatus, Scheme
from households.models.household import StatusChoice
from households.questionnaire.codes import MaritalStatus, Relationship, VisitResult
from households.questionnaire.edits import edit
from households.seeding import home_answers, person_answers
from households.seeding.homes import Homes, Ids, Village, villages_of
from households.seeding.names import misspelt, name_of
from households.seeding.people import Home, Numbers
from households.seeding.schemes import ensure_schemes
from households.seeding.village_import import STEPS, import_village
from households.seeding.write import seed
from registry.models import Area, AuditEvent, User
from registry.roles import Role
from tests import factories

ON = date(2026, 11, 1)
VILLAGES = [
    Village("64.02.06.1001", "64.02.06", "Tenggarong", 3.0),  # town
    Village("64.02.01.2001", "64.02.01", "Muara Muntai", 1.0),  # inland
    Village("64.02.04.2001", "64.02.04", "Anggana", 1.0),  # coast
]


def stream(count_of_homes: int, seed_number: int = 2011) -> Homes:
    household, member = count(1), count(1)
    ids = Ids(household=household.__next__, member=member.__next__)
    return Homes(VILLAGES, count=count_of_homes, seed=seed_number, on=ON, ids=ids)


@pytest.fixture(scope="module")
def homes() -> list[Home]:
    return list(stream(1_500))


@pytest.fixture
def villages(db: None) -> list[Area]:
    return [factories.area(village.code, village.town) for village in VILLAGES]


def run(**options: Any) -> None:
    call_command("seed", **{"households": 60, "verbosity": 0, **options})


def test_the_same_seed_gives_the_same_people_and_another_seed_gives_others() -> None:
    first, again, other = (list(stream(40, number)) for number in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_longer_stream_begins_like_a_shorter_one() -> None:
    assert list(stream(90))[:30] == list(stream(30))


def test_answers_keep_every_rule_of_the_questionnaire(homes: list[Home]) -> None:
    rng = Random(7)
    for home in homes[:400]:
        said = [person_answers.answers_of(rng, person, home) for person in home.people]
        about_home = home_answers.answers_of(rng, home, said[0])
        is_complete = about_home["visit_result"] == VisitResult.COMPLETE
        found = edit(about_home, is_complete=is_complete)
        for person, answers in zip(home.people, said, strict=True):
            found += edit(answers, age=person.age, sex=person.sex, is_complete=True)
        assert [(finding.field, str(finding)) for finding in found] == []


def test_nobody_answers_a_question_that_the_questionnaire_does_not_have(homes: list[Home]) -> None:
    rng = Random(7)
    columns = {field.name for field in Assessment._meta.fields}
    answers = home_answers.answers_of(rng, homes[0], person_answers.answers_of(rng, homes[0].head, homes[0]))
    assert answers.keys() <= columns


def test_every_household_and_every_family_has_one_head_who_is_grown_up(homes: list[Home]) -> None:
    for home in homes:
        heads = [person for person in home.people if person.seat.in_household == Relationship.HEAD]
        assert heads == [home.head]
        assert home.head.age >= 18
        of_family = Counter(
            person.seat.family for person in home.people if person.seat.in_family == Relationship.HEAD
        )
        assert of_family == dict.fromkeys(range(len(home.cards)), 1)


def test_children_are_not_married_and_are_younger_than_their_parents(homes: list[Home]) -> None:
    for home in homes:
        for person in home.people:
            if person.age < 19:
                assert person.seat.marital == MaritalStatus.NEVER_MARRIED
            if person.seat.in_household == Relationship.CHILD:
                assert person.age <= home.head.age - 15
            if person.seat.in_household == Relationship.PARENT:
                assert person.age >= home.head.age + 18


def test_a_spouse_is_married_and_of_a_plausible_age(homes: list[Home]) -> None:
    spouses = [
        (home.head, person)
        for home in homes
        for person in home.people
        if person.seat.in_household == Relationship.SPOUSE
    ]
    assert len(spouses) > 500
    for head, spouse in spouses:
        assert spouse.seat.marital == head.seat.marital == MaritalStatus.MARRIED
        assert spouse.age >= 19
        assert abs(spouse.age - head.age) <= 20


def test_families_and_their_sizes_are_spread_as_in_the_field(homes: list[Home]) -> None:
    families = Counter(len(home.cards) for home in homes)
    assert families[2] / len(homes) == pytest.approx(0.08, abs=0.025)
    assert families[3] / len(homes) == pytest.approx(0.01, abs=0.01)
    sizes = Counter(len(home.people) for home in homes if len(home.cards) == 1)
    alone = sum(sizes.values())
    for size, share in ((1, 0.189), (2, 0.186), (3, 0.206), (4, 0.204), (5, 0.133)):
        assert sizes[size] / alone == pytest.approx(share, abs=0.045)


def test_ages_are_those_of_the_day_of_the_visit(homes: list[Home]) -> None:
    for home in homes:
        for person in home.people:
            member = Member(birth_date=person.birth_date)
            assert member.age_on(home.assessed_on) == person.age


def test_identity_numbers_are_unique_marked_as_samples_and_without_a_complaint(homes: list[Home]) -> None:
    niks = [person.nik for home in homes for person in home.people if person.nik]
    cards = [card for home in homes for card in home.cards]
    assert len(set(niks)) == len(niks)
    assert len(set(cards)) == len(cards)
    for home in homes:
        for person in home.people:
            assert bool(person.nik) != bool(person.nik_missing)
            if person.nik:
                said = check_nik(person.nik, birth_date=person.birth_date, sex=person.sex)
                assert (said.is_sample, said.errors, said.warnings) == (True, (), ())
        for card in home.cards:
            assert check_family_card(card).is_sample


def test_numbers_stay_unique_when_all_are_born_on_one_day() -> None:
    numbers = Numbers()
    issued = {numbers.nik("64.02.06", date(1990, 5, 1), is_female=False) for _person in range(25_000)}
    assert len(issued) == 25_000


def test_the_shares_of_dirt_are_those_of_real_files(homes: list[Home]) -> None:
    people = [person for home in homes for person in home.people]
    assert sum(person.sex is None for person in people) / len(people) == pytest.approx(0.02, abs=0.01)
    assert sum(person.nik == "" for person in people) / len(people) == pytest.approx(0.028, abs=0.012)
    assert any("'" in person.name for person in people)
    assert any("." in person.name for person in people)


def test_twins_differ_in_spelling_and_in_nik_or_birth_date() -> None:
    seeded = stream(3_000)
    people = {person.id: (home, person) for home in seeded for person in home.people}
    assert len(seeded.twins) / len(people) == pytest.approx(0.01, abs=0.003)
    assert len({twin.first for twin in seeded.twins}) == len(seeded.twins)
    for first, second, difference in seeded.twins:
        (home, person), (other_home, twin) = people[first], people[second]
        assert home.district == other_home.district
        assert home.id != other_home.id
        assert person.name != twin.name
        if difference == "nik_missing":
            assert (twin.nik, twin.birth_date) == ("", person.birth_date)
        else:
            assert (twin.birth_date.day, twin.birth_date.month) == (
                person.birth_date.month,
                person.birth_date.day,
            )


def test_a_misspelt_name_is_never_the_name_itself() -> None:
    rng = Random(3)
    for number in range(3_000):
        name = name_of(rng, is_female=bool(number % 2), age=number % 80)
        assert 0 < len(misspelt(rng, name)) <= 100
        assert misspelt(rng, name) != name


def test_districts_share_their_weight_among_their_villages() -> None:
    areas = [
        Area(code="64.02.06", name="Tenggarong", level=Area.Level.DISTRICT),
        Area(code="64.02.06.1001", name="Satu", level=Area.Level.VILLAGE, kind=Area.Kind.URBAN_VILLAGE),
        Area(code="64.02.06.2001", name="Dua", level=Area.Level.VILLAGE, kind=Area.Kind.RURAL_VILLAGE),
        Area(code="11.01.01.2001", name="Elsewhere", level=Area.Level.VILLAGE),
    ]
    urban, rural, elsewhere = villages_of(areas)
    assert urban.weight == pytest.approx(2 * rural.weight)
    assert urban.town == "Tenggarong"
    assert elsewhere.weight > 0


@pytest.mark.usefixtures("villages")
def test_the_command_fills_and_judges_the_registry_in_one_deed(tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    run(households=120, truth=truth)
    assert Household.objects.count() == 120
    assert not Household.objects.filter(current_assessment=None).exists()
    assert not Household.objects.filter(status_on=None).exists()
    assert PovertyStatus.objects.count() == 120 * Scheme.objects.count()
    deed = AuditEvent.objects.get(verb="seed_households")
    assert deed.details == {"households": 120, "seed": 2011, "on": "2026-11-01"}
    with truth.open() as stream_of_pairs:
        pairs = list(csv.DictReader(stream_of_pairs))
    assert Member.objects.filter(pk__in=[pair["second_member"] for pair in pairs]).count() == len(pairs) > 0


@pytest.mark.usefixtures("villages")
def test_every_poverty_status_occurs_in_a_plausible_share() -> None:
    run(households=1_500)
    statuses = Counter(Household.objects.values_list("status", flat=True))
    shares = {status: statuses[status] / 1_500 for status in StatusChoice.values}
    for status, lowest, highest in (
        (StatusChoice.VERY_POOR, 0.015, 0.05),
        (StatusChoice.POOR, 0.05, 0.1),
        (StatusChoice.NEAR_POOR, 0.06, 0.12),
        (StatusChoice.UNKNOWN, 0.03, 0.07),
        (StatusChoice.NOT_POOR, 0.68, 0.82),
    ):
        assert lowest <= shares[status] <= highest, status


@pytest.mark.usefixtures("villages")
def test_the_same_arguments_write_the_same_rows() -> None:
    ensure_schemes()
    columns = ("household__number", "area_id", "name", "nik_index", "birth_date", "household__status")
    seen = []
    for _time in range(2):
        with transaction.atomic():
            seed(count=40, random_seed=5, on=ON)
            seen.append(
                list(
                    Member.objects.order_by("area_id", "household__number", "position").values_list(*columns)
                )
            )
            transaction.set_rollback(True)
    assert seen[0] == seen[1] != []


def test_without_areas_the_command_names_the_one_that_loads_them(db: None) -> None:
    with pytest.raises(CommandError, match="load_areas"):
        run()


@pytest.mark.usefixtures("villages")
def test_a_registry_that_holds_households_is_not_seeded(household: Household) -> None:
    with pytest.raises(CommandError):
        run()
    assert list(Household.objects.all()) == [household]


@pytest.mark.usefixtures("villages")
def test_invented_people_stay_out_of_production(settings: Any) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError):
        run()
    assert not Household.objects.exists()


@pytest.mark.usefixtures("villages")
def test_nobody_can_sign_in_as_the_user_who_recorded_the_invented_answers() -> None:
    run()
    recorder = User.objects.get(pk=Assessment.objects.values_list("recorded_by", flat=True).distinct().get())
    assert not recorder.is_active
    assert not recorder.has_usable_password()


def test_schemes_are_added_once_and_leave_the_deciding_one_alone(bps14: Scheme) -> None:
    assert ensure_schemes() == 2
    assert ensure_schemes() == 0
    assert Scheme.objects.get(sets_status=True) == bps14
    assert AuditEvent.objects.filter(verb="add_schemes").count() == 1


def test_the_schemes_of_a_new_registry_are_valid_and_one_sets_the_status(db: None) -> None:
    assert ensure_schemes() == 3
    for scheme in Scheme.objects.in_force(ON):
        scheme.full_clean()
    assert Scheme.objects.get(sets_status=True).method == "bps14"


def test_the_workbook_of_a_village_holds_every_planted_mistake_and_no_other(
    tmp_path: Path, settings: Any, village: Area, next_village: Area
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    village.aliases.create(name="Timbaw")
    elsewhere = factories.member(factories.household(next_village), nik="9901000101900001")
    operator = factories.user("ana", Role.VILLAGE_OPERATOR, area=village)
    steps: list[int] = []
    batch = import_village(village=village, by=operator, on=ON, folder=tmp_path, progress=steps.append)
    assert len(steps) == STEPS
    assert batch is not None
    assert batch.state == ImportBatch.State.CONFIRMED
    errors = [error for row in batch.rows.all() for error in row.errors if error["code"] != "held_back"]
    assert sorted((error["code"], error["column"]) for error in errors) == [
        ("area", "village"),
        ("identifier", "nik"),
        ("identifier", "nik"),
        ("month_first", "assessed_on"),
        ("nik_taken", "nik"),
        ("no_head", "household_number"),
        ("no_household", "household_number"),
        ("no_such_day", "birth_date"),
        ("not_an_answer", "floor"),
        ("out_of_range", "floor_area"),
    ]
    assert Member.objects.with_nik(elsewhere.nik).get() == elsewhere


def test_the_workbook_of_a_village_is_imported_once(tmp_path: Path, settings: Any, village: Area) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    operator = factories.user("ana", Role.VILLAGE_OPERATOR, area=village)
    arguments: dict[str, Any] = {"village": village, "by": operator, "on": ON, "folder": tmp_path}
    arguments["progress"] = lambda count: None
    assert import_village(**arguments) is not None
    assert import_village(**arguments) is None
    assert ImportBatch.objects.count() == 1
