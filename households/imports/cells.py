"""One reader for each kind of cell. Nothing is repaired or guessed: what is not plain is refused."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import override

from households.identifiers import check_family_card, check_nik
from households.imports.layout import LANGUAGES, Column, Kind, folded
from households.questionnaire.codes import Bitmask, Sex
from registry.forms import MONTHS, WORDED_DATE
from registry.numbers import no_identity_number
from registry.spreadsheets import Cell
from registry.spreadsheets import Kind as CellKind

Value = str | int | bool | Decimal | date | None

NOTHING = frozenset({"", "-", "–", "—"})
FIRST_YEAR = 1900
YES = frozenset({"ya", "y", "yes", "1"})
NO = frozenset({"tidak", "tdk", "t", "no", "n", "2"})
SEX_AS_WRITTEN = {
    "l": Sex.MALE,
    "lk": Sex.MALE,
    "m": Sex.MALE,
    "p": Sex.FEMALE,
    "pr": Sex.FEMALE,
    "f": Sex.FEMALE,
}
NUMBERED = re.compile(r"0*(\d{1,4})(?:[.,]0+)?(?:\s*[-–—:=]\s*(.+)|[.)]\s+(.+))?", re.ASCII | re.DOTALL)
WHOLE = re.compile(r"(?:rp\.?\s*)?([+-]?)(\d{1,3}(?:\.\d{3})+|\d+)(?:,-)?", re.ASCII | re.IGNORECASE)
COORDINATE = re.compile(r"([+-]?\d{1,3})(?:[.,](\d{1,15}))?°?", re.ASCII)
DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.ASCII)
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?", re.ASCII)
NEIGHBOURHOOD = re.compile(r"(?:r[tw])?[\s.:]*0*(\d{1,3})", re.ASCII | re.IGNORECASE)
COORDINATE_LIMITS = {"latitude": 90, "longitude": 180}


class CellError(ValueError):
    """What is wrong with one cell, as a sentence; ``code`` groups the same error of many rows."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


def read(column: Column, cell: Cell) -> Value:
    """The value of ``cell``, None when it is empty (text and identifiers: ""); CellError when it has none."""
    empty = "" if column.kind in EMPTY_IS_TEXT else None
    if cell.kind is CellKind.ERROR:
        raise CellError(_("The cell holds an error of Excel: write the value itself."), "excel_error")
    if cell.value is None:
        if cell.kind is CellKind.FORMULA:
            raise CellError(
                _("The formula has no result: copy the column and paste it as values."), "formula"
            )
        return empty
    value = cell.value
    if isinstance(value, str):
        if cell.kind is CellKind.TIME:
            raise CellError(_("Excel has made a time of this: format the column as Text."), "excel_time")
        value = tidy(value)
        if value in NOTHING:
            return empty
    return READERS[column.kind](column, value)


def tidy(text: str) -> str:
    """Without invisible characters and doubled spaces."""
    if not text.isascii() or not text.isprintable():
        kept = (
            " " if c.isspace() else c
            for c in text
            if c.isspace() or unicodedata.category(c) not in ("Cf", "Cc")
        )
        text = "".join(kept)
    return " ".join(text.split())


def shown(cell: Cell) -> str:
    """The cell as a person sees it, for the list of errors."""
    value = cell.value
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(cell)


def _text(column: Column, value: Any) -> str:
    if isinstance(value, bool | date):
        sentence = _("Excel has made a date of this: format the column as Text and type it again.")
        raise CellError(sentence, "excel_date")
    text = (
        value if isinstance(value, str) else format(value, "f") if isinstance(value, Decimal) else str(value)
    )
    if column.longest and len(text) > column.longest:
        sentence = _("At most %(longest)s characters fit; there are %(count)s.")
        raise CellError(sentence % {"longest": column.longest, "count": len(text)}, "too_long")
    try:
        no_identity_number(text)
    except ValidationError as error:
        raise CellError(" ".join(error.messages), "identity_number") from None
    return text


def _key(column: Column, value: Any) -> str:
    return _text(column, value).lstrip("'`‘’")


def _neighbourhood(column: Column, value: Any) -> str:
    match = NEIGHBOURHOOD.fullmatch(_text(column, value))
    if not match:
        raise CellError(
            _("Write the number alone, at most three digits, such as 003."), "not_a_neighbourhood"
        )
    return match[1].zfill(3)


@cache
def accepted_answers(choices: type[models.Choices]) -> dict[str, Any]:
    """Every accepted spelling of an answer; the code itself is read apart."""
    found: dict[str, Any] = {}
    for language in LANGUAGES:
        with override(language):
            found |= {folded(label): value for value, label in choices.choices}
    if choices is Sex:
        found |= SEX_AS_WRITTEN
    return found | {folded(value): value for value in choices.values if isinstance(value, str)}


def _code(column: Column, value: Any) -> int:
    found = _one_code(column.choices, value)
    if found is None:
        raise CellError(_not_an_answer(column.choices), "not_an_answer")
    return found


def _word(column: Column, value: Any) -> str:
    found = accepted_answers(column.choices).get(folded(str(value)))
    if found is None:
        raise CellError(_not_an_answer(column.choices), "not_an_answer")
    return str(found)


def _one_code(choices: type[models.Choices], value: Any) -> int | None:
    """None unless it is a code, a label, or both that agree: code 5 of an older form means something else."""
    if isinstance(value, bool | date | Decimal):
        return None
    if isinstance(value, int):
        return value if value in _codes(choices) else None
    by_label = accepted_answers(choices).get(folded(value))
    if by_label is not None:
        return int(by_label)
    numbered = NUMBERED.fullmatch(value)
    if not numbered or int(numbered[1]) not in _codes(choices):
        return None
    code, label = int(numbered[1]), numbered[2] or numbered[3]
    return code if label is None or accepted_answers(choices).get(folded(label)) == code else None


@cache
def _codes(choices: type[models.Choices]) -> frozenset[int]:
    return frozenset(choices.values)


@cache
def _sums(boxes: type[Bitmask]) -> frozenset[int]:
    return frozenset(boxes.possible_values())


def _not_an_answer(choices: type[models.Choices]) -> str:
    numbered = [
        f"{value} - {label}" if isinstance(value, int) else str(label) for value, label in choices.choices
    ]
    return _("This is not one of the answers. Accepted: %(answers)s.") % {"answers": "; ".join(numbered)}


def _boxes(column: Column, value: Any) -> int:
    """One sum (5), or codes or labels apart by commas or semicolons (1, 4)."""
    boxes = cast(type[Bitmask], column.choices)
    if isinstance(value, int) and not isinstance(value, bool) and value in _sums(boxes):
        return value
    if isinstance(value, str):
        if value.isdecimal() and int(value) in _sums(boxes):
            return int(value)
        ticked = _ticked(boxes, value)
        if ticked:
            try:
                return boxes.encode(ticked)
            except ValidationError as error:
                raise CellError(" ".join(error.messages), "stands_alone") from error
    sentence = _("%(reason)s Several answers are written apart by semicolons, such as 1; 4.")
    raise CellError(sentence % {"reason": _not_an_answer(boxes)}, "not_an_answer")


def _ticked(boxes: type[Bitmask], text: str) -> list[int]:
    whole = _one_code(boxes, text)
    if whole is not None:
        return [whole]
    for separator in (";", ","):
        found = [_one_code(boxes, part.strip()) for part in text.split(separator) if part.strip()]
        if found and None not in found:
            return [code for code in found if code is not None]
    return []


def _yes_no(column: Column, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = folded(str(value)) if isinstance(value, str | int) else ""
    if text[:2] in ("1 ", "2 ") and text[2:].strip(" -–") in (YES if text[0] == "1" else NO):
        text = text[0]
    if text in YES or text in NO:
        return text in YES
    raise CellError(_("Write Ya or Tidak (yes or no), or leave the cell empty."), "not_yes_or_no")


def _whole(column: Column, value: Any) -> int:
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and (match := WHOLE.fullmatch(value)):
        number = int(match[1] + match[2].replace(".", ""))
    if number is None:
        raise CellError(_("Write a whole number in digits, such as 1.500."), "not_a_whole_number")
    lowest, highest = column.limits or (number, number)
    if not lowest <= number <= highest:
        sentence = _("The number must lie between %(lowest)s and %(highest)s.")
        raise CellError(sentence % {"lowest": lowest, "highest": highest}, "out_of_range")
    return number


def _coordinate(column: Column, value: Any) -> Decimal:
    number: Decimal | None = None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
    elif isinstance(value, str) and (match := COORDINATE.fullmatch(value)):
        number = Decimal(f"{match[1]}.{match[2] or 0}")
    highest = COORDINATE_LIMITS[column.name]
    if number is None or abs(number) > highest:
        sentence = _("Write the coordinate in degrees with decimals, between -%(highest)s and %(highest)s.")
        raise CellError(sentence % {"highest": highest}, "not_a_coordinate")
    return round(number, 6)


def _date(column: Column, value: Any) -> date:
    if isinstance(value, date):
        return _plausible(value.date() if isinstance(value, datetime) else value)
    if isinstance(value, str):
        return _written_date(value)
    sentence = _(
        "The cell holds a number, not a date: format the column as Date, or type the day as 28/12/2011."
    )
    raise CellError(sentence, "not_a_date")


def _written_date(text: str) -> date:
    if match := DAY_FIRST.fullmatch(text):
        day, month, year = int(match[1]), int(match[3]), int(match[4])
        if month > 12 >= day:
            raise CellError(_("The day comes first, then the month: 28/12/2011."), "month_first")
    elif match := ISO.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif (match := WORDED_DATE.fullmatch(text)) and match[2].lower() in MONTHS:
        day, month, year = int(match[1]), MONTHS[match[2].lower()], int(match[3])
    else:
        sentence = _("Write the date as 28/12/2011 or 28 Desember 2011, the year with four digits.")
        raise CellError(sentence, "not_a_date")
    try:
        return _plausible(date(year, month, day))
    except ValueError as error:
        if isinstance(error, CellError):
            raise
        raise CellError(_("The calendar has no such day."), "no_such_day") from error


def _plausible(day: date) -> date:
    if day.year < FIRST_YEAR:
        raise CellError(_("The year is before %(year)s: check it.") % {"year": FIRST_YEAR}, "too_early")
    return day


def _nik(column: Column, value: Any) -> str:
    found = check_nik(value)
    return _identifier(found.value, found.errors)


def _card(column: Column, value: Any) -> str:
    found = check_family_card(value)
    return _identifier(found.value, found.errors)


def _identifier(value: str, errors: tuple[str, ...]) -> str:
    if errors:
        raise CellError(" ".join(errors), "identifier")
    return value


READERS: dict[Kind, Callable[[Column, Any], Value]] = {
    Kind.TEXT: _text,
    Kind.KEY: _key,
    Kind.NEIGHBOURHOOD: _neighbourhood,
    Kind.WORD: _word,
    Kind.CODE: _code,
    Kind.BOXES: _boxes,
    Kind.YES_NO: _yes_no,
    Kind.WHOLE: _whole,
    Kind.COORDINATE: _coordinate,
    Kind.DATE: _date,
    Kind.NIK: _nik,
    Kind.CARD: _card,
}
EMPTY_IS_TEXT = frozenset({Kind.TEXT, Kind.KEY, Kind.NEIGHBOURHOOD, Kind.WORD, Kind.NIK, Kind.CARD})
