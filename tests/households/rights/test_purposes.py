"""What is processed and why is said once, in code; register, notice and access log agree with it."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import get_resolver, reverse
from django.utils import translation

from households.management.commands import breach_report, subject_report
from households.rights.retention import PERIODS, FilePeriod
from registry.models import AccessLog
from registry.purposes import LEGAL_DUTY, PUBLIC_TASK, PURPOSES, purpose_of

ROOT = Path(__file__).resolve().parents[3]
NOTICE = (ROOT / "docs/notice.id.md").read_text()
CODES = {purpose.code for purpose in PURPOSES}
KEPT = {period.code for period in PERIODS}


# What writes a reading, and what passes one on.
RECORDERS = {"record_reading", "log_reading", "_record", "record_full_view"}
# Calls that state no purpose of their own: they hand on what they were given.
HAND_ON = {
    ("registry/audit.py", "log_reading(purpose=purpose)"),
    ("registry/audit.py", "record_reading(purpose=reason)"),
    ("households/admin/base.py", "record_reading(**about)"),
}
# A person typed the purpose: the row of the log is known by its page or command.
TYPED = {
    ("registry/api/viewsets.py", "self.purpose()"): ["api-household-list", "api-member-list"],
    ("households/views/numbers.py", "reason"): ["member-number", "family-number"],
    ("households/management/commands/subject_report.py", "why"): [subject_report.ROUTE],
    ("households/management/commands/breach_report.py", "why"): [breach_report.ROUTE],
}


def calls():
    """Every call that writes a reading: (file, name, node)."""
    for room in ("registry", "households", "programs"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                name = getattr(node.func, "id", getattr(node.func, "attr", "")) if is_call(node) else ""
                if name in RECORDERS:
                    yield str(path.relative_to(ROOT)), name, node


def is_call(node):
    return isinstance(node, ast.Call)


def stated_purposes():
    """The purpose of every reading, as it is written in the code: (file, node)."""
    for path, name, node in calls():
        stated = [keyword for keyword in node.keywords if keyword.arg in ("purpose", "reason")]
        passed = [keyword for keyword in node.keywords if keyword.arg is None]
        (keyword,) = stated or passed or [None]
        if keyword is None:
            # The recorder of one page: its only purpose stands in the function itself.
            assert (path, name) == ("households/views/requests.py", "_record"), f"{path}:{node.lineno}"
            continue
        words = ast.unparse(keyword.value)
        call = f"{name}({'**' if keyword.arg is None else f'{keyword.arg}='}{words})"
        if (path, call) not in HAND_ON:
            yield pytest.param(path, keyword.value, id=f"{path}:{node.lineno}")


def beginning_of(node):
    """Of a literal, of gettext_noop of one, of an f-string; ``None`` of what a method gives."""
    if isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    if isinstance(node, ast.JoinedStr):
        node = node.values[0]
    return node.value if isinstance(node, ast.Constant) else None


@pytest.mark.parametrize(("path", "node"), list(stated_purposes()))
def test_every_reading_belongs_to_a_purpose_of_the_list(path, node):
    text = beginning_of(node)
    if text is None:
        assert all(purpose_of("kata petugas", route) for route in TYPED[path, ast.unparse(node)])
    else:
        assert purpose_of(text), text


def test_the_search_finds_the_readings_and_nothing_it_expects_is_gone():
    found = [param.values for param in stated_purposes()]
    assert len(found) >= 15
    typed = {(path, ast.unparse(node)) for path, node in found if beginning_of(node) is None}
    assert typed == set(TYPED)


def test_every_beginning_in_the_list_is_one_that_some_page_writes():
    written = {beginning_of(param.values[1]) for param in stated_purposes()} - {None}
    written.add("API, signed in as a user")  # seen in the row that it writes, below
    readings = [beginning for purpose in PURPOSES for beginning in purpose.readings]
    assert unused(readings, written) == []
    names = [name for name in get_resolver().reverse_dict if isinstance(name, str)]
    names += [subject_report.ROUTE, breach_report.ROUTE]
    routes = [beginning for purpose in PURPOSES for beginning in purpose.routes]
    assert unused(routes, names) == []


def unused(beginnings, texts):
    return [beginning for beginning in beginnings if not any(text.startswith(beginning) for text in texts)]


def test_a_purpose_is_found_by_its_words_or_by_its_page_and_what_was_typed_deceives_nobody():
    assert purpose_of("household page").code == "registration"
    assert purpose_of("household page", "api-target-row-list").code == "delivery"
    assert purpose_of("household page", "manage.py breach_report").code == "protection"
    assert purpose_of("something else") is None
    assert purpose_of("something else", "household-list") is None


def test_a_number_in_full_serves_the_registration(client, ana, household):
    client.force_login(ana)
    address = reverse("member-number", args=[household.members.get().pk])
    assert client.post(address, {"reason": "dibandingkan dengan KTP"}).status_code == 200
    row = AccessLog.objects.get(is_full=True)
    assert row.purpose == "dibandingkan dengan KTP"
    assert purpose_of(row.purpose, row.route).code == "registration"


def test_whatever_a_token_was_issued_for_is_a_delivery():
    names = [name for name in get_resolver().reverse_dict if str(name).startswith("api-")]
    assert len(names) >= 10
    assert {purpose_of("bantuan pangan", name).code for name in names} == {"delivery"}


def test_a_reading_by_the_api_without_a_token_is_a_delivery(client, ana, household):
    client.force_login(ana)
    client.get(reverse("api-household-list"))
    row = AccessLog.objects.get()
    assert row.purpose == "API, signed in as a user"
    assert purpose_of(row.purpose).code == purpose_of(row.purpose, row.route).code == "delivery"


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
    assert {period.code for period in PERIODS if period.keep is None} == {
        "active",
        "tombstones",
        "access-log",
        "audit",
    }
    for period in PERIODS:
        finds = (period.files,) if isinstance(period, FilePeriod) else (period.rows, period.since)
        assert {bool(part) for part in (period.keep, period.remove, *finds)} == {bool(period.keep)}


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
            kept = line.split("|")[2]
            assert re.findall(r"\d+", kept) == ([number[0]] if number else []), period.code
            assert ("selama" in kept) is (period.keep is None), period.code


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
