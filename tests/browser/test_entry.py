"""A village operator enters a household; a TKPK member reads the dashboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from households.models import Household, Member
from households.models.household import StatusChoice
from tests import factories
from tests.browser.conftest import shoot, sign_in

pytestmark = pytest.mark.browser


def test_a_village_operator_enters_a_household_through_the_forms(page: Page) -> None:
    sign_in(page, "desa")
    page.get_by_role("link", name="Rumah tangga baru").click()
    page.get_by_label("Nomor rumah tangga").fill("RT-017")
    page.get_by_label("Alamat").fill("Jalan Danau Semayang 12")
    page.get_by_label("RT", exact=True).fill("3")
    shoot(page, "entry-household")
    page.get_by_role("button", name="Simpan").first.click()

    page.get_by_role("link", name="Tambah keluarga").click()
    page.locator("#id_card_number").fill("9902 0601 0120 0001")
    page.get_by_role("button", name="Simpan").click()

    page.locator("#id_name").fill("Siti Sampel")
    page.locator("#id_nik").fill("9902.0657.0580.9001")
    page.locator("#id_sex").select_option("2")
    page.locator("#id_birth_date").fill("17 Mei 1980")
    page.locator("#id_household_relationship").select_option("1")
    page.locator("#id_family_relationship").select_option("1")
    shoot(page, "entry-member")
    page.locator(".action-bar button").first.click()

    page.get_by_role("link", name="Pendataan baru").click()
    head = Household.objects.get(number="RT-017").members.get()
    _answer(page, factories.POOR_ANSWERS | {"household_size": 1}, prefix="id_")
    _answer(page, factories.POOR_HEAD, prefix=f"id_member-{head.pk}-")
    page.evaluate("window.scrollTo(0, 0)")
    shoot(page, "entry-assessment")
    page.locator(".action-bar button").first.click()

    expect(page.locator(".status").first).to_contain_text(re.compile("sangat miskin", re.IGNORECASE))
    shoot(page, "household")
    assert Household.objects.get(number="RT-017").status == StatusChoice.VERY_POOR


def test_what_is_wrong_is_said_on_top_and_at_the_field(page: Page) -> None:
    sign_in(page, "desa")
    page.goto("/households/new/")
    page.get_by_role("button", name="Simpan").first.click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(page.locator("#id_number")).to_be_focused()
    assert page.title().startswith("Galat:")


def test_a_tkpk_member_opens_the_dashboard(page: Page) -> None:
    sign_in(page, "tkpk")
    page.goto("/dashboard/")
    households = Household.objects.active().count()
    expect(page.locator(".stat-value").first).to_have_text(f"{households:,}".replace(",", "."))
    expect(page.locator("main")).not_to_contain_text(Member.objects.active().heads().first().name)
    shoot(page, "dashboard")
    page.goto("/households/")
    expect(page.locator("body")).to_contain_text("403")


def _answer(page: Page, answers: dict[str, object], prefix: str) -> None:
    for name, value in answers.items():
        if isinstance(value, bool):
            page.locator(
                f"input[name='{(prefix + name).removeprefix('id_')}'][value='{'yes' if value else 'no'}']"
            ).check()
        elif page.locator(f"select#{prefix}{name}").count():
            page.locator(f"#{prefix}{name}").select_option(str(value))
        else:
            page.locator(f"#{prefix}{name}").fill(str(value))
