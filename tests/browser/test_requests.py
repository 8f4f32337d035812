"""A request from the household's page to the decision, by keyboard-reachable controls, on a phone's width."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from households.models import Household, SubjectRequest
from programs.seeding.users import VILLAGE
from tests.browser.conftest import shoot, sign_in
from tests.browser.test_access import RULES

pytestmark = pytest.mark.browser


def is_fine(page: Page, name: str) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    shoot(page, name)


def test_an_objection_is_recorded_by_the_village_and_decided_in_the_district(
    page: Page, demo, context
) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    household = (
        Household.objects.filter(area=VILLAGE, closed_on=None).exclude(current_assessment=None).first()
    )
    sign_in(page, "desa")
    page.goto(f"/households/{household.pk}/requests/new/")
    page.locator("input[name=kind][value=objection]").check()
    page.locator("#id_asker").fill("Siti Sampel")
    page.locator("#id_asked").fill("Rumah kami bocor dan tidak ada pekerjaan tetap.")
    is_fine(page, "request-form")
    page.locator("main form button.button-primary").click()
    page.wait_for_url("**/requests/*/")
    is_fine(page, "request-waiting")
    page.goto(f"/households/{household.pk}/")
    assert page.locator(".notice-warning a").count() == 1
    is_fine(page, "household-objected")

    context.clear_cookies()
    sign_in(page, "kecamatan")
    page.goto("/requests/")
    is_fine(page, "requests-waiting")
    page.locator("main tbody th a").first.click()
    page.locator("input[name=decision][value=granted]").check()
    page.locator("#id_outcome").fill("Rumah tangga didata ulang besok.")
    is_fine(page, "request-decide")
    page.locator("main form button.button-primary").click()
    page.wait_for_selector(".flashes .notice-success")
    is_fine(page, "request-decided")
    assert SubjectRequest.objects.get().state == "granted"
