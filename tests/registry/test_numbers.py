"""An identity number never prints itself, and no free text takes one in."""

import json
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from households.models import Family
from registry import sealed_files
from registry.audit import deed
from registry.bulk import _cell
from registry.errors import Conflict
from registry.models import AuditEvent, SecondFactor
from registry.numbers import (
    IdentityNumber,
    SealedNumber,
    SealedText,
    digits_of,
    mask,
    mask_numbers,
    no_identity_number,
)
from registry.sealed_files import SealedStorage
from registry.seals import BrokenSeal, add_key, blind_index, make_key_file, seal, unseal
from registry.token_views import TokenForm

DIGITS = "9902061705800001"
MASKED = "990206******0001"
PLACE = "households_member.nik:17"
numbers = st.from_regex(r"[0-9]{16}", fullmatch=True)


@given(numbers, st.booleans())
def test_whatever_prints_a_number_prints_it_masked(digits: str, is_sealed: bool) -> None:
    number = IdentityNumber(sealed=seal(digits, PLACE), place=PLACE) if is_sealed else IdentityNumber(digits)
    shown = f"{digits[:6]}******{digits[-4:]}"
    page = Template("{{ n }}{{ n|masked }}").render(Context({"n": number}))
    assert [str(number), f"{number}", page] == [shown, shown, shown * 2]
    assert f"{number:>20}" == f"    {shown}"
    assert repr(number) == f"<IdentityNumber {shown}>"
    assert json.dumps([number], default=str) == f'["{shown}"]'
    assert type(digits_of(number)) is str
    assert number.reveal() == digits_of(number) == digits


def test_numbers_are_equal_by_their_digits() -> None:
    opened = IdentityNumber(sealed=seal(DIGITS, PLACE), place=PLACE)
    assert opened == IdentityNumber(DIGITS) == DIGITS
    assert {opened, IdentityNumber(DIGITS)} == {DIGITS}
    assert opened != IdentityNumber("9902061705800002")
    assert opened != MASKED
    assert opened != 9902061705800001
    assert opened.__eq__(9902061705800001) is NotImplemented


def test_no_number_is_false_and_empty() -> None:
    assert not IdentityNumber()
    assert not IdentityNumber(sealed=None, place=PLACE)
    assert str(IdentityNumber()) == digits_of(IdentityNumber()) == ""
    assert IdentityNumber(sealed=seal(DIGITS, PLACE), place=PLACE)


def test_a_number_of_another_row_does_not_open() -> None:
    with pytest.raises(BrokenSeal):
        str(IdentityNumber(sealed=seal(DIGITS, PLACE), place="households_member.nik:18"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [(DIGITS, MASKED), (MASKED, MASKED), ("", ""), (DIGITS[:15], "*" * 15), (DIGITS + "1", "*" * 17)],
)
def test_what_has_not_sixteen_digits_is_hidden_wholly(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.english
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Budi {DIGITS}", f"Budi {MASKED}"),
        (f"{DIGITS}, {DIGITS}", f"{MASKED}, {MASKED}"),
        ("NIK 9902 0617 0580 0001.", f"NIK {MASKED}."),
        ("990206.170580.0001", MASKED),
        ("990206-170580-0001", MASKED),
        ("9902/0617/0580/0001", MASKED),
        ("9902 - 0617", "9902 - 0617"),
        ("24-11-2026 s.d. 25-11-2026", "24-11-2026 s.d. 25-11-2026"),
        (f"{DIGITS}7", "*" * 17),
        ("081234567890123", "081234567890123"),
        ("64.02.06.1001 RT 003", "64.02.06.1001 RT 003"),
        ("2026-11-24 10.14", "2026-11-24 10.14"),
    ],
)
def test_numbers_in_a_text_are_masked_and_refused(text: str, shown: str) -> None:
    assert mask_numbers(text) == shown
    if text == shown:
        no_identity_number(text)
        return
    with pytest.raises(ValidationError) as refused:
        no_identity_number(text)
    assert refused.value.code == "identity_number"
    assert str(refused.value.message) == "Do not write a NIK or family card number here."


@given(st.lists(st.one_of(st.text(max_size=20), numbers)).map(" ".join))
def test_after_masking_nothing_is_left_to_refuse(text: str) -> None:
    masked = mask_numbers(text)
    no_identity_number(masked)
    assert not re.search(r"\d{16}", masked)


def test_why_something_was_done_names_nobody_by_number(db) -> None:
    with pytest.raises(Conflict) as refused, deed("close", by=None, why=f"laporan {DIGITS}"):
        pass
    assert (refused.value.code, refused.value.field) == ("identity_number", "why")
    assert not AuditEvent.objects.exists()


def test_the_purpose_of_a_token_names_nobody_by_number() -> None:
    form = TokenForm({"name": DIGITS, "purpose": f"NIK {DIGITS}", "expires_on": "1/12/2026"})
    assert set(form.errors) == {"name", "purpose"}


def test_a_sealed_column_is_named_after_its_property() -> None:
    """Asked of a new class: those of the models were named when they were loaded."""

    class Row:
        text, number = SealedText(), SealedNumber("nik", "NIK")

    assert (Row.text.model, Row.text.name, Row.text.columns) == (Row, "text", ("text_sealed",))
    assert (Row.number.model, Row.number.name) == (Row, "number")
    assert (Row.number.kind, Row.number.verbose_name) == ("nik", "NIK")
    assert Row.number.columns == ("number_sealed", "number_index")
    assert Row.number.waiting == "_number_waiting"
    assert Row.number.index_of(DIGITS) == blind_index("nik", DIGITS)


def test_no_table_keeps_a_personal_number_in_plain_text() -> None:
    """Phones and bank accounts too, from the day somebody adds them: they belong into a SealedText."""
    personal = re.compile(r"(^|_)(nik|card|card_number|phone|phone_number|bank_account|account_number)$")
    texts = {
        f"{field.model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
    }
    assert {name for name in texts if personal.search(name)} == set()
    assert {"households.Household.number", "households.Member.nik_index"} <= texts


def test_a_row_with_numbers_is_written_at_once_and_in_the_named_columns_only(
    household, django_assert_num_queries
) -> None:
    given = {"household": household, "area": household.area, "position": 2}
    with django_assert_num_queries(2):  # its id is in the seal, so it is fetched before the row is written
        family = Family.objects.create(**given, card_number=DIGITS)
    family.position, family.card_number = 3, "9902061705800002"
    family.save(update_fields=["card_number"])
    family.refresh_from_db()
    assert (family.position, family.card_number.reveal()) == (2, "9902061705800002")


def test_a_sealed_text_is_bound_to_its_row() -> None:
    factor = SecondFactor(pk=7)
    factor.key = "ab12"
    assert unseal(factor.key_sealed, "registry_secondfactor.key:7") == factor.key == "ab12"
    factor.pk = 8
    with pytest.raises(BrokenSeal):
        str(factor.key)
    factor.key = ""
    assert (factor.key_sealed, factor.key) == (None, "")


def test_bytes_are_copied_as_hex() -> None:
    assert _cell(b"\x00\\\xff") == _cell(memoryview(b"\x00\\\xff")) == r"\\x005cff"


@pytest.fixture
def storage(settings, tmp_path: Path) -> SealedStorage:
    make_key_file(tmp_path / "keys.json")
    settings.KEY_FILE = str(tmp_path / "keys.json")
    settings.MEDIA_ROOT = tmp_path / "files"
    return SealedStorage()


def test_a_file_lies_sealed_and_opens_under_its_name_only(storage: SealedStorage) -> None:
    name = storage.save("imports/a.sealed", ContentFile(b"PK\x03\x04 " + DIGITS.encode()))
    path = Path(storage.path(name))
    assert DIGITS.encode() not in path.read_bytes()
    with storage.open(name) as file:
        assert file.read() == b"PK\x03\x04 " + DIGITS.encode()
    path.rename(path.with_name("b.sealed"))
    with pytest.raises(BrokenSeal):
        storage.open("imports/b.sealed")
    with pytest.raises(ValueError, match="saved anew"):
        storage.open("imports/b.sealed", "wb")


def test_a_file_is_resealed_in_one_step(storage: SealedStorage, settings, monkeypatch) -> None:
    name = storage.save("imports/a.sealed", ContentFile(b"rows"))
    add_key(Path(settings.KEY_FILE))
    assert not storage.is_current(name)

    def out_of_space(_descriptor: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(sealed_files.os, "fsync", out_of_space)
        with pytest.raises(OSError, match="no space"):
            storage.reseal(name)
    assert [each.name for each in Path(storage.path("imports")).iterdir()] == ["a.sealed"]
    storage.reseal(name)
    assert storage.is_current(name)
    assert storage.open(name).read() == b"rows"
    assert Path(storage.path(name)).stat().st_mode & 0o777 == settings.FILE_UPLOAD_PERMISSIONS
