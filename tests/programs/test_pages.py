from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from households.models.household import StatusChoice
from programs.api.lists import newest_rows
from programs.candidates import in_words
from programs.coverage import newest_frozen
from programs.models import Criterion, Program
from programs.services import approve_target_list, build_target_list, report_realisation
from registry import jobs
from registry.models import AccessLog, Area
from registry.roles import Role
from tests import factories
from tests.programs.conftest import make_program

TODAY = timezone.localdate()
YEAR = TODAY.year


@pytest.fixture
def program(agency):
    program = Program.objects.create(
        code="baiki-rumah",
        name="Yok Baiki Rumah",
        agency=agency,
        cluster=1,
        strategy=3,
        unit="household",
        year=YEAR,
    )
    Criterion.objects.create(program=program, fact="status", comparison="one_of", value="poor")
    return program


@pytest.fixture
def homes(ana, village, far_village):
    """Three poor and one near poor in Tenggarong, one poor in Tabang."""
    statuses = [(village, StatusChoice.POOR)] * 3 + [
        (village, StatusChoice.NEAR_POOR),
        (far_village, StatusChoice.POOR),
    ]
    homes = [factories.household(area, status=status) for area, status in statuses]
    for home in homes:
        factories.assessment(home, ana, **factories.POOR_ANSWERS)
    return homes


@pytest.fixture
def frozen(program, homes, fia):
    program.quota = 3
    program.save()
    built = build_target_list(program=program, by=fia, on=TODAY)
    return approve_target_list(target_list=built, by=fia)


@pytest.fixture
def delivered(frozen, eka):
    return report_realisation(
        target_row=frozen.rows.first(),
        outcome="delivered",
        realised_on=TODAY,
        amount=20_000_000,
        reference="BAST-1",
        by=eka,
    )


def _report(client, **query):
    data = client.get(reverse("report-data", args=["coordination"]), query | {"level": "program"}).json()
    return {(row["district"], row["program"]): row for row in data["rows"]}


def test_the_report_counts_each_district_and_programme(client, fia, program, delivered):
    client.force_login(fia)
    rows = _report(client, year=YEAR)
    tenggarong = rows["Tenggarong", "Yok Baiki Rumah"]
    figures = ["poor", "near_poor", "eligible", "targeted", "realised", "unserved"]
    assert [tenggarong[name] for name in figures] == [3, 1, 3, 3, 1, 1]
    assert tenggarong["coverage"] == 0.3333
    assert [rows["Tabang", "Yok Baiki Rumah"][name] for name in figures] == [1, 0, 1, 0, 0, 1]
    whole = rows["Seluruh kabupaten", "Semua program"]
    assert [whole[name] for name in figures] == [4, 1, 4, 3, 1, 2]


def test_a_district_verifier_reads_the_figures_of_her_district(client, village, program, delivered):
    client.force_login(factories.user("kec", Role.DISTRICT_VERIFIER, area=Area.objects.get(code="64.02.06")))
    assert {district for district, _program in _report(client, year=YEAR)} == {"Tenggarong"}


def test_page_workbook_and_api_say_the_same(client, fia, program, delivered):
    client.force_login(fia)
    asked = {"year": YEAR, "level": "cluster"}
    page = client.get(reverse("report", args=["coordination"]), asked)
    workbook = client.get(reverse("report-file", args=["coordination", "xlsx"]), asked)
    sheet = openpyxl.load_workbook(BytesIO(workbook.content)).worksheets[0]
    written = [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
    from_api = client.get(reverse("report-data", args=["coordination"]), asked).json()["rows"]
    assert written == [[value if value != "" else None for value in row.values()] for row in from_api]
    assert len(page.context["rows"]) == len(from_api)


@pytest.mark.parametrize("asked", [{"level": "program"}, {"cluster": 1}, {"area": "64.02.06"}])
def test_every_figure_of_the_report_opens_a_list_of_that_length(client, fia, program, delivered, asked):
    client.force_login(fia)
    opened = 0
    for row in client.get(reverse("report", args=["coordination"]), asked).context["rows"]:
        for cell in row:
            if cell["href"]:
                page = client.get(cell["href"])
                assert page.context["page"].paginator.count == int(cell["text"])
                opened += 1
    assert opened >= 6


def test_every_figure_of_the_dashboard_opens_a_list_of_that_length(client, fia, program, delivered):
    client.force_login(fia)
    cards = client.get(reverse("dashboard")).context["cards"]
    assert all(card["url"] for card in cards)
    for card in cards:
        page = client.get(card["url"]).context["page"]
        assert page.paginator.count == card["value"], card["label"]


def test_a_tkpk_member_sees_figures_and_no_names(client, dee, program, delivered, homes):
    client.force_login(dee)
    page = client.get(reverse("dashboard")).content.decode()
    assert not any(home.members.get().name in page for home in homes)
    assert client.get(reverse("coverage-list"), {"measure": "poor", "year": YEAR}).status_code == 403
    assert client.get(frozen_url(program)).status_code == 403
    assert not AccessLog.objects.exists()


def test_an_office_sees_its_own_programmes_only(client, eka, program, frozen, other_agency):
    client.force_login(eka)
    assert client.get(program.get_absolute_url()).status_code == 200
    assert client.get(frozen.get_absolute_url()).status_code == 200
    Program.objects.update(agency=other_agency)
    assert client.get(program.get_absolute_url()).status_code == 404
    assert client.get(frozen.get_absolute_url()).status_code == 404
    assert client.get(reverse("dashboard")).status_code == 403


def test_an_office_does_not_see_a_draft(client, eka, program, homes, fia):
    draft = build_target_list(program=program, by=fia, on=TODAY)
    client.force_login(eka)
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_only_the_secretariat_builds_and_approves(client, eka, fia, program, homes):
    client.force_login(eka)
    assert client.post(reverse("target-list-build", args=[program.pk])).status_code == 403
    client.force_login(fia)
    client.post(reverse("target-list-build", args=[program.pk]))
    jobs.run_pending()
    draft = program.target_lists.get()
    client.force_login(eka)
    assert client.post(reverse("target-list-approve", args=[draft.pk])).status_code == 403
    client.force_login(fia)
    client.post(reverse("target-list-approve", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.is_frozen


def test_the_household_page_says_why_in_and_why_not(client, fia, program, homes):
    client.force_login(fia)
    panels = client.get(homes[3].get_absolute_url()).context["panels"]
    assert [item["is_eligible"] for item in panels[0]["explained"]] == [False]
    assert [reason.is_met for reason in panels[0]["explained"][0]["reasons"]] == [False]


def test_the_dashboard_costs_the_same_for_every_number_of_households(
    client, fia, program, delivered, django_assert_num_queries
):
    client.force_login(fia)
    with django_assert_num_queries(14):
        client.get(reverse("dashboard"))


def frozen_url(program):
    return program.target_lists.get().get_absolute_url()


def test_asking_twice_builds_one_list(client, fia, program, homes):
    client.force_login(fia)
    for _twice in (1, 2):
        client.post(reverse("target-list-build", args=[program.pk]))
    assert client.get(program.get_absolute_url()).context["is_building"]
    assert jobs.run_pending() == 1
    assert program.target_lists.count() == 1


def test_why_no_list_was_built_is_said_on_the_page(client, fia, program, homes):
    program.criteria.all().delete()
    client.force_login(fia)
    client.post(reverse("target-list-build", args=[program.pk]))
    jobs.run_pending()
    page = client.get(program.get_absolute_url())
    assert page.context["job"].message in page.content.decode()
    assert "kriteria" in page.context["job"].message


def test_the_report_is_also_a_csv_and_refuses_unknown_parameters(client, fia, program, delivered):
    client.force_login(fia)
    text = client.get(reverse("report-file", args=["coordination", "csv"]), {"year": YEAR}).content.decode()
    assert "Tenggarong" in text
    assert client.get(reverse("report-data", args=["coordination"]), {"tahun": YEAR}).status_code == 400
    assert client.get(reverse("report-data", args=["no-such"])).status_code == 404
    assert client.get(reverse("report-file", args=["coordination", "csv"]), {"year": "x"}).status_code == 404


def test_the_report_is_closed_to_an_office(client, eka, program):
    client.force_login(eka)
    for name, args in (("report", ["coordination"]), ("report-file", ["coordination", "xlsx"])):
        assert client.get(reverse(name, args=args)).status_code == 403
    assert client.get(reverse("report-data", args=["coordination"])).status_code == 403


def test_a_verifiers_dashboard_counts_her_district_alone(client, village, program, delivered):
    """Every card agrees with the list that it opens, also for who sees one district."""
    client.force_login(factories.user("kec", Role.DISTRICT_VERIFIER, area=Area.objects.get(code="64.02.12")))
    page = client.get(reverse("dashboard"))
    assert [card["value"] for card in page.context["cards"]][:2] == [1, 1]
    assert page.context["lines"][0]["targeted"]["total"] == 0
    assert page.context["lines"][0]["paid"] is None
    for card in page.context["cards"]:
        assert client.get(card["url"]).context["page"].paginator.count == card["value"], card["label"]


def test_a_report_has_no_other_endings(client, fia, program):
    client.force_login(fia)
    assert client.get("/reports/coordination.pdf").status_code == 404


def test_the_list_says_why_each_is_on_it(client, fia, frozen):
    client.force_login(fia)
    page = client.get(frozen.get_absolute_url()).content.decode()
    assert "status kemiskinan: miskin" in page


def test_facts_are_told_in_words():
    facts = {"status": "poor", "toilet": 6, "household_size": 5, "gets_pkh": False, "decile": None}
    told = in_words(facts)
    assert told[0] == "status kemiskinan: miskin"
    assert told[2:4] == ["jumlah anggota rumah tangga: 5", "menerima PKH: tidak"]
    assert told[4].endswith(": belum dijawab")


def test_an_office_sees_its_own_programmes_and_approved_lists_only(
    client, eka, fia, program, other_agency, frozen
):
    other = make_program(other_agency, "nelayan")
    draft = build_target_list(program=program, by=fia, on=TODAY)
    seen = {}
    for user in (eka, fia):
        client.force_login(user)
        listed = client.get(reverse("program-list")).context["programs"]
        lists = client.get(reverse("program-detail", args=[program.pk])).context["lists"]
        seen[user] = ({each.pk for each in listed}, {each.pk for each in lists})
    assert seen == {
        eka: ({program.pk}, {frozen.pk}),
        fia: ({program.pk, other.pk}, {frozen.pk, draft.pk}),
    }


def test_a_list_counts_once_it_is_approved(fia, program, frozen):
    build_target_list(program=program, by=fia, on=TODAY)  # newer, and only a draft
    assert newest_frozen([program.pk]) == [frozen.pk]
    assert newest_rows(fia) == reverse("api-target-row-list", args=[frozen.pk]).rstrip("/")
