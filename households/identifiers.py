"""NIK and family card numbers: what sixteen digits say and what is wrong with them; never an exception."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

MALE, FEMALE = 1, 2  # as question 405 of Regsosek codes them
FEMALE_DAY = 40  # is added to a woman's day of birth
SAMPLE_PREFIX = "99"  # no province has it: invented people only
CENTURIES = (1900, 2000)

# Kemendagri codes of the 38 provinces. The BPS list differs in Papua and is not meant here.
PROVINCE_RANGES = ((11, 19), (21, 21), (31, 36), (51, 53), (61, 65), (71, 76), (81, 82), (91, 96))
PROVINCES = frozenset(str(code) for first, last in PROVINCE_RANGES for code in range(first, last + 1))

DIGITS = "0123456789"
SIXTEEN_DIGITS = re.compile(r"[0-9]{16}")
SCIENTIFIC = re.compile(r"[+-]?[0-9]+([.,][0-9]*)?[eE][+-]?[0-9]+")
LEADING_APOSTROPHES = "'`‘’"
# Unicode categories: spaces and line ends, control and invisible characters, dashes.
IGNORED_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"})
IGNORED_CHARACTERS = frozenset({".", "\N{MINUS SIGN}"})

NIK = gettext_noop("NIK")
FAMILY_CARD_NUMBER = gettext_noop("family card number")


@dataclass(frozen=True, slots=True, kw_only=True)
class NikCheck:
    """Errors make the number unusable, warnings ask for a second look; ``value`` is what was understood.

    A NIK names no century: ``candidates`` are the real dates it can mean; ``birth_date`` is the one nearest
    to the stated date, or the only one, else None.
    """

    value: str
    birth_date: date | None = None
    candidates: tuple[date, ...] = ()
    sex: int | None = None
    is_sample: bool = False
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyCardCheck:
    """Errors make the number unusable, warnings ask for a second look; ``value`` is what was understood."""

    value: str
    is_sample: bool = False
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class CellText(NamedTuple):
    """What a spreadsheet cell or an API value holds as text; with an ``error`` the text must not be used."""

    text: str
    error: str = ""


def check_nik(text: object, *, birth_date: date | None = None, sex: int | None = None) -> NikCheck:
    """``birth_date`` and ``sex`` (1 male, 2 female) as the person states them; a disagreement is a warning.

    The region in the number is where it was first issued, so it is never compared with an address.
    """
    value, errors = _read(text, NIK)
    if errors:
        return NikCheck(value=value, errors=errors)
    candidates = _birth_dates(value)
    if not candidates:
        errors += (
            _("Digits 7 to 12 of the NIK (%(digits)s) are not a birth date.") % {"digits": value[6:12]},
        )
    if value.endswith("0000"):
        errors += (_("A NIK never ends in 0000."),)
    is_sample = value.startswith(SAMPLE_PREFIX)
    if errors:
        return NikCheck(value=value, is_sample=is_sample, errors=errors)
    said_sex = FEMALE if int(value[6:8]) > FEMALE_DAY else MALE
    said_date = _choose(candidates, birth_date)
    return NikCheck(
        value=value,
        birth_date=said_date,
        candidates=candidates,
        sex=said_sex,
        is_sample=is_sample,
        warnings=_province_warnings(value) + _disagreements(said_date, birth_date, said_sex, sex),
    )


def check_family_card(text: object) -> FamilyCardCheck:
    """Sixteen digits are demanded. No public source fixes what the last ten mean, so they only warn."""
    value, errors = _read(text, FAMILY_CARD_NUMBER)
    if errors:
        return FamilyCardCheck(value=value, errors=errors)
    warnings = _province_warnings(value)
    if not any(_real_date(century, value, value[6:8]) for century in CENTURIES):
        sentence = _("Digits 7 to 12 of the family card number (%(digits)s) are not a date: is it a NIK?")
        warnings += (sentence % {"digits": value[6:12]},)
    if value.endswith("0000"):
        warnings += (_("This family card number ends in 0000: check the family card."),)
    return FamilyCardCheck(value=value, is_sample=value.startswith(SAMPLE_PREFIX), warnings=warnings)


def from_cell(value: object) -> CellText:
    """A number is refused, never repaired: a spreadsheet keeps fifteen digits and makes up the sixteenth."""
    if value is None:
        return CellText("")
    if not isinstance(value, str) or SCIENTIFIC.fullmatch(value.strip().lstrip(LEADING_APOSTROPHES)):
        return CellText(str(value), _changed_by_excel())
    return CellText(value)


def mask(nik: str) -> str:
    """``640206******0001``, for a NIK or a family card number; anything else is hidden wholly."""
    value = _clean(nik)
    if not SIXTEEN_DIGITS.fullmatch(value):
        return "*" * len(value)
    return f"{value[:6]}******{value[-4:]}"


def _read(given: object, name: str) -> tuple[str, tuple[str, ...]]:
    text, changed = from_cell(given)
    if changed:
        return text, (changed,)
    value = _clean(text)
    foreign = next((c for c in value if c not in DIGITS), "")
    words = {"name": _(name), "count": len(value), "character": foreign}
    if not value:
        sentence = _("The %(name)s is empty.")
    elif foreign:
        sentence = _("The %(name)s may hold only the digits 0 to 9 of the keyboard, not “%(character)s”.")
    elif len(value) != 16:
        sentence = _("The %(name)s must have 16 digits; this one has %(count)s.")
    else:
        return value, ()
    return value, (sentence % words,)


def _clean(text: str) -> str:
    """Without what people and programs put between or before the digits; the digits stay as they are."""
    kept = (
        c for c in text if c not in IGNORED_CHARACTERS and unicodedata.category(c) not in IGNORED_CATEGORIES
    )
    return "".join(kept).lstrip(LEADING_APOSTROPHES)


def _birth_dates(nik: str) -> tuple[date, ...]:
    day = int(nik[6:8])
    day_of_birth = f"{day - FEMALE_DAY if day > FEMALE_DAY else day:02}"
    found = (_real_date(century, nik, day_of_birth) for century in CENTURIES)
    return tuple(birth_date for birth_date in found if birth_date)


def _real_date(century: int, number: str, day: str) -> date | None:
    try:
        return date(century + int(number[10:12]), int(number[8:10]), int(day))
    except ValueError:
        return None


def _choose(candidates: tuple[date, ...], stated: date | None) -> date | None:
    """The candidate nearest to the stated date; without one only a single candidate is certain."""
    if stated is None:
        return candidates[0] if len(candidates) == 1 else None
    return min(candidates, key=lambda candidate: abs(candidate - stated))


def _province_warnings(value: str) -> tuple[str, ...]:
    province = value[:2]
    if province in PROVINCES or province == SAMPLE_PREFIX:
        return ()
    return (_("No province has the code %(code)s: check the first two digits.") % {"code": province},)


def _disagreements(
    said_date: date | None, birth_date: date | None, said_sex: int, sex: int | None
) -> tuple[str, ...]:
    warnings: tuple[str, ...] = ()
    if said_date is not None and birth_date is not None and said_date != birth_date:
        sentence = _("The NIK says born on %(nik)s, the answer is %(answer)s: check the family card.")
        warnings += (sentence % {"nik": f"{said_date:%d/%m/%Y}", "answer": f"{birth_date:%d/%m/%Y}"},)
    if (said_sex, sex) == (FEMALE, MALE):
        warnings += (_("The NIK says female, the answer is male: check the family card."),)
    if (said_sex, sex) == (MALE, FEMALE):
        warnings += (_("The NIK says male, the answer is female: check the family card."),)
    return warnings


def _changed_by_excel() -> str:
    return _(
        "Excel has changed this number: give the column the format Text, "
        "then type the number again from the card."
    )
