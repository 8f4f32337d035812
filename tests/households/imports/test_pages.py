"""The pages of the import: who may open them, what they show, and what they cost."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from households.imports import confirm, request_confirm
from households.models import Household, ImportBatch, ImportRow
from registry import jobs
from registry.models import AccessLog, Job
from registry.roles import Role
from tests import factories
from tests.households.imports.files import home, nik

pytestmark = pytest.mark.django_db


@pytest.fixture
def english_client(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def as_ana(english_client, ana):
    english_client.force_login(ana)
    return english_client


def page(client, batch, query="") -> str:
    response = client.get(batch.get_absolute_url() + query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_file_goes_from_the_form_through_the_worker_into_the_registry(as_ana, village, files):
    content = files.write(home(1)).read_bytes()
    answer = as_ana.post(reverse("import-list"), {"workbook": SimpleUploadedFile("desa.xlsx", content)})
    batch = ImportBatch.objects.get()
    assert answer["Location"] == batch.get_absolute_url()
    assert batch.file_name == "desa.xlsx"
    assert "data-poll" in page(as_ana, batch)
    jobs.run_pending()
    assert "4 rows read = 4 new + 0 changed + 0 same + 0 rejected" in page(as_ana, batch)
    as_ana.post(reverse("import-confirm", args=[batch.pk]))
    assert "data-poll" in page(as_ana, batch)
    jobs.run_pending()
    assert Household.objects.get().number == "RT-001"
    assert "data-poll" not in page(as_ana, batch)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [("desa.csv", b"a;b", "ends in .xlsx"), ("desa.xlsx", b"", "empty"), (None, None, "Choose the workbook")],
)
def test_what_need_not_be_opened_is_turned_away_at_the_form(as_ana, name, content, told):
    data = {"workbook": SimpleUploadedFile(name, content)} if name else {}
    assert told in as_ana.post(reverse("import-list"), data).content.decode()
    assert not ImportBatch.objects.exists()


def test_a_file_over_the_limit_is_turned_away(as_ana, settings, files):
    settings.UPLOAD_MAX_BYTES = 1024
    data = {"workbook": SimpleUploadedFile("desa.xlsx", files.write(home(1)).read_bytes())}
    assert "larger than" in as_ana.post(reverse("import-list"), data).content.decode()


def test_errors_are_grouped_and_also_listed_one_by_one_with_sheet_row_and_column(as_ana, ana, files):
    batch = files.check(files.write(*(home(serial, rt="RT/RW") for serial in range(1, 6))), ana)
    shown = page(as_ana, batch)
    assert "2–6" in shown
    for row in range(2, 7):
        assert f"Households, row {row}" in shown
    assert shown.count("Write the number alone") == 1 + 5
    assert "15 more rows" in shown


def test_the_preview_shows_what_would_change_in_words(as_ana, ana, files):
    files.take_in(files.write(home(1)), ana)
    batch = files.check(files.write(home(1, floor=1, address="Jalan Baru")), ana)
    shown = page(as_ana, batch, "?show=changed")
    assert "Jalan Mawar 1 → Jalan Baru" in shown
    assert "8 - " in shown
    assert "→ 1 - " in shown


def test_no_page_shows_an_identity_number(as_ana, ana, files):
    number, (head, second, third) = home(1)
    files.take_in(files.write((number, [head, second | {"nik": None, "nik_missing": "infant"}, third])), ana)
    bad = home(2)[0], [row | {"nik": nik(55)} for row in home(2)[1]]
    batch = files.check(files.write((number, [head, second, third]), bad), ana)
    for show in ("", "?show=errors", "?show=changed", "?show=same", "?show=rejected", "?show=warnings"):
        shown = page(as_ana, batch, show)
        for serial in (11, 12, 13, 55):
            assert nik(serial) not in shown
    assert "990206******0012" in page(as_ana, batch, "?show=changed")


def test_a_page_that_shows_registered_people_is_a_reading(as_ana, ana, files):
    files.take_in(files.write(home(1)), ana)
    batch = files.check(files.write(home(1, water=1)), ana)
    page(as_ana, batch, "?show=changed")
    reading = AccessLog.objects.get()
    assert (reading.route, reading.household_ids) == ("import-detail", [Household.objects.get().pk])
    assert not reading.is_full


def test_a_page_of_people_who_are_new_is_a_reading_too(as_ana, ana, files):
    batch = files.check(files.write(home(1), home(2)), ana)
    page(as_ana, batch, "?show=new")
    reading = AccessLog.objects.get()
    assert (reading.subject, reading.household_ids) == (f"importbatch:{batch.pk}", [])
    assert reading.record_count == batch.rows_new == 8


def test_the_rejected_rows_come_back_whole_and_that_is_recorded(as_ana, ana, files):
    files.take_in(files.write(home(1)), ana)
    batch = files.check(files.write(home(1, floor=99), home(2)), ana)
    answer = as_ana.get(reverse("import-rejected", args=[batch.pk]))
    workbook = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert [sheet.max_row for sheet in workbook][1:3] == [2, 4]
    assert "attachment" in answer["Content-Disposition"]
    assert AccessLog.objects.get().is_full


def test_the_first_workbook_of_an_hour_comes_whole_and_the_next_when_numbers_are_left(
    as_ana, ana, household, files, settings
):
    batch = files.check(files.write(home(1, floor=99)), ana)
    address = reverse("import-rejected", args=[batch.pk])
    settings.FULL_VIEWS_PER_HOUR = 1
    reason, number = {"reason": "dicocokkan dengan kartu"}, household.members.get()
    assert as_ana.post(reverse("member-number", args=[number.pk]), reason).status_code == 200
    assert as_ana.get(address).status_code == 200, "without it nobody could mend a large file"
    refused = as_ana.get(address)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert [view.record_count for view in AccessLog.objects.filter(is_full=True).order_by("pk")] == [1, 4]
    settings.FULL_VIEWS_PER_HOUR = 6
    assert [as_ana.get(address).status_code for _time in range(2)] == [200, 429]


def test_the_rejected_rows_are_for_whoever_uploaded_them(as_ana, ana, ida, files):
    """The social office sees the import, and numbers in full one by one, each for a reason."""
    batch = files.check(files.write(home(1, floor=99)), ana)
    Job.objects.update(state=Job.State.DONE)
    client = Client()
    client.force_login(ida)
    assert client.get(batch.get_absolute_url()).status_code == 200
    assert reverse("import-rejected", args=[batch.pk]) not in page(client, batch)
    assert client.get(reverse("import-rejected", args=[batch.pk])).status_code == 403
    assert reverse("import-rejected", args=[batch.pk]) in page(as_ana, batch)


def test_a_batch_without_rejected_rows_has_no_such_file(as_ana, ana, files):
    batch = files.check(files.write(home(1)), ana)
    assert as_ana.get(reverse("import-rejected", args=[batch.pk])).status_code == 404


def test_the_template_is_downloaded_as_a_workbook(as_ana):
    answer = as_ana.get(reverse("import-template"))
    assert "Members" in load_workbook(io.BytesIO(b"".join(answer.streaming_content))).sheetnames


def test_the_same_file_uploaded_before_is_recognised(as_ana, ana, files):
    path = files.write(home(1))
    first, second = files.check(path, ana), files.check(path, ana)
    assert "uploaded before" not in page(as_ana, first)
    shown = page(as_ana, second)
    assert "uploaded before" in shown
    assert first.get_absolute_url() in shown


def test_a_refused_file_says_why(as_ana, ana, tmp_path, files):
    (tmp_path / "x.xlsx").write_bytes(b"<html></html>")
    batch = files.upload(tmp_path / "x.xlsx", ana)
    jobs.run_pending()
    assert "saved with the name of an Excel file" in page(as_ana, batch)


def test_a_failed_job_is_said_and_a_file_with_nothing_new_cannot_be_confirmed(as_ana, ana, files):
    batch = files.check(files.write(home(1)), ana)
    Job.objects.filter(pk=batch.job.pk).update(state=Job.State.FAILED)
    assert "The work has stopped" in page(as_ana, batch)
    confirm(batch, by=ana)
    answer = as_ana.post(reverse("import-confirm", args=[batch.pk]), follow=True)
    assert "not waiting for confirmation" in answer.content.decode()


def test_rows_are_seen_by_whoever_sees_their_workbook(ana, ben, chi, dee, files):
    files.check(files.write(home(1)), ana)
    seen = {user.username: ImportRow.objects.visible_to(user).count() for user in (ana, ben, chi, dee)}
    assert seen == {"ana": 4, "ben": 0, "chi": 4, "dee": 0}


def test_another_users_batch_is_404_on_every_page(english_client, ana, ben, files):
    batch = files.check(files.write(home(1, floor=99)), ana)
    english_client.force_login(ben)
    assert english_client.get(batch.get_absolute_url()).status_code == 404
    assert english_client.get(reverse("import-rejected", args=[batch.pk])).status_code == 404
    assert english_client.post(reverse("import-confirm", args=[batch.pk])).status_code == 404
    assert batch.file_name not in english_client.get(reverse("import-list")).content.decode()


def test_the_social_office_sees_and_confirms_every_upload(english_client, ana, files):
    office = factories.user("dinsos", Role.SOCIAL_OFFICE)
    batch = files.check(files.write(home(1)), ana)
    english_client.force_login(office)
    assert english_client.post(reverse("import-confirm", args=[batch.pk])).status_code == 302
    jobs.run_pending()
    assert Household.objects.count() == 1


@pytest.mark.parametrize(("who", "may_read"), [("chi", 200), ("fia", 200), ("dee", 403), ("eka", 403)])
def test_who_may_not_import_may_read_at_most(english_client, who, may_read, request, ana, files):
    batch = files.check(files.write(home(1, floor=99)), ana)
    english_client.force_login(request.getfixturevalue(who))
    assert english_client.get(reverse("import-list")).status_code == may_read
    assert english_client.get(reverse("import-detail", args=[batch.pk])).status_code == may_read
    assert english_client.post(reverse("import-list")).status_code == 403
    assert english_client.get(reverse("import-template")).status_code == 403
    assert english_client.get(reverse("import-rejected", args=[batch.pk])).status_code == 403
    assert english_client.post(reverse("import-confirm", args=[batch.pk])).status_code == 403


def test_a_confirmation_is_never_a_link(as_ana, ana, files):
    batch = files.check(files.write(home(1)), ana)
    assert as_ana.get(reverse("import-confirm", args=[batch.pk])).status_code == 405


def test_a_strange_tab_or_page_number_shows_the_first(as_ana, ana, files):
    batch = files.check(files.write(home(1)), ana)
    page(as_ana, batch, "?show=%27&page=-1")
    page(as_ana, batch, "?show=new&page=99")


def test_the_pages_cost_the_same_for_many_rows(as_ana, ana, files, django_assert_num_queries):
    batch = files.check(files.write(*(home(serial, floor=99) for serial in range(1, 11))), ana)
    for _ in range(9):
        files.upload(files.write(home(1)), ana)
    with django_assert_num_queries(4):
        as_ana.get(reverse("import-list"))
    with django_assert_num_queries(11):
        as_ana.get(batch.get_absolute_url())


def test_a_confirmation_under_way_is_not_asked_for_twice(as_ana, ana, files):
    batch = files.check(files.write(home(1)), ana)
    request_confirm(batch, by=ana)
    as_ana.post(reverse("import-confirm", args=[batch.pk]))
    assert Job.objects.filter(name="confirm_import").count() == 1
