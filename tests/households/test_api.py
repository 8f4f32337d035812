"""Households through the API: one's own area only, identity numbers masked, every page in the access log."""

from datetime import date

import pytest
from django.core.cache import cache

from households.filters import HouseholdFilter
from households.models import Household
from households.models.household import StatusChoice
from households.services import record_assessment
from registry.models import AccessLog
from tests import factories

HOUSEHOLDS = "/api/v1/households/"
LISTS = [HOUSEHOLDS, "/api/v1/members/", "/api/v1/assessments/", "/api/v1/statuses/"]


@pytest.fixture(autouse=True)
def fresh_rates():
    cache.clear()


@pytest.fixture
def as_ana(client, ana):
    client.force_login(ana)
    return client


@pytest.fixture
def judged(household, ana, bps14):
    """The household with an assessment and a verdict."""
    head = household.members.get()
    record_assessment(
        household=household,
        assessed_on=date(2026, 11, 1),
        answers=factories.POOR_ANSWERS,
        member_answers={head.pk: factories.POOR_HEAD},
        by=ana,
    )
    return household


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_an_officer_reads_the_households_of_her_area_only(as_ana, household, next_village):
    factories.household(next_village)
    assert ids(as_ana.get(HOUSEHOLDS)) == [household.pk]


def test_a_household_comes_with_its_families_and_members(as_ana, judged):
    body = as_ana.get(f"{HOUSEHOLDS}{judged.pk}/").json()
    assert body["area"] == "64.02.06.1001"
    assert (body["status"], body["size"]) == (judged.status, 1)
    assert body["head_name"] == body["members"][0]["name"]
    assert body["families"][0]["id"] == body["members"][0]["family"]


def test_a_member_of_the_second_family_has_two_relationships(as_ana, household):
    factories.member(household, household_relationship=8, family_relationship=1)
    told = as_ana.get("/api/v1/members/").json()["results"][-1]
    assert (told["household_relationship"], told["family_relationship"]) == (8, 1)


def test_identity_numbers_are_masked_everywhere(as_ana, judged):
    family = judged.families.get()
    family.card_number = "9902061705800001"
    family.save()
    nik = judged.members.get().nik.reveal()
    shown = as_ana.get(f"{HOUSEHOLDS}{judged.pk}/").json()
    assert shown["families"][0]["card_number"] == "990206******0001"
    assert shown["members"][0]["nik"] == f"{nik[:6]}******{nik[-4:]}"
    for address in [*LISTS, f"{HOUSEHOLDS}{judged.pk}/"]:
        text = as_ana.get(address).content.decode()
        assert nik not in text
        assert family.card_number.reveal() not in text


def test_a_foreign_household_and_a_missing_one_are_the_same_404(client, ben, household):
    client.force_login(ben)
    foreign = client.get(f"{HOUSEHOLDS}{household.pk}/")
    missing = client.get(f"{HOUSEHOLDS}{household.pk + 999}/")
    huge = client.get(f"{HOUSEHOLDS}{'9' * 30}/")
    assert foreign.status_code == missing.status_code == huge.status_code == 404
    assert {**foreign.json(), "instance": ""} == {**missing.json(), "instance": ""}


def test_a_closed_household_is_still_found_by_its_id(as_ana, household):
    Household.objects.update(closed_on=date(2026, 1, 1), closed_reason="moved")
    assert ids(as_ana.get(HOUSEHOLDS)) == []
    assert as_ana.get(f"{HOUSEHOLDS}{household.pk}/").json()["closed_reason"] == "moved"


@pytest.mark.parametrize("address", LISTS)
def test_an_agency_and_a_tkpk_member_read_no_people(client, eka, dee, judged, address):
    for user in (eka, dee):
        client.force_login(user)
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", [*LISTS, "detail", "assessment"])
def test_every_route_that_shows_people_writes_one_reading(as_ana, judged, address):
    factories.household(judged.area)
    address = {
        "detail": f"{HOUSEHOLDS}{judged.pk}/",
        "assessment": f"/api/v1/assessments/{judged.current_assessment_id}/",
    }.get(address, address)
    assert as_ana.get(address).status_code == 200
    reading = AccessLog.objects.get()
    assert judged.pk in reading.household_ids
    assert reading.record_count == len(reading.household_ids)
    assert (reading.user.username, reading.purpose, reading.is_full) == (
        "ana",
        "API, signed in as a user",
        False,
    )
    assert reading.route.startswith("api-")


def test_an_empty_page_and_a_refusal_are_no_readings(as_ana, household):
    as_ana.get(f"{HOUSEHOLDS}?status=poor")
    as_ana.get(f"{HOUSEHOLDS}?formula=1")
    as_ana.get(f"{HOUSEHOLDS}{household.pk + 1}/")
    assert not AccessLog.objects.exists()


def test_each_page_logs_its_own_households(as_ana, village):
    homes = [factories.household(village) for _number in range(5)]
    url, seen = f"{HOUSEHOLDS}?limit=2", []
    while url:
        page = as_ana.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == [home.pk for home in homes]
    assert [log.household_ids for log in AccessLog.objects.order_by("pk")] == [seen[:2], seen[2:4], seen[4:]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["A", "B", "C", "D"]),
        ("area=64.02.06", ["A", "B", "C"]),
        ("area=64.02.12.2001", ["D"]),
        ("area=99", []),
        ("status=poor", ["A", "D"]),
        ("status=poor&status=very_poor", ["A", "B", "D"]),
        ("decile_max=2", ["A", "B"]),
        ("decile_min=2&decile_max=5", ["B", "C"]),
        ("closed=no", ["A", "B", "C", "D"]),
        ("closed=yes", ["E"]),
        ("closed=all", ["A", "B", "C", "D", "E"]),
        ("q=mawar", ["A"]),
        ("q=BUDI", ["B"]),
        ("q=C", ["C"]),
        ("q=100%25", ["D"]),
        ("q=%25", ["D"]),
        ("q=_", []),
    ],
)
def test_households_are_filtered(client, chi, village, far_village, query, found):
    spec = {
        "A": {"area": village, "status": StatusChoice.POOR, "decile": 1, "address": "Jalan Mawar 3"},
        "B": {"area": village, "status": StatusChoice.VERY_POOR, "decile": 2},
        "C": {"area": village, "status": StatusChoice.NOT_POOR, "decile": 5},
        "D": {"area": far_village, "status": StatusChoice.POOR, "address": "Blok 100% baru"},
        "E": {"area": village, "closed_on": date(2026, 1, 1), "closed_reason": "moved"},
    }
    for number, fields in spec.items():
        home = factories.household(fields["area"], number=number, **fields)
        name = "Budi Rekaan" if number == "B" else "Sampel"
        home.members.update(name=name)
    client.force_login(chi)
    rows = client.get(f"{HOUSEHOLDS}?{query}").json()["results"]
    assert [row["number"] for row in rows] == found


@pytest.mark.parametrize(
    "query",
    [
        "status=rich",
        "decile_max=0",
        "decile_min=1.5",
        "decile_max=99999999999999999999",
        "closed=maybe",
        "q=9902061705800001",
        "q=NIK+9902061705800001",
        "q=%00",
        f"q={'x' * 101}",
        "area=64.02.06'--",
        "members__nik=9902061705800001",
        "search=x",
        "fields=id",
        "expand=members",
    ],
)
def test_a_filter_that_is_unknown_or_ill_formed_is_400_and_shows_nobody(as_ana, household, query):
    answer = as_ana.get(f"{HOUSEHOLDS}?{query}")
    assert answer.status_code == 400
    assert "results" not in answer.json()


@pytest.mark.parametrize("path", ["household", "area", "household__members__nik", "recorded_by__password"])
@pytest.mark.parametrize("address", LISTS[1:])
def test_other_lists_take_their_own_parameters_only(as_ana, judged, address, path):
    value = {"household": judged.pk, "area": judged.area_id}.get(path, "x")
    answer = as_ana.get(f"{address}?{path}={value}")
    assert answer.status_code == (200 if path in ("household", "area") else 400)


def test_the_members_of_one_household_are_listed(as_ana, judged):
    factories.household(judged.area)
    other = factories.member(judged, closed_on=date(2026, 1, 1))
    address = f"/api/v1/members/?household={judged.pk}"
    assert ids(as_ana.get(address)) == [judged.members.active().get().pk]
    assert other.pk in ids(as_ana.get(f"{address}&closed=all"))


def test_an_assessment_gives_codes_and_unanswered_is_null(as_ana, judged):
    seen = as_ana.get(f"/api/v1/assessments/{judged.current_assessment_id}/").json()
    assert (seen["answers"]["toilet"], seen["answers"]["has_savings"], seen["answers"]["power"]) == (
        6,
        False,
        None,
    )
    assert seen["members"][0]["answers"]["sector"] == 1


def test_a_verdict_gives_its_scheme_and_reasons(as_ana, judged):
    (verdict,) = as_ana.get(f"/api/v1/statuses/?household={judged.pk}&scheme=bps14").json()["results"]
    assert (verdict["scheme"], verdict["scheme_version"]) == ("bps14", 1)
    assert verdict["status"] == judged.status
    assert verdict["reasons"]


def test_a_foreign_assessment_is_404(client, ben, judged):
    client.force_login(ben)
    assert client.get(f"/api/v1/assessments/{judged.current_assessment_id}/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_people_are_not_written_through_the_api(as_ana, household, next_village, method):
    for address in (HOUSEHOLDS, f"{HOUSEHOLDS}{household.pk}/"):
        body = {"area": next_village.code, "status": "not_poor"}
        answer = getattr(as_ana, method)(address, body, content_type="application/json")
        assert answer.status_code == 405
    household.refresh_from_db()
    assert household.area_id == "64.02.06.1001"


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        (HOUSEHOLDS, 4),  # session, user, households, reading
        ("/api/v1/members/", 4),
        ("/api/v1/assessments/", 4),
        ("/api/v1/statuses/", 4),
        ("one", 6),  # and families, members
    ],
)
def test_ten_rows_cost_what_one_costs(
    as_ana, village, ana, bps14, address, queries, django_assert_num_queries
):
    for _number in range(10):
        home = factories.household(village)
        factories.member(home)
        record_assessment(
            household=home, assessed_on=date(2026, 11, 1), answers={}, member_answers={}, by=ana
        )
    address = f"{HOUSEHOLDS}{home.pk}/" if address == "one" else address
    with django_assert_num_queries(queries):
        answer = as_ana.get(address)
    assert answer.status_code == 200


def test_the_same_filter_draws_the_form_of_the_page(
    village, far_village, household, django_assert_num_queries
):
    filtered = HouseholdFilter({"area": "64.02.06"}, queryset=Household.objects.all())
    with django_assert_num_queries(1):  # the areas
        form = filtered.form.as_p()
    assert '<option value="64.02.06" selected>' in form
    assert '<option value="64.02.12.2001">Sidomulyo</option>' in form
    with django_assert_num_queries(1):
        assert list(filtered.qs) == [household]
