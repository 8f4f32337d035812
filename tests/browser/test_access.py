"""Every main page: WCAG 2.2 AA by axe, no sideways scroll at 320 px, no request to another host."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from households.models import Household, Member
from registry.models import User
from tests.browser.conftest import shoot, sign_in

pytestmark = pytest.mark.browser

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
PAGES = [
    ("desa", "/households/", "households"),
    ("desa", "/households/new/", "household-form"),
    ("desa", "/imports/", "imports"),
    ("desa", "/imports/1/", "import"),
    ("desa", "/requests/", "requests"),
    ("desa", "/notice/", "notice"),
    ("bappeda", "/dashboard/", "dashboard-secretariat"),
    ("bappeda", "/members/?nik=missing", "people-without-nik"),
    ("bappeda", "/programs/", "programs"),
    ("bappeda", "/programs/1/", "program"),
    ("bappeda", "/target-lists/1/", "target-list"),
    ("bappeda", "/reports/coordination/", "coordination-report"),
    ("disperkim", "/access/", "tokens"),
    ("desa", "/account/", "account"),
    ("desa", "/account/password/", "password"),
    ("desa", "/account/second-factor/setup/", "second-factor-setup"),
]


@pytest.mark.parametrize(("username", "address", "name"), PAGES, ids=lambda value: str(value))
def test_a_main_page_is_accessible_and_fits_a_phone(page: Page, demo, username, address, name) -> None:
    hosts: set[str] = set()
    refused: list[str] = []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("console", lambda message: refused.append(message.text) if "Refused" in message.text else None)
    sign_in(page, username)
    page.goto(address)
    shoot(page, name)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    shoot(page, f"{name}-phone")
    assert refused == []
    assert hosts == {demo.split("/")[2]}


def test_the_page_of_a_household_is_accessible_and_fits_a_phone(page: Page) -> None:
    sign_in(page, "bappeda")
    page.goto(Household.objects.exclude(current_assessment=None).first().get_absolute_url())
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/households/household/add/", "/admin/programs/program/1/change/", "/api/"]
)
def test_what_others_wrote_works_within_its_policy(page: Page, demo, address) -> None:
    refused: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: refused.append(message.text) if "Refused" in message.text else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    sign_in(page, "admin")
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert refused == []
    assert hosts == {demo.split("/")[2]}


def test_a_full_number_is_asked_for_with_a_reason(page: Page) -> None:
    area = User.objects.get(username="desa").area
    member = Member.objects.active().filter(area=area).exclude(nik_index="").first()
    sign_in(page, "desa")
    page.goto(f"/members/{member.pk}/change/")
    assert page.get_by_text(str(member.nik)).count() == 1
    page.locator(f"a[href='/members/{member.pk}/number/']").click()
    for _page in ("asked", "answered"):
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        if _page == "asked":
            assert page.get_by_text(member.nik.reveal()).count() == 0
            page.get_by_label("Alasan").fill("dicocokkan dengan kartu")
            page.locator("form.form button").click()
    assert page.get_by_text(member.nik.reveal()).count() == 1
