"""What a reader may rely on in every room of the house."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.core.management import get_commands

from households import forms as household_forms
from registry import forms as our_fields

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("registry", "households", "programs")
SOURCES = [
    path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts
]
PAGES = sorted((ROOT / "templates").rglob("*.html"))
DOCUMENTS = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LOCAL_ADDRESSES = re.compile(r"https?://(www\.w3\.org|127\.0\.0\.1|localhost|www\.sitemaps\.org)")


def test_psycopg_3_stays_out():
    """Django would silently prefer it, and COPY through copy_expert would be gone."""
    assert find_spec("psycopg") is None


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_has_grown_beyond_400_lines(path):
    assert len(path.read_text().splitlines()) <= 400


def test_no_serializer_or_form_takes_all_fields():
    guilty = [path for path in SOURCES if re.search(r"fields\s*=\s*[\"']__all__", path.read_text())]
    assert guilty == []


@pytest.mark.parametrize(
    "path", [*PAGES, *sorted((ROOT / "static").rglob("*.*"))], ids=lambda path: path.name
)
def test_no_page_asks_another_host_for_anything(path):
    text = path.read_text(errors="ignore")
    found = re.findall(r"""(?:src|href|action|url)\s*[=(]\s*["']?(https?://[^"')\s]+)""", text)
    assert [address for address in found if not LOCAL_ADDRESSES.match(address)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_do_not_query_or_carry_inline_code(path):
    text = path.read_text()
    assert not re.search(r"(?<!paginator)\.(all|count)\b", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"""\son[a-z]+=["']""", text)
    assert not re.search(r"""\sstyle=["']""", text)


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_every_test_that_a_document_names_is_there(page):
    text = page.read_text()
    named = re.findall(r"\btests/[\w/.-]*\w", text)
    assert [path for path in named if not (ROOT / path).exists()] == []
    functions = re.findall(r"\b(tests/[\w/]+\.py)::(\w+)", text)
    assert [name for path, name in functions if f"def {name}(" not in (ROOT / path).read_text()] == []


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_every_command_and_target_that_a_document_names_is_there(page):
    text = page.read_text()
    assert set(re.findall(r"\bmanage\.py ([a-z]\w+)", text)) - set(get_commands()) == set()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) - targets == set()
    modules = re.findall(r"\bpython -m (tests[\w.]*)", text)
    assert [name for name in modules if find_spec(name) is None] == []


def test_the_impact_assessment_names_the_tests_that_hold_its_measures():
    assert len(set(re.findall(r"tests/[\w/]+\.py", (ROOT / "docs/impact-assessment.md").read_text()))) >= 10


def test_lock_files_name_no_address():
    for lock in ROOT.glob("requirements*.lock"):
        assert not re.search(r"https?://|^\s*--(extra-)?index-url", lock.read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    "form",
    [household_forms.HouseholdForm, household_forms.AssessmentForm, household_forms.MemberAnswersForm],
    ids=lambda form: form.__name__,
)
def test_numbers_and_dates_are_typed_as_indonesians_type_them(form):
    for name, field in form.base_fields.items():
        if isinstance(field, forms.IntegerField):
            assert isinstance(field, our_fields.IntegerField | our_fields.DecimalField), name
        if isinstance(field, forms.DateField):
            assert isinstance(field, our_fields.DateField), name


def test_every_row_of_a_household_carries_its_area():
    """Row security and a later split over machines rest on it."""
    for model in (
        *apps.get_app_config("households").get_models(),
        *apps.get_app_config("programs").get_models(),
    ):
        names = {field.name for field in model._meta.fields}
        is_history = any(name.startswith("pgh_") for name in names)
        if "household" in names and not is_history:
            assert "area" in names, model.__name__
