"""What an agency pulls: its own approved lists, as pages and files, and nothing else."""

import io
import json
from base64 import b64encode
from datetime import date

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from households.models.household import StatusChoice
from programs.services import approve_target_list, build_target_list, report_realisation
from registry.models import AccessLog
from registry.roles import Role
from registry.services import issue_token
from tests import factories

LISTS = "/api/v1/target-lists/"
PROGRAMS = "/api/v1/programs/"
REALISATIONS = "/api/v1/realisations/"
DAY = date(2026, 11, 1)
FILES = ("json", "csv", "xlsx")


def rows_address(target_list):
    return f"{LISTS}{target_list.pk}/rows/"


def file_address(target_list, kind):
    return f"{LISTS}{target_list.pk}/rows.{kind}"


def body_of(answer):
    return b"".join(answer.streaming_content)


def test_an_office_reads_its_own_programmes_and_lists_only(as_eka, frozen, others_list):
    assert [p["code"] for p in as_eka.get(PROGRAMS).json()["results"]] == ["baiki-rumah"]
    assert [found["id"] for found in as_eka.get(LISTS).json()["results"]] == [frozen.pk]
    assert as_eka.get(f"{LISTS}?program={others_list.program_id}").json()["results"] == []


def test_another_agencys_list_and_a_missing_one_are_the_same_404(as_eka, frozen, others_list):
    endings = ["/", "/rows/", "/changes/?since=1", *(f"/rows.{kind}" for kind in FILES)]
    for ending in endings:
        foreign = as_eka.get(f"{LISTS}{others_list.pk}{ending}")
        missing = as_eka.get(f"{LISTS}{others_list.pk + 999}{ending}")
        assert foreign.status_code == missing.status_code == 404, ending
        assert {**foreign.json(), "instance": ""} == {**missing.json(), "instance": ""}
    assert as_eka.get(f"{PROGRAMS}{others_list.program_id}/").status_code == 404
    assert not AccessLog.objects.exists()


def test_an_office_reads_no_households(as_eka, poor):
    for address in ("households", "members", "assessments", "statuses"):
        assert as_eka.get(f"/api/v1/{address}/").status_code == 403
    assert as_eka.get(f"/api/v1/households/{poor[0].pk}/").status_code == 403


def test_a_programme_tells_its_criteria_in_words(as_eka, program):
    shown = as_eka.get(f"{PROGRAMS}{program.pk}/", headers={"Accept-Language": "en"}).json()
    assert shown["criteria"][0]["sentence"] == "poverty status is poor or very poor"


def test_a_draft_is_for_those_who_may_build_it(client, eka, chi, fia, program, poor):
    draft = build_target_list(program=program, by=fia, on=DAY)
    for user, status in ((eka, 404), (chi, 404), (fia, 200)):
        client.force_login(user)
        assert client.get(f"{LISTS}{draft.pk}/").status_code == status
        assert client.get(file_address(draft, "csv")).status_code == status


def test_a_list_tells_where_its_rows_are(as_eka, frozen):
    shown = as_eka.get(f"{LISTS}{frozen.pk}/").json()
    assert (shown["version"], shown["row_count"], shown["sha256"]) == (1, 12, frozen.sha256)
    assert shown["rows"] == f"http://testserver{rows_address(frozen)}"
    assert shown["files"]["xlsx"] == f"http://testserver{file_address(frozen, 'xlsx')}"


def test_rows_come_in_rank_order_with_masked_numbers_and_names_of_places(as_eka, frozen, poor):
    first = as_eka.get(rows_address(frozen)).json()["results"][0]
    assert (first["rank"], first["household"], first["card_number"]) == (1, poor[0].pk, "990206******0001")
    assert (first["area_name"], first["district_name"]) == ("Timbau", "Tenggarong")
    nik = frozen.rows.first().nik.reveal()
    assert first["nik"] == f"{nik[:6]}******{nik[-4:]}"


def test_cursor_pages_walk_all_rows_exactly_once_while_another_list_grows(
    as_eka, frozen, fia, program, village
):
    seen, url = [], f"{rows_address(frozen)}?limit=5"
    while url:
        page = as_eka.get(url).json()
        seen += [row["rank"] for row in page["results"]]
        url = page["next"]
        factories.household(village, status=StatusChoice.POOR)
        build_target_list(program=program, by=fia, on=DAY)
    assert seen == list(range(1, 13))


@pytest.mark.parametrize("kind", FILES)
def test_a_file_holds_every_row_and_no_whole_identity_number(as_eka, frozen, kind):
    answer = as_eka.get(file_address(frozen, kind))
    assert answer.status_code == 200
    assert f'filename="baiki-rumah-2026-v1.{kind}"' in answer["Content-Disposition"]
    content = body_of(answer)
    if kind == "xlsx":
        sheets = load_workbook(io.BytesIO(content)).worksheets
        text = repr([[cell.value for cell in row] for sheet in sheets for row in sheet.iter_rows()])
    else:
        text = content.decode("utf-8-sig")
    for row in frozen.rows.all():
        assert row.nik.reveal() not in text
        assert str(row.nik) in text
    assert "9902061705800001" not in text


def test_the_workbook_keeps_numbers_as_text_and_says_where_it_comes_from(as_eka, frozen):
    answer = as_eka.get(file_address(frozen, "xlsx"), headers={"Accept-Language": "en"})
    workbook = load_workbook(io.BytesIO(body_of(answer)))
    sheet, about = workbook.worksheets
    headings = [cell.value for cell in sheet[1]]
    nik, name = headings.index("NIK (masked)"), headings.index("Name")
    assert sheet.max_row == 13
    for row in sheet.iter_rows(min_row=2):
        assert row[nik].data_type == "s"
        assert len(row[nik].value) == 16
        assert row[name].data_type == "s"
    assert sheet["A2"].value == 1
    assert '=HYPERLINK("http://x","klik")' in [row[name].value for row in sheet.iter_rows(min_row=2)]
    facts = {row[0].value: row[1].value for row in about.iter_rows(min_row=2)}
    assert facts["SHA-256 of the list"] == frozen.sha256
    assert (facts["Version"], facts["Rows in this file"], facts["Purpose"]) == (1, 12, "Verifikasi rumah")
    assert "WITA" in facts["Fetched"]
    assert "eka" in facts["Fetched"]


def test_the_csv_opens_in_indonesian_excel(as_eka, frozen):
    content = body_of(as_eka.get(file_address(frozen, "csv")))
    assert content.startswith(b"\xef\xbb\xbf")
    heading, first, *rest = content.decode("utf-8-sig").splitlines()
    assert heading.count(";") == first.count(";") == 14
    assert len(rest) == 11
    assert "\"'=HYPERLINK(" in first


def test_the_json_file_has_the_same_keys_as_a_page(as_eka, frozen):
    whole = json.loads(body_of(as_eka.get(file_address(frozen, "json"))))
    page = as_eka.get(rows_address(frozen)).json()
    assert len(whole["rows"]) == 12
    assert whole["about"]
    for file_row, page_row in zip(whole["rows"], page["results"], strict=True):
        assert file_row == {key: page_row[key] for key in file_row}


def test_excel_fetches_the_workbook_with_basic(client, eka, frozen):
    _token, key = issue_token(by=eka, name="excel", purpose="uji", expires_on=timezone.localdate())
    assert client.get(file_address(frozen, "xlsx")).status_code == 401
    basic = "Basic " + b64encode(f"excel:{key}".encode()).decode()
    answer = client.get(file_address(frozen, "xlsx"), headers={"Authorization": basic, "Accept": "text/html"})
    assert answer.status_code == 200
    assert AccessLog.objects.get().token.name == "excel"


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 12), ("area=64.02.06", 12), ("area=64.02.12", 0), ("status=poor", 12), ("status=very_poor", 0)],
)
def test_pages_and_files_take_the_same_filters(as_eka, frozen, query, count):
    assert len(as_eka.get(f"{rows_address(frozen)}?{query}").json()["results"]) == count
    whole = json.loads(body_of(as_eka.get(f"{file_address(frozen, 'json')}?{query}")))
    assert len(whole["rows"]) == count


@pytest.mark.parametrize(
    "query", ["nik=9902061705800001", "household__members__name=x", "kecamatan=64.02.06"]
)
def test_unknown_parameters_are_refused_by_pages_and_files(as_eka, frozen, query):
    for address in (rows_address(frozen), *(file_address(frozen, kind) for kind in FILES)):
        assert as_eka.get(f"{address}?{query}").status_code == 400
    assert as_eka.get(f"{file_address(frozen, 'csv')}?limit=5").status_code == 400
    assert not AccessLog.objects.exists()


def test_an_approved_list_is_not_sent_twice(as_eka, frozen):
    tag = f'"{frozen.pk}-1"'
    for address in (f"{LISTS}{frozen.pk}/", rows_address(frozen), *(file_address(frozen, k) for k in FILES)):
        assert as_eka.get(address)["ETag"] == tag
        readings = AccessLog.objects.count()
        answer = as_eka.get(address, headers={"If-None-Match": tag})
        assert (answer.status_code, answer["ETag"], answer.content) == (304, tag, b"")
        assert AccessLog.objects.count() == readings
        assert as_eka.get(address, headers={"If-None-Match": '"0-0"'}).status_code == 200


def test_a_draft_has_no_etag(client, fia, program, poor):
    draft = build_target_list(program=program, by=fia, on=DAY)
    client.force_login(fia)
    assert not client.get(rows_address(draft)).has_header("ETag")


def test_every_route_that_shows_recipients_writes_one_reading(as_eka, frozen, poor, eka):
    report_realisation(
        target_row=frozen.rows.first(), outcome="refused", realised_on=DAY, reference="1", by=eka
    )
    addresses = [rows_address(frozen), *(file_address(frozen, kind) for kind in FILES)]
    for number, address in enumerate(addresses, start=1):
        as_eka.get(address)
        assert AccessLog.objects.count() == number
        reading = AccessLog.objects.first()
        assert set(reading.household_ids) == {home.pk for home in poor}
        assert (reading.purpose, reading.token.name, reading.role) == (
            "Verifikasi rumah",
            "skrip",
            Role.AGENCY_OFFICE,
        )
    as_eka.get(REALISATIONS)
    assert AccessLog.objects.count() == len(addresses) + 1


def test_changes_tell_who_came_who_left_and_what_differs(as_eka, frozen, program, poor, village, fia, ana):
    newcomer = factories.household(village, status=StatusChoice.VERY_POOR)
    factories.assessment(newcomer, ana, **factories.POOR_ANSWERS)
    type(poor[1]).objects.filter(pk=poor[1].pk).update(status=StatusChoice.NOT_POOR)
    type(poor[2]).objects.filter(pk=poor[2].pk).update(decile=9)
    newer = approve_target_list(target_list=build_target_list(program=program, by=fia, on=DAY), by=fia)
    told = as_eka.get(f"{LISTS}{newer.pk}/changes/?since=1").json()
    assert (told["since"], told["version"]) == (1, 2)
    assert [row["household"] for row in told["added"]] == [newcomer.pk]
    assert [row["household"] for row in told["removed"]] == [poor[1].pk]
    (changed,) = told["changed"]
    assert (changed["row"]["household"], changed["fields_changed"]) == (poor[2].pk, ["decile"])
    assert "******" in told["added"][0]["nik"]
    assert set(AccessLog.objects.get().household_ids) == {newcomer.pk, poor[1].pk, poor[2].pk}


@pytest.mark.parametrize(
    "query", ["", "since=", "since=1", "since=0", "since=-1", "since=x", "since=1&sejak=1"]
)
def test_changes_need_an_earlier_version(as_eka, frozen, query):
    assert as_eka.get(f"{LISTS}{frozen.pk}/changes/?{query}").status_code == 400


def test_a_new_token_shows_the_address_of_the_offices_newest_list(client, eka, frozen, others_list):
    client.force_login(eka)
    form = {"name": "excel", "purpose": "uji", "expires_on": f"{timezone.localdate():%d/%m/%Y}"}
    page = client.post("/access/new/", form).content.decode()
    assert f"http://testserver{file_address(frozen, 'xlsx')}" in page
    assert f"/target-lists/{others_list.pk}/" not in page


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        (PROGRAMS, 4),  # token, programmes, criteria, quotas
        (LISTS, 2),  # token, lists
        ("rows/", 4),  # token, list, rows, reading
        ("rows.json", 4),
        ("rows.csv", 4),
        ("rows.xlsx", 4),
    ],
)
def test_twelve_rows_cost_what_one_costs(as_eka, frozen, address, queries, django_assert_num_queries):
    address = f"{LISTS}{frozen.pk}/{address}" if address.startswith("rows") else address
    as_eka.get(LISTS)  # notes the use of the token, once a minute
    with django_assert_num_queries(queries):
        answer = as_eka.get(address)
        assert answer.status_code == 200
