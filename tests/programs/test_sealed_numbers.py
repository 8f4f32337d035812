"""Identity numbers in the database: sealed everywhere, once each, and opened for nobody by the way."""

import io
import re
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from households.models import Family, Household, ImportRow, Member
from households.services import add_member, change_member
from programs.models import Program, TargetRow
from programs.services import approve_target_list, build_target_list, checksum
from registry.errors import Conflict
from registry.models import AccessLog
from registry.numbers import IdentityNumber
from registry.seals import BrokenSeal
from tests import factories
from tests.households.imports.files import Files, home, person
from tests.programs.conftest import make_program

pytestmark = [pytest.mark.django_db, pytest.mark.english]

NIK, CARD = "9902061705807777", "9902061705808888"
BYTES = re.compile(r"\\\\x[0-9a-f]*|\b[0-9a-f]{32,64}\b")  # seals, indexes and checksums: chance makes runs
RUN = re.compile(r"(?<!\d)99\d{14}(?!\d)")


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def dump() -> str:
    """As pg_dump would: every row of every table."""
    text = io.StringIO()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.copy_expert(f'COPY (SELECT * FROM "{table}") TO STDOUT', text)  # of partitions too
    return text.getvalue()


def test_no_dump_holds_a_number(client, ana, fia, bps14, agency, tmp_path):
    files = Files(tmp_path)
    number, (head, *others) = home(1)
    head = head | {"name": f"Budi {person(9, 1)['nik']}"}  # typed into the wrong column
    spoiled = number | {"address": "Jalan 9902 0617 0580 0001"}
    files.take_in(files.write(home(2), home(3), (spoiled, [head, *others])), ana)
    files.take_in(files.write(home(2, floor=2), home(4)), ana)
    assert Household.objects.count() == 3
    program = make_program(agency, "baiki-rumah")
    program.criteria.update(fact="household_size", comparison="at_least", value="1")
    program.unit = Program.Unit.MEMBER
    program.save()
    target_list = build_target_list(program=program, by=fia, on=date(2026, 11, 24))
    approve_target_list(target_list=target_list, by=fia)
    client.force_login(ana)
    someone = Member.objects.order_by("pk").first()
    typed = {"name": "Nama", "nik": NIK, "sex": 1, "household_relationship": 1, "family_relationship": 1}
    assert client.post(reverse("member-change", args=[someone.pk]), typed).status_code == 302
    changed = client.post(reverse("family-change", args=[someone.family_id]), {"card_number": CARD})
    assert changed.status_code == 302
    client.post(reverse("member-number", args=[someone.pk]), {"reason": "dicocokkan dengan kartu"})

    held = {member.nik.reveal() for member in Member.objects.all()}
    held |= {family.card_number.reveal() for family in Family.objects.all()}
    held |= {row.nik.reveal() for row in TargetRow.objects.all()}
    held |= {
        cell for row in ImportRow.objects.all() for cell in row.cells.values() if RUN.fullmatch(str(cell))
    }
    assert {NIK, CARD, head["nik"], person(2, 1)["nik"]} <= held
    dumped = dump()
    assert someone.name in dumped
    for digits in held:
        assert digits not in dumped
        assert digits.encode().hex() not in dumped
    assert not RUN.search(BYTES.sub("", dumped))
    stored = list((tmp_path / "files").rglob("*.sealed"))
    assert len(stored) == 2
    for path in stored:
        assert not path.read_bytes().startswith(b"PK")
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == stored


def test_a_number_in_the_wrong_column_is_refused_and_shown_masked(ana, tmp_path):
    files = Files(tmp_path)
    row, people = home(1)
    people[0]["name"] = f"Budi {NIK}"
    batch = files.check(files.write((row | {"hamlet": NIK}, people)), ana)
    errors = [error for row in batch.rows.all() for error in row.errors if error["code"] == "identity_number"]
    assert {(error["column"], error["value"]) for error in errors} == {
        ("hamlet", "990206******7777"),
        ("name", "Budi 990206******7777"),
    }
    assert {error["message"] for error in errors} == {"Do not write a NIK or family card number here."}


def test_the_name_of_a_file_keeps_no_number(ana, tmp_path):
    files = Files(tmp_path)
    path = files.write(home(1)).rename(tmp_path / f"data {NIK}.xlsx")
    assert files.upload(path, ana).file_name == "data 990206******7777.xlsx"


def test_a_member_is_found_by_number_and_bound_to_its_row(household):
    one, two = household.members.get(), factories.member(household, nik=NIK)
    assert Member.objects.with_nik(NIK).get() == Member.objects.with_nik(two.nik).get() == two
    assert isinstance(two.nik, IdentityNumber)
    assert list(Member.objects.without_nik()) == []
    Member.objects.filter(pk=one.pk).update(nik_sealed=two.nik_sealed)
    with pytest.raises(BrokenSeal):
        Member.objects.get(pk=one.pk).nik.reveal()


def test_a_row_can_be_made_and_changed_by_the_name_of_its_number(household):
    family = Family(household=household, area=household.area, position=2, card_number=CARD)
    assert family.card_number == CARD
    family.save()
    family.refresh_from_db()
    assert (family.card_number, family.card_number_index) == (CARD, Family.card_number.index_of(CARD))
    setattr(family, "card_number", NIK)  # noqa: B010 - as services do
    family.save(update_fields=["card_number"])
    assert Family.objects.get(pk=family.pk).card_number == NIK
    family.card_number = ""
    family.save(update_fields={"card_number", "position"})
    stored = Family.objects.get(pk=family.pk)
    assert (bool(stored.card_number), stored.card_number_sealed, stored.card_number_index) == (
        False,
        None,
        "",
    )
    assert list(family.events.values_list("card_number_sealed", flat=True).order_by("pgh_id"))[-1] is not None


@pytest.mark.parametrize(
    "change",
    [
        {"nik_sealed": None},
        {"nik_index": ""},
        {"nik_index": "", "nik_missing": "card_lost"},
        {"nik_missing": "card_lost"},
    ],
)
def test_seal_index_and_reason_go_together(change, household):
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=household.members.get().pk).update(**change)


@pytest.mark.parametrize("change", [{"card_number_index": "x"}, {"card_number_sealed": b"\x01"}])
def test_a_card_is_sealed_with_its_index(change, household):
    with pytest.raises(IntegrityError), transaction.atomic():
        Family.objects.filter(household=household).update(**change)


def test_a_number_stands_once(household, next_village, ana):
    taken = household.members.get().nik
    with pytest.raises(IntegrityError, match="nik_once"), transaction.atomic():
        factories.member(household, nik=taken)
    with pytest.raises(Conflict):
        add_member(family=household.families.get(), by=ana, name="Dua", nik=taken.reveal())
    factories.member(household, nik=NIK, closed_on=date(2026, 11, 1))
    assert factories.member(household, nik=NIK).nik == NIK
    factories.family(household, card_number=CARD)
    with pytest.raises(IntegrityError, match="family_card_number_once"), transaction.atomic():
        factories.family(household, card_number=CARD)
    assert factories.family(household, card_number=NIK).card_number == NIK  # another kind of number


def test_the_database_error_of_a_taken_number_does_not_tell_it(household):
    taken = household.members.get().nik.reveal()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        factories.member(household, nik=taken)
    assert taken not in str(refused.value)


def test_a_reason_why_it_is_missing_takes_the_nik_away(household, ana):
    member = household.members.get()
    change_member(member=member, by=ana, nik_missing="not_shown")
    member.refresh_from_db()
    assert (bool(member.nik), member.nik_missing) == (False, "not_shown")


def test_a_target_row_has_its_own_seal_and_the_checksum_is_over_the_digits(frozen, poor):
    row = frozen.rows.get(household=poor[0])
    head = poor[0].members.get()
    assert (row.nik, row.card_number) == (head.nik, "9902061705800001")
    assert row.nik_index == head.nik_index
    assert bytes(row.nik_sealed) != bytes(head.nik_sealed)
    assert checksum(frozen) == frozen.sha256
    values = list(frozen.rows.order_by("rank").values("pk", "nik_sealed"))
    with pytest.raises(BrokenSeal):
        TargetRow.nik.unseal(values[0]["nik_sealed"], values[1]["pk"])


# The full number


def test_the_full_number_is_shown_for_a_reason_that_is_recorded_first(client, ana, household):
    member = household.members.get()
    digits, address = member.nik.reveal(), reverse("member-number", args=[member.pk])
    client.force_login(ana)
    asked = client.get(address)
    assert str(member.nik) in asked.content.decode()
    assert digits not in asked.content.decode()
    for reason in ("", "kurang", f"karena {NIK}"):
        refused = client.post(address, {"reason": reason})
        assert "reason" in refused.context["form"].errors
        assert digits not in refused.content.decode()
    assert not _full_views(ana)
    shown = client.post(address, {"reason": "dicocokkan dengan kartu"})
    assert digits in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store, private"
    (view,) = _full_views(ana)
    assert (view.purpose, view.household_ids, view.record_count) == (
        "dicocokkan dengan kartu",
        [household.pk],
        1,
    )


def test_a_family_card_is_shown_in_full_likewise(client, ana, household):
    family = household.families.get()
    address = reverse("family-number", args=[family.pk])
    client.force_login(ana)
    assert client.get(address).status_code == 404
    family.card_number = CARD
    family.save()
    form = client.get(reverse("family-change", args=[family.pk])).content.decode()
    assert address in form
    assert CARD not in form
    assert CARD in client.post(address, {"reason": "dicocokkan dengan kartu"}).content.decode()


def test_who_may_not_see_it_gets_403_and_who_is_elsewhere_404(
    client, ana, ben, chi, dee, eka, fia, gus, household
):
    address = reverse("member-number", args=[household.members.get().pk])
    for user, status in ((ben, 404), (chi, 403), (dee, 403), (eka, 403), (fia, 403), (gus, 403)):
        client.force_login(user)
        assert client.post(address, {"reason": "dicocokkan dengan kartu"}).status_code == status
        assert not _full_views(user)


def test_an_hour_has_so_many_full_views(client, settings, ana, hal, household):
    settings.FULL_VIEWS_PER_HOUR = 3
    member = household.members.get()
    digits, address = member.nik.reveal(), reverse("member-number", args=[member.pk])
    client.force_login(ana)
    ask = {"reason": "dicocokkan dengan kartu"}
    assert [client.post(address, ask).status_code for _time in range(4)] == [200, 200, 200, 429]
    refused = client.post(address, ask)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert digits not in refused.content.decode()
    assert len(_full_views(ana)) == 3
    client.force_login(hal)
    assert client.post(address, ask).status_code == 200, "each of us has an hour of her own"
    client.force_login(ana)
    with connection.cursor() as cursor:  # the log itself is append-only
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE registry_accesslog DISABLE TRIGGER USER")
        cursor.execute("UPDATE registry_accesslog SET at = at - interval '61 minutes'")
        cursor.execute("ALTER TABLE registry_accesslog ENABLE TRIGGER USER")
    assert client.post(address, ask).status_code == 200


def test_the_rows_of_a_rejected_workbook_count(client, settings, ana, gus, household, tmp_path):
    settings.FULL_VIEWS_PER_HOUR = 4
    files = Files(tmp_path)
    row, people = home(1)
    batch = files.check(files.write((row | {"assessed_on": ""}, people)), ana)
    client.force_login(gus)
    assert "may_fetch_rejected" in client.get(batch.get_absolute_url()).context
    assert client.get(reverse("import-rejected", args=[batch.pk])).status_code == 403
    client.force_login(ana)
    assert client.get(reverse("import-rejected", args=[batch.pk])).status_code == 200
    assert [view.record_count for view in _full_views(ana)] == [4]
    address = reverse("member-number", args=[household.members.get().pk])
    assert client.post(address, {"reason": "dicocokkan dengan kartu"}).status_code == 429


def test_the_form_of_a_member_keeps_what_it_does_not_show(client, ana, household):
    member = household.members.get()
    digits, address = member.nik.reveal(), reverse("member-change", args=[member.pk])
    client.force_login(ana)
    page = client.get(address).content.decode()
    assert digits not in page
    assert str(member.nik) in page
    assert reverse("member-number", args=[member.pk]) in page
    typed = {"name": "Nama Baru", "nik": "", "sex": 2, "household_relationship": 1, "family_relationship": 1}
    answer = client.post(address, typed, follow=True)
    assert any("NIK" in str(message) for message in answer.context["messages"])
    member.refresh_from_db()
    assert (member.name, member.nik) == ("Nama Baru", digits)
    client.post(address, typed | {"nik": NIK})
    member.refresh_from_db()
    assert member.nik == NIK
    client.post(address, typed | {"nik_missing": "card_lost"})
    member.refresh_from_db()
    assert (bool(member.nik), member.nik_missing) == (False, "card_lost")


def test_the_form_of_a_family_keeps_replaces_and_takes_away(client, ana, household):
    family = household.families.get()
    address = reverse("family-change", args=[family.pk])
    client.force_login(ana)
    assert "has_no_card" not in client.get(address).context["form"].fields
    for typed, expected in (
        ({"card_number": CARD}, CARD),
        ({"card_number": ""}, CARD),
        ({"card_number": NIK, "has_no_card": "on"}, CARD),
        ({"card_number": "", "has_no_card": "on"}, ""),
    ):
        client.post(address, typed)
        assert Family.objects.get().card_number == expected


def _full_views(user):
    return list(AccessLog.objects.filter(user=user, is_full=True))
