"""A real browser against the live server, over a small invented Kukar."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from households.seeding.schemes import ensure_schemes
from registry.models import Agency, Area, User
from registry.roles import Role
from tests import chromium, factories

# Playwright's loop runs in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENSHOTS = ROOT / os.environ.get("SIMPUL_SCREENSHOTS", ".local/screenshots")
PASSWORD = "a long password"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = chromium.find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, live_server) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=live_server.url,
        locale="id-ID",
        timezone_id="Asia/Makassar",
        viewport={"width": 1440, "height": 1000},
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def kukar(transactional_db) -> dict[str, User]:
    """All of Kukar's areas, 300 invented households, and one user for each role that the tests need."""
    call_command("load_areas", ROOT / "registry/data/kukar_areas.csv", verbosity=0)
    ensure_schemes()
    call_command("seed", households=300, verbosity=0)
    agency = Agency.objects.create(code="disperkim", name="Dinas Perumahan", short_name="Disperkim")
    village = Area.objects.get(code="64.02.06.1001")
    return {
        "desa": factories.user("desa", Role.VILLAGE_OPERATOR, area=village),
        "bappeda": factories.user("bappeda", Role.SECRETARIAT),
        "tkpk": factories.user("tkpk", Role.TKPK_MEMBER),
        "disperkim": factories.user("disperkim", Role.AGENCY_OFFICE, agency=agency),
    }


def sign_in(page: Page, username: str) -> None:
    page.goto("/login/")
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
