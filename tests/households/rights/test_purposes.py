"""What is processed and why is said once, in code; register, notice and access log agree with it."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from households.rights.retention import PERIODS
from registry.models import AccessLog
from registry.purposes import LEGAL_DUTY, PUBLIC_TASK, PURPOSES, purpose_of

ROOT = Path(__file__).resolve().parents[3]
NOTICE = (ROOT / "docs/notice.id.md").read_text()
CODES = {purpose.code for purpose in PURPOSES}
KEPT = {period.code for period in PERIODS}


def stated_purposes():
    """Of every call of record_reading, what its purpose begins with: (where, text or None)."""
    for room in ("registry", "households", "programs"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "record_reading":
                    continue
                (purpose,) = [keyword.value for keyword in node.keywords if keyword.arg == "purpose"]
                yield pytest.param(purpose, id=f"{path.relative_to(ROOT)}:{node.lineno}")


def beginning_of(node):
    """Of a literal, of gettext_noop of one, of an f-string; ``None`` of what a method gives."""
    if isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    if isinstance(node, ast.JoinedStr):
        node = node.values[0]
    return node.value if isinstance(node, ast.Constant) else None


@pytest.mark.parametrize("node", list(stated_purposes()))
def test_every_reading_belongs_to_a_purpose_of_the_list(node):
    text = beginning_of(node)
    if text is None:
        # The one place that is not a literal: an agency's token, whose purpose its owner wrote.
        assert ast.unparse(node) == "self.purpose()"
    else:
        assert purpose_of(text), text


def test_the_search_finds_the_readings():
    assert len(list(stated_purposes())) >= 10
    assert purpose_of("household page").code == "registration"
    assert purpose_of("something else") is None


def test_a_reading_by_the_api_without_a_token_is_a_delivery(client, ana, household):
    client.force_login(ana)
    client.get(reverse("api-household-list"))
    assert purpose_of(AccessLog.objects.get().purpose).code == "delivery"


@pytest.mark.parametrize("purpose", PURPOSES, ids=lambda purpose: purpose.code)
def test_a_purpose_says_everything_that_the_register_needs(purpose):
    assert purpose.basis in (PUBLIC_TASK, LEGAL_DUTY)
    assert purpose.data
    assert purpose.recipients
    assert set(purpose.kept) <= KEPT
    assert purpose.kept


def test_every_class_of_data_serves_a_purpose():
    assert {code for purpose in PURPOSES for code in purpose.kept} == KEPT


def test_each_class_of_data_ends_or_says_why_not():
    assert len(KEPT) == len(PERIODS)
    assert {period.code for period in PERIODS if period.keep is None} == {"active", "tombstones"}
    for period in PERIODS:
        assert bool(period.keep) == bool(period.rows) == bool(period.remove) == bool(period.since)


def test_the_register_in_the_documents_is_that_of_the_code(capsys):
    call_command("processing_register")
    assert capsys.readouterr().out == (ROOT / "docs/register-of-processing.md").read_text()
    assert all(f"`{code}`" in (ROOT / "docs/register-of-processing.md").read_text() for code in CODES | KEPT)


def test_the_printed_notice_names_every_purpose_and_every_class():
    assert set(re.findall(r"<!-- purpose: ([\w-]+) -->", NOTICE)) == CODES
    assert set(re.findall(r"<!-- period: ([\w-]+) -->", NOTICE)) == KEPT


def test_the_printed_notice_says_the_same_periods_as_the_table():
    lines = NOTICE.splitlines()
    with translation.override("en"):
        for period in PERIODS:
            (line,) = [line for line in lines if f"period: {period.code} " in line]
            number = re.search(r"\d+", period.time)
            assert number is None or f"| {number[0]} " in line, period.code


def test_the_page_of_the_notice_is_open_to_everybody_and_says_every_purpose(client):
    page = client.get(reverse("privacy-notice"))
    assert page.status_code == 200
    text = page.content.decode()
    assert set(re.findall(r'data-purpose="([\w-]+)"', text)) == CODES
    assert text.count("<tr>") == len(PERIODS) + 1


def test_every_page_links_to_the_notice(client, ana, household):
    client.force_login(ana)
    for address in (reverse("household-list"), household.get_absolute_url()):
        assert f'href="{reverse("privacy-notice")}"' in client.get(address).content.decode()
    client.logout()
    assert f'href="{reverse("privacy-notice")}"' in client.get(reverse("login")).content.decode()


def test_the_officer_to_ask_is_named_when_the_regency_has_one(client, settings, db):
    settings.DATA_PROTECTION_CONTACT = "Ibu Sampel, 0541 000 000"
    assert "Ibu Sampel, 0541 000 000" in client.get(reverse("privacy-notice")).content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_notice_is_only_read(client, method):
    assert getattr(client, method)(reverse("privacy-notice")).status_code == 405
