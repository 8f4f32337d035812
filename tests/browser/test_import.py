"""A village operator sends a messy workbook, sees every error, and confirms what is right."""

import pytest
from playwright.sync_api import Page, expect

from households.imports import fill_template
from households.models import ImportBatch
from registry import jobs
from tests.browser.conftest import sign_in
from tests.households.imports.files import home

pytestmark = pytest.mark.browser


def test_errors_are_shown_where_they_are_and_the_good_rows_go_in(page: Page, tmp_path) -> None:
    homes = [home(serial) for serial in (901, 902)]
    for row, _people in homes:
        row["village"] = "Rapak Lambur"
    homes[1][1][0]["birth_date"] = "30 Februari 1980"
    workbook = tmp_path / "desa.xlsx"
    fill_template(
        workbook, [row for row, _people in homes], [person for _row, people in homes for person in people]
    )

    sign_in(page, "desa")
    page.goto("/imports/")
    page.locator("input[type=file]").set_input_files(workbook)
    page.locator("main form button").first.click()
    jobs.run_pending()
    page.reload()
    expect(page.locator("main")).to_contain_text("Tanggal lahir")
    expect(page.locator("main")).to_contain_text("Anggota")
    page.locator("form[action$='/confirm/'] button").click()
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.locator("dialog[open] button[value=yes]").click()
    jobs.run_pending()
    batch = ImportBatch.objects.first()
    assert (batch.state, batch.rows_new, batch.rows_rejected) == (ImportBatch.State.CONFIRMED, 4, 4)
