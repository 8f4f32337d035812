"""A real browser against the demo: all of Kukar, invented households, programmes, lists and a messy workbook.

The demo is filled once for all browser tests, which therefore run apart from the others (``-m browser``).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from programs.seeding.users import DEMO_PASSWORD
from tests import chromium

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENSHOTS = ROOT / os.environ.get("SIMPUL_SCREENSHOTS", ".local/screenshots")
HOUSEHOLDS = 1_200


@pytest.fixture(scope="session")
def demo(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[str]:
    """The address of the served demo."""
    from django.conf import settings

    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media") / "files"
    with django_db_blocker.unblock():
        call_command("demo", "--no-serve", "--households", str(HOUSEHOLDS), verbosity=0)
        server = LiveServer("localhost")
        yield server.url
        server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright's loop runs in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    executable = chromium.find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, demo: str) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=demo,
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


def sign_in(page: Page, username: str) -> None:
    page.goto("/login/")
    page.locator("#id_username").fill(username)
    page.locator("#id_password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
