"""The check: every error of every row, counts that add up, and nothing written of people."""

import stat
import tempfile
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from households.imports import check
from households.imports.reading import read_workbook
from households.models import Assessment, Household, ImportBatch, Member, Tombstone
from registry.models import AccessLog, AuditEvent, Job
from registry.roles import Role
from tests import factories
from tests.households.imports.files import DAY, Files, counts, home, nik, person, problems

pytestmark = pytest.mark.django_db

HOMES, PEOPLE = "Households", "Members"


def test_a_clean_file_is_all_new_and_nothing_is_written_yet(ana, files):
    batch = files.check(files.write(home(1), home(2)), ana)
    assert batch.state == ImportBatch.State.CHECKED
    assert batch.rows_read == 8
    assert counts(batch) == (8, 0, 0, 0)
    assert not Household.objects.exists()
    assert not Member.objects.exists()


def test_uploading_keeps_the_file_out_of_guessing_and_queues_the_check(ana, files):
    path = files.write(home(1))
    batch = files.upload(path, ana)
    stored = Path(batch.file.path)
    assert path.read_bytes()[:64] not in stored.read_bytes()
    assert batch.file.read() == path.read_bytes()
    assert (len(stored.stem), stored.suffix) == (32, ".sealed")
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert batch.job.arguments == {"batch": batch.pk, "language": "en"}
    assert batch.job.state == Job.State.QUEUED
    assert AuditEvent.objects.get().subject == f"importbatch:{batch.pk}"


def test_the_opened_workbook_has_no_name_that_a_killed_worker_could_leave(ana, files, tmp_path, monkeypatch):
    path, folder = files.write(home(1)), tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    seen = []

    def read_and_look(copy):
        rows = list(read_workbook(copy))
        seen.append((copy.read_bytes() == path.read_bytes(), len(rows), [*folder.iterdir()]))
        return rows

    monkeypatch.setattr("households.imports.batches.read_workbook", read_and_look)
    assert files.check(path, ana).rows_read == 4
    assert seen == [(True, 4, [])]


@pytest.mark.parametrize(
    ("details", "column", "code"),
    [
        ({"village": "Atlantis"}, "village", "area"),
        ({"village": ""}, "village", "required"),
        ({"village": "Timbau", "district": "Atlantis"}, "district", "area"),
        ({"village": "Loa Ipuh"}, "village", "outside"),
        ({"assessed_on": None}, "assessed_on", "required"),
        ({"assessed_on": date.today() + timedelta(days=2)}, "assessed_on", "future"),
        ({"assessed_on": "30/02/2026"}, "assessed_on", "no_such_day"),
        ({"rt": "1234"}, "rt", "not_a_neighbourhood"),
        ({"floor": 99}, "floor", "not_an_answer"),
        ({"floor_area": 998}, "floor_area", "out_of_range"),
        ({"lighting": 4, "has_refrigerator": "Ya"}, "has_refrigerator", "contradiction"),
        ({"latitude": "-0,41"}, "longitude", "incomplete"),
        ({"decile": 3, "decile_source": "DTSEN"}, "decile_on", "incomplete"),
        ({"address": "x" * 201}, "address", "too_long"),
    ],
)
def test_an_error_of_a_household_points_at_its_cell(ana, next_village, files, details, column, code):
    batch = files.check(files.write(home(1, **details), home(2)), ana)
    assert problems(batch) == {(HOMES, 2, column, code)}
    assert counts(batch) == (4, 0, 0, 4)


@pytest.mark.parametrize(
    ("details", "column", "code"),
    [
        ({"nik": 9902061705800999}, "nik", "identifier"),
        ({"nik": "9,90206E+15"}, "nik", "identifier"),
        ({"nik": "990206170580"}, "nik", "identifier"),
        ({"nik": ""}, "nik", "nik_or_reason"),
        ({"birth_date": "30/02/2001"}, "birth_date", "no_such_day"),
        ({"birth_date": "12/28/2001"}, "birth_date", "month_first"),
        ({"name": None}, "name", "required"),
        ({"family_relationship": None}, "family_relationship", "required"),
        ({"sex": "X"}, "sex", "not_an_answer"),
        ({"is_pregnant": "Ya"}, "is_pregnant", "contradiction"),
        ({"card_number": "12"}, "card_number", "identifier"),
        ({"card_number": "9902060101999999"}, "card_number", "two_cards"),
    ],
)
def test_an_error_of_a_member_points_at_its_cell(ana, files, details, column, code):
    number, (head, second, third) = home(1)
    batch = files.check(files.write((number, [head, second | details, third])), ana)
    assert problems(batch) == {(PEOPLE, 3, column, code)}
    assert counts(batch) == (0, 0, 0, 4)


def test_every_error_is_listed_at_once_and_rows_without_one_say_what_holds_them_back(ana, files):
    number, (head, second, third) = home(1, floor=99, rt="x")
    bad = second | {"nik": 1234, "birth_date": "30/02/2001"}
    batch = files.check(files.write((number, [head, bad, third])), ana)
    assert {(row, column) for _sheet, row, column, _code in problems(batch)} == {
        (2, "floor"),
        (2, "rt"),
        (3, "nik"),
        (3, "birth_date"),
    }
    held = batch.rows.get(sheet=PEOPLE, number=2).errors
    assert [error["code"] for error in held] == ["held_back"]
    assert "Members 3" in held[0]["message"]


def test_an_identity_number_is_never_stored_in_an_error(ana, files):
    number, (head, second, third) = home(1)
    batch = files.check(files.write((number, [head, second | {"nik": 9902061705800999}, third])), ana)
    values = [error["value"] for row in batch.rows.all() for error in row.errors]
    assert not [value for value in values if "1705800" in value]


def test_a_household_has_exactly_one_head(ana, files):
    two = home(1)[0], [person(1, 1), person(1, 2, household_relationship=1)]
    none = home(2)[0], [person(2, 1, household_relationship=3), person(2, 2)]
    batch = files.check(files.write(two, none), ana)
    assert problems(batch) == {
        (PEOPLE, 2, "household_relationship", "two_heads"),
        (PEOPLE, 3, "household_relationship", "two_heads"),
        (HOMES, 3, "household_number", "no_head"),
    }


def test_rows_that_belong_to_no_other_row_are_errors(ana, files):
    lonely = home(1)[0], []
    stray = person(7, 1)
    batch = files.check(
        files.write(lonely, home(2), orphans=[stray, stray | {"household_number": None}]), ana
    )
    assert problems(batch) == {
        (HOMES, 2, "household_number", "no_members"),
        (PEOPLE, 5, "household_number", "no_household"),
        (PEOPLE, 6, "household_number", "required"),
        (PEOPLE, 5, "nik", "repeated"),
        (PEOPLE, 6, "nik", "repeated"),
    }
    assert counts(batch) == (4, 0, 0, 3)


def test_the_same_household_number_or_nik_twice_in_the_file_is_an_error_on_each_row(ana, files):
    twin = home(1)[0], []
    other = home(2)[0], [person(2, 1, nik=nik(11)), person(2, 2), person(2, 2, nik=nik(99))]
    batch = files.check(files.write(home(1), twin, other), ana)
    assert problems(batch) >= {
        (HOMES, 2, "household_number", "repeated"),
        (HOMES, 3, "household_number", "repeated"),
        (PEOPLE, 2, "nik", "repeated"),
        (PEOPLE, 5, "nik", "repeated"),
        (PEOPLE, 6, "member_number", "repeated"),
        (PEOPLE, 7, "member_number", "repeated"),
    }


def test_two_families_cannot_share_a_card(ana, files):
    card = "9902060101000001"
    other = home(2)[0], [person(2, 1, card_number=card)]
    batch = files.check(files.write(home(1), other), ana)
    assert (PEOPLE, 5, "card_number", "shared_card") in problems(batch)
    assert batch.rows_new == 0


def test_a_village_name_that_two_districts_have_asks_for_the_district(gus, village, files):
    for code in ("64.02.06.2099", "64.02.12.2099"):
        factories.area(code, "Sumber Sari")
    batch = files.check(files.write(home(1, village="Sumber Sari")), gus)
    assert problems(batch) == {(HOMES, 2, "village", "area")}
    message = batch.rows.get(sheet=HOMES).errors[0]["message"]
    assert "Tenggarong" in message
    assert "Tabang" in message
    named = files.check(files.write(home(1, village="Sumber Sari", district="Tabang")), gus)
    assert counts(named) == (4, 0, 0, 0)
    assert named.rows.first().village_id == "64.02.12.2099"


def test_a_village_may_be_given_by_its_code(ana, files):
    assert counts(files.check(files.write(home(1, village="64.02.06.1001")), ana)) == (4, 0, 0, 0)


def test_a_nik_registered_elsewhere_is_named_only_to_who_may_see_it(ana, gus, household, next_village, files):
    theirs = factories.household(next_village)
    number, (head, second, third) = home(900)  # whose numbers no factory gives
    ours, foreign = (home.members.get().nik.reveal() for home in (household, theirs))
    taken = [head | {"nik": ours}, second | {"nik": foreign}, third]
    for user, sees_both in ((ana, False), (gus, True)):
        batch = files.check(files.write((number, taken)), user)
        messages = [row.errors[0]["message"] for row in batch.rows.filter(sheet=PEOPLE, number__in=(2, 3))]
        assert household.number in messages[0]
        assert (theirs.number in messages[1]) is sees_both


def test_a_card_registered_elsewhere_rejects_the_household(ana, household, files):
    family = household.families.get()
    family.card_number = "9902060101000001"
    family.save()
    assert (PEOPLE, 2, "card_number", "card_taken") in problems(files.check(files.write(home(1)), ana))


def test_who_is_found_registered_elsewhere_is_named_in_the_access_log(ana, household, next_village, files):
    theirs, carded = factories.household(next_village), factories.household(next_village)
    family = carded.families.get()
    family.card_number = "9902060101000900"
    family.save()
    number, (head, second, third) = home(900)
    ours, foreign = household.members.get(), theirs.members.get()
    taken = [head | {"nik": ours.nik.reveal()}, second | {"nik": foreign.nik.reveal()}, third]
    batch = files.check(files.write((number, taken)), ana)
    people, homes = AccessLog.objects.order_by("pk")
    assert (people.user, people.subject) == (ana, f"importbatch:{batch.pk}")
    assert (people.household_ids, people.member_ids) == ([household.pk, theirs.pk], [ours.pk, foreign.pk])
    assert (homes.household_ids, homes.member_ids) == ([carded.pk], [])
    assert {reading.is_full for reading in (people, homes)} == {False}


def test_a_file_that_finds_nobody_elsewhere_leaves_no_reading(ana, household, files):
    files.check(files.write(home(1)), ana)
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize(("limit", "state"), [(2, "checked"), (1, "refused")])
def test_a_file_that_asks_for_many_people_elsewhere_is_refused(
    ana, household, next_village, files, monkeypatch, limit, state
):
    """Numbers of the own area do not count, and a number counts once."""
    monkeypatch.setattr("households.imports.batches.ELSEWHERE_LIMIT", limit)
    erased = nik(9_077)
    Tombstone.objects.create(
        nik_index=Member.nik.index_of(erased), erased_on=DAY, ground="request", deed=uuid.uuid4()
    )
    foreign = factories.household(next_village).members.get().nik.reveal()
    ours = household.members.get().nik.reveal()
    homes = [
        (row, [people[0] | {"nik": ours}, people[1] | {"nik": foreign}, people[2] | {"nik": erased}])
        for row, people in (home(1), home(2))
    ]
    batch = files.check(files.write(*homes), ana)
    assert batch.state == state
    reading = AccessLog.objects.get()
    if state == "refused":
        assert "outside your area" in batch.refusal
        assert (batch.rows.count(), batch.rows_read, reading.household_ids) == (0, 0, [])
    assert reading.record_count == (3 if state == "checked" else 2)


def test_warnings_stay_warnings(ana, files):
    number, (head, second, third) = home(1, household_size=5)
    batch = files.check(files.write((number, [head | {"birth_date": date(1980, 5, 18)}, second, third])), ana)
    assert counts(batch) == (4, 0, 0, 0)
    found = {(sheet, row, column) for sheet, row, column, _code in problems(batch, "warnings")}
    assert found >= {(HOMES, 2, "household_size"), (PEOPLE, 2, "nik")}


def test_an_unknown_column_is_said_and_the_rest_is_read(ana, files):
    path = files.edited(files.write(home(1)), {(HOMES, "BX1"): "Keterangan", (HOMES, "BX2"): "rumah biru"})
    batch = files.check(path, ana)
    assert counts(batch) == (4, 0, 0, 0)
    assert (HOMES, 2, "*Keterangan", "unknown_column") in problems(batch, "warnings")


def test_headings_may_be_field_names_in_any_order_and_case_under_a_title(ana, tmp_path, files):
    source = load_workbook(files.write(home(1)))
    copy = Workbook()
    copy.remove(copy.active)
    for title in (HOMES, PEOPLE):
        sheet = copy.create_sheet(title.upper())
        sheet.append(["Data Desa Timbau"])
        for row in source[title].iter_rows(values_only=True):
            sheet.append(
                [value.upper() if row[0] == "Household number" and value else value for value in row[::-1]]
            )
    copy.save(tmp_path / "other.xlsx")
    batch = files.check(tmp_path / "other.xlsx", ana)
    assert batch.refusal == ""
    assert counts(batch) == (4, 0, 0, 0)
    assert batch.rows.first().number == 3


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ({(HOMES, "A1"): "Nomor lain"}, "Household number"),
        ({(PEOPLE, "E1"): None, (PEOPLE, "D1"): None}, "Member number”, “Name"),
        ({(PEOPLE, "E1"): "Village", (PEOPLE, "D1"): "Name", (PEOPLE, "C1"): "name"}, "Member number"),
        ({(PEOPLE, "G1"): "NIK"}, "F and G"),
    ],
)
def test_another_template_is_refused_with_what_is_missing(ana, files, edits, told):
    batch = files.check(files.edited(files.write(home(1)), edits), ana)
    assert batch.state == ImportBatch.State.REFUSED
    assert told in batch.refusal
    assert not batch.rows.exists()


def test_merged_cells_below_the_heading_are_refused(ana, tmp_path, files):
    workbook = load_workbook(files.write(home(1), home(2)))
    workbook[HOMES].merge_cells("C2:C3")
    workbook.save(tmp_path / "merged.xlsx")
    batch = files.check(tmp_path / "merged.xlsx", ana)
    assert batch.state == ImportBatch.State.REFUSED
    assert "C2:C3" in batch.refusal


@pytest.mark.parametrize("content", [b"", b"PK not a zip", b"<html></html>"])
def test_what_is_no_workbook_is_refused_in_a_sentence(ana, tmp_path, files, content):
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    batch = files.check(path, ana)
    assert batch.state == ImportBatch.State.REFUSED
    assert batch.refusal


def test_a_workbook_without_the_sheets_or_without_rows_is_refused(ana, tmp_path, files):
    other = Workbook()
    other.active.title = "Penduduk"
    other.active.append(["a"])
    other.save(tmp_path / "other.xlsx")
    refused = files.check(tmp_path / "other.xlsx", ana)
    assert HOMES in refused.refusal
    assert "Penduduk" in refused.refusal
    assert files.check(files.write(), ana).state == ImportBatch.State.REFUSED


def test_rows_of_dashes_and_spaces_are_not_rows(ana, files):
    path = files.edited(files.write(home(1)), {(HOMES, "A4"): " ", (HOMES, "B4"): "-"})
    assert files.check(path, ana).rows_read == 4


def test_a_formula_is_text_on_the_way_in(ana, files):
    batch = files.check(files.write(home(1, address="=1+1")), ana)
    assert batch.rows.first().cells["address"] == "=1+1"


def test_checking_twice_gives_the_same_rows_once(ana, files):
    batch = files.check(files.write(home(1), home(2, floor=99)), ana)
    before = list(batch.rows.values_list("sheet", "number", "verdict"))
    assert list(check(batch).rows.values_list("sheet", "number", "verdict")) == before


def test_the_check_asks_the_database_as_often_for_many_households_as_for_two(
    ana, files, django_assert_max_num_queries
):
    batch = files.upload(files.write(*(home(serial) for serial in range(30))), ana)
    with django_assert_max_num_queries(25):
        check(batch)


def test_an_operator_without_an_area_in_force_takes_nothing_in(village, files):
    user = factories.user("gone", Role.VILLAGE_OPERATOR, area=village, is_active=False)
    assert counts(files.check(files.write(home(1)), user)) == (0, 0, 0, 4)


BREAKS = [
    lambda row, people: row.update(floor=99),
    lambda row, people: people[0].update(nik=1),
    lambda row, people: people[-1].update(birth_date="30/02/2001"),
    lambda row, people: people[0].update(household_relationship=3),
    lambda row, people: people.clear(),
    lambda row, people: row.update(household_number=None),
]


@given(broken=st.lists(st.sampled_from([None, *range(len(BREAKS))]), min_size=1, max_size=6))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_broken_the_counts_add_up_to_the_rows_read(ana, broken):
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder))
        homes = [home(serial) for serial in range(1, len(broken) + 1)]
        for (row, people), how in zip(homes, broken, strict=True):
            if how is not None:
                BREAKS[how](row, people)
        batch = files.check(files.write(*homes), ana)
    read = len(homes) + sum(len(people) for _row, people in homes)
    assert batch.rows_read == read == sum(counts(batch))
    assert batch.rows.count() == read
    assert batch.rows_new == 4 * broken.count(None)
    assert batch.rows.filter(verdict="rejected", errors=[]).count() == 0
    assert not Assessment.objects.exists()
