from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from households.models import Family, Household, Member, Scheme
from households.models.household import StatusChoice
from registry.models import AccessLog, AuditEvent
from tests import factories


@pytest.fixture
def ten_households(village, ana):
    homes = [factories.household(village) for _each in range(10)]
    for home in homes:
        factories.assessment(home, ana, **factories.POOR_ANSWERS)
    return homes


def test_the_list_costs_the_same_for_every_page(client, ana, ten_households, django_assert_num_queries):
    client.force_login(ana)
    with django_assert_num_queries(6):
        page = client.get(reverse("household-list"))
    assert page.status_code == 200
    assert len(page.context["page"].object_list) == 10


def test_the_page_of_a_household_costs_the_same_for_one_member_as_for_ten(
    client, ana, household, bps14, django_assert_num_queries
):
    for _each in range(9):
        factories.member(household)
    factories.assessment(household, ana, **factories.POOR_ANSWERS)
    client.force_login(ana)
    with django_assert_num_queries(9):
        assert client.get(household.get_absolute_url()).status_code == 200


def test_the_list_shows_only_the_own_village(client, ana, household, next_village):
    stranger = factories.household(next_village)
    client.force_login(ana)
    page = client.get(reverse("household-list")).content.decode()
    assert household.number in page
    assert stranger.number not in page


@pytest.mark.parametrize("name", ["household-detail", "household-change", "household-close", "family-create"])
def test_an_operator_of_the_next_village_gets_404(client, ben, household, name):
    client.force_login(ben)
    assert client.get(reverse(name, args=[household.pk])).status_code == 404


def test_a_tkpk_member_sees_no_household(client, dee, household):
    client.force_login(dee)
    assert client.get(reverse("household-list")).status_code == 403
    assert client.get(household.get_absolute_url()).status_code == 403


def test_an_auditor_reads_but_cannot_change(client, chi, household):
    client.force_login(chi)
    assert client.get(household.get_absolute_url()).status_code == 200
    assert client.get(reverse("household-change", args=[household.pk])).status_code == 403


def test_every_reading_is_recorded_with_the_households_on_the_page(client, ana, household):
    client.force_login(ana)
    client.get(reverse("household-list"))
    client.get(household.get_absolute_url())
    readings = AccessLog.objects.order_by("pk")
    assert [(r.user, r.route, r.household_ids) for r in readings] == [
        (ana, "household-list", [household.pk]),
        (ana, "household-detail", [household.pk]),
    ]


def test_no_page_shows_a_whole_nik(client, ana, household):
    nik = household.members.get().nik.reveal()
    client.force_login(ana)
    page = client.get(household.get_absolute_url()).content.decode()
    assert nik not in page
    assert f"{nik[:6]}******{nik[-4:]}" in page


def test_a_household_is_entered_from_the_first_form_to_the_status(client, ana, village, bps14):
    client.force_login(ana)
    client.post(reverse("household-create"), {"area": village.code, "number": "017", "rt": "3", "rw": "1"})
    home = Household.objects.get()
    assert (home.rt, home.rw) == ("003", "001")
    client.post(reverse("family-create", args=[home.pk]), {"card_number": "9902 0601 0120 0001"})
    family = home.families.get()
    person = {
        "name": "Siti Sampel",
        "nik": "9902.0657.0580.0001",
        "sex": "2",
        "birth_date": "17 Mei 1980",
        "household_relationship": "1",
        "family_relationship": "1",
    }
    client.post(reverse("member-create", args=[family.pk]), person)
    head = Member.objects.get()
    assert (head.nik, head.birth_date) == ("9902065705800001", date(1980, 5, 17))
    answers = {"assessed_on": "1/11/2026"} | _typed(factories.POOR_ANSWERS)
    answers |= {f"member-{head.pk}-{name}": value for name, value in _typed(factories.POOR_HEAD).items()}
    saved = client.post(reverse("assessment-create", args=[home.pk]), answers)
    assert saved.status_code == 302, saved.context["form"].errors
    home.refresh_from_db()
    assert home.status == StatusChoice.VERY_POOR
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "register_household",
        "add_family",
        "add_member",
        "record_assessment",
    ]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("birth_date", "12/28/1980", "28/12/2011"),
        ("birth_date", "30 Februari 1980", "28/12/2011"),
        ("birth_date", "1/1/2090", "hari ini"),
        ("nik", "12345", "16"),
        ("nik", "9902063002800001", "tanggal"),
        ("nik", "", "NIK"),
    ],
)
def test_what_is_wrong_with_a_member_is_said_at_the_field_in_indonesian(
    client, ana, household, field, value, message
):
    person = {
        "name": "Siti Sampel",
        "nik": "9902065705800001",
        "sex": "2",
        "birth_date": "17/5/1980",
        "household_relationship": "3",
        "family_relationship": "3",
    }
    client.force_login(ana)
    page = client.post(reverse("member-create", args=[household.families.get().pk]), person | {field: value})
    errors = page.context["form"].errors
    assert message in str(errors["nik_missing" if (field, value) == ("nik", "") else field])


def test_a_million_and_a_half_is_typed_with_dots(client, ana, household, bps14):
    head = household.members.get()
    client.force_login(ana)
    client.post(
        reverse("assessment-create", args=[household.pk]),
        {
            "assessed_on": "1/11/2026",
            "has_dwelling": "yes",
            f"member-{head.pk}-works": "yes",
            f"member-{head.pk}-monthly_income": "1.500.000",
        },
    )
    assert household.assessments.get().members.get().monthly_income == 1_500_000


def test_an_answer_out_of_range_is_refused_and_nothing_is_saved(client, ana, household, bps14):
    client.force_login(ana)
    page = client.post(
        reverse("assessment-create", args=[household.pk]), {"assessed_on": "1/11/2026", "floor_area": "0"}
    )
    assert "floor_area" in page.context["form"].errors
    assert not household.assessments.exists()


def test_a_household_is_closed_with_evidence_and_kept(client, ana, household):
    client.force_login(ana)
    client.post(
        reverse("household-close", args=[household.pk]),
        {"on": "1/11/2026", "reason": "moved", "evidence": "Surat pindah 470/12"},
    )
    household.refresh_from_db()
    assert household.closed_on == date(2026, 11, 1)
    assert client.get(household.get_absolute_url()).status_code == 200


def _typed(answers):
    """As a browser sends them."""
    words = {True: "yes", False: "no"}
    return {
        name: words.get(value, value) if isinstance(value, bool) else value for name, value in answers.items()
    }


def test_people_without_nik_are_a_list_of_their_own(client, ana, household):
    member = factories.member(household, name="Tanpa Kartu", nik="", nik_missing="not_registered")
    client.force_login(ana)
    page = client.get(reverse("member-list"), {"nik": "missing"})
    assert list(page.context["page"]) == [member]
    assert client.get(reverse("member-list")).context["page"].paginator.count == 2


def test_the_people_list_costs_the_same_for_every_page(client, ana, household, django_assert_num_queries):
    for _each in range(9):
        factories.member(household)
    client.force_login(ana)
    with django_assert_num_queries(6):
        client.get(reverse("member-list"))


def test_a_family_card_is_changed_and_the_old_number_kept_in_the_history(client, ana, household):
    family = household.families.get()
    client.force_login(ana)
    client.post(reverse("family-change", args=[family.pk]), {"card_number": "9902060101200001"})
    client.post(reverse("family-change", args=[family.pk]), {"card_number": "9902060101200002"})
    family.refresh_from_db()
    assert family.card_number == "9902060101200002"
    earlier = family.events.order_by("pgh_id").values_list("card_number_sealed", flat=True)
    assert [Family.card_number.unseal(sealed, family.pk) for sealed in earlier] == ["", "9902060101200001"]
    deeds = set(AuditEvent.objects.filter(verb="change_family").values_list("deed", flat=True))
    assert {event.pgh_context["deed"] for event in family.events.all()} == {str(deed) for deed in deeds}


def test_a_card_number_that_is_taken_or_ill_formed_is_refused_at_the_field(client, ana, household, village):
    factories.family(factories.household(village), card_number="9902060101200001")
    address = reverse("family-change", args=[household.families.get().pk])
    client.force_login(ana)
    for number in ("9902060101200001", "990206"):
        assert "card_number" in client.post(address, {"card_number": number}).context["form"].errors


def test_a_member_is_changed_with_a_warning_when_the_nik_says_otherwise(client, ana, household):
    member = household.members.get()
    client.force_login(ana)
    changed = {
        "name": "Nama Baru",
        "nik": member.nik.reveal(),
        "sex": "2",
        "birth_date": "17/5/1980",
        "household_relationship": "1",
        "family_relationship": "1",
    }
    page = client.post(reverse("member-change", args=[member.pk]), changed, follow=True)
    member.refresh_from_db()
    assert (member.name, member.sex) == ("Nama Baru", 2)
    assert any("NIK" in str(message) for message in page.context["messages"])


def test_the_address_is_changed_and_the_village_is_not(client, ana, household, next_village):
    client.force_login(ana)
    client.post(
        reverse("household-change", args=[household.pk]),
        {"number": household.number, "address": "Jalan Baru 1", "area": next_village.code},
    )
    household.refresh_from_db()
    assert (household.address, household.area_id) == ("Jalan Baru 1", "64.02.06.1001")


def test_an_empty_assessment_does_not_wipe_a_status(client, ana, household, bps14):
    client.force_login(ana)
    page = client.post(reverse("assessment-create", args=[household.pk]), {"assessed_on": "1/11/2026"})
    assert page.context["form"].non_field_errors()
    assert not household.assessments.exists()


@pytest.mark.parametrize("day", ["1/1/1900", "1/1/2999"])
def test_an_assessment_of_an_impossible_day_is_refused(client, ana, household, day):
    client.force_login(ana)
    page = client.post(
        reverse("assessment-create", args=[household.pk]), {"assessed_on": day, "has_dwelling": "yes"}
    )
    assert "assessed_on" in page.context["form"].errors


def test_a_taken_household_number_is_said_to_be_taken(client, ana, household):
    client.force_login(ana)
    page = client.post(reverse("household-create"), {"area": household.area_id, "number": household.number})
    assert "sudah dipakai" in str(page.context["form"].errors["number"])


def test_a_closed_households_people_can_be_registered_elsewhere(client, ana, household, village):
    person = household.members.get()
    client.force_login(ana)
    close = {"on": "1/1/2999", "reason": "moved", "evidence": "Surat pindah 470/12"}
    assert "on" in client.post(reverse("household-close", args=[household.pk]), close).context["form"].errors
    client.post(reverse("household-close", args=[household.pk]), close | {"on": "1/11/2026"})
    assert client.get(reverse("household-change", args=[household.pk])).status_code == 404
    elsewhere = factories.family(factories.household(village))
    assert factories.member(elsewhere.household, family=elsewhere, nik=person.nik).pk


def test_a_filter_that_makes_no_sense_shows_nobody_rather_than_everybody(client, ana, household):
    client.force_login(ana)
    for name, query in (("household-list", {"decile_min": "999"}), ("member-list", {"household": "abc"})):
        assert list(client.get(reverse(name), query).context["page"]) == []


def test_a_back_dated_assessment_is_judged_under_the_scheme_of_today(client, ana, household, bps14):
    """A new version begins today; what was seen yesterday is judged by it all the same."""
    today = timezone.localdate()
    Scheme.objects.update(valid_to=today - timedelta(days=1), sets_status=False)
    factories.scheme("bps14", version=2, valid_from=today, sets_status=True)
    client.force_login(ana)
    answers = {"assessed_on": f"{today - timedelta(days=1):%d/%m/%Y}"} | _typed(factories.POOR_ANSWERS)
    head = household.members.get()
    answers |= {f"member-{head.pk}-{name}": value for name, value in _typed(factories.POOR_HEAD).items()}
    client.post(reverse("assessment-create", args=[household.pk]), answers)
    household.refresh_from_db()
    assert household.status == StatusChoice.POOR
