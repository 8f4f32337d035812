"""The two sheets of the workbook: template, reader and rejected rows are made from this one declaration."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, cast

from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from households.models import Assessment, Household, Member, MemberAssessment
from households.questionnaire.blocks import HOUSEHOLD_BLOCKS, MEMBER_BLOCKS
from households.questionnaire.codes import Bitmask, Relationship, Sex
from households.questionnaire.questions import Block, Question

LANGUAGES = ("id", "en")  # a heading or an answer may be written in either

Text = Promise | str


class Kind(StrEnum):
    """What a column holds, and so which reader of ``cells`` reads it."""

    TEXT = "text"
    KEY = "key"  # a number that is a name: household number, district or village code
    NEIGHBOURHOOD = "neighbourhood"  # RT or RW, three digits
    WORD = "word"  # one of a list of words
    CODE = "code"  # one of a list of numbers
    BOXES = "boxes"  # several of them
    YES_NO = "yes_no"
    WHOLE = "whole"
    COORDINATE = "coordinate"
    DATE = "date"
    NIK = "nik"
    CARD = "card"


LISTS: dict[str, type[models.Choices]] = {
    "nik_missing": Member.NikMissing,
    "sex": Sex,
    "household_relationship": Relationship,
    "family_relationship": Relationship,
}
TYPED_AS_TEXT = frozenset({Kind.TEXT, Kind.KEY, Kind.NEIGHBOURHOOD, Kind.NIK, Kind.CARD})


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """``name`` is the field, ``longest`` its characters (0: any), ``question`` the Regsosek number."""

    name: str
    heading: Text
    kind: Kind
    is_required: bool = False
    codes: type[models.Choices] | None = None
    hint: Text = ""
    longest: int = 0
    question: str = ""
    limits: tuple[int, int] | None = None

    @property
    def choices(self) -> type[models.Choices]:
        if self.codes is None:
            raise LookupError(f"{self.name} has no list of answers.")
        return self.codes


@dataclass(frozen=True, slots=True, eq=False)
class SheetLayout:
    name: str
    title: Text
    columns: tuple[Column, ...]
    questions: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        return _by_name(self).get(name)

    def heading(self, name: str) -> str:
        """Of a column of this sheet, else the name itself."""
        column = self.column(name)
        return str(column.heading) if column else name

    @property
    def required(self) -> list[Column]:
        return [column for column in self.columns if column.is_required]


@cache
def _by_name(sheet: SheetLayout) -> dict[str, Column]:
    return {column.name: column for column in sheet.columns}


def _plain(
    model: type[models.Model],
    name: str,
    kind: Kind,
    *,
    field: str = "",
    required: bool = False,
    hint: Text = "",
) -> Column:
    """A column that is not a question: heading, length and list come from the model's field."""
    source = cast("models.Field[Any, Any]", model._meta.get_field(field or name))
    codes = LISTS.get(name)
    heading, told = capfirst(source.verbose_name), hint or source.help_text
    longest = source.max_length if kind in (Kind.TEXT, Kind.KEY) else 0
    return Column(name, heading, kind, required, codes, told, longest or 0)


def _question(model: type[models.Model], question: Question) -> Column:
    field = cast("models.Field[Any, Any]", model._meta.get_field(question.field))
    kind = Kind.WHOLE
    if question.is_yes_no:
        kind = Kind.YES_NO
    elif question.answers:
        kind = Kind.BOXES if issubclass(question.answers, Bitmask) else Kind.CODE
    condition = question.asked_if or question.gate
    hint = field.help_text or (condition.sentence if condition else "")
    limits = (question.limits.lowest, question.limits.highest) if question.limits else None
    heading = capfirst(field.verbose_name)
    return Column(question.field, heading, kind, False, question.answers, hint, 0, question.code, limits)


def _questions(model: type[models.Model], blocks: tuple[Block, ...]) -> tuple[Column, ...]:
    return tuple(_question(model, question) for block in blocks for question in block.questions)


def _sheet(name: str, title: Text, plain: tuple[Column, ...], questions: tuple[Column, ...]) -> SheetLayout:
    return SheetLayout(name, title, plain + questions, questions)


NUMBER_HINT = _("The same number on both sheets joins a household and its members. Unique in the file.")

HOUSEHOLDS = _sheet(
    "households",
    _("Households"),
    (
        _plain(Household, "household_number", Kind.KEY, field="number", required=True, hint=NUMBER_HINT),
        Column("district", _("District"), Kind.KEY, hint=_("Needed where two villages share a name.")),
        Column("village", _("Village"), Kind.KEY, True, hint=_("Name or area code, such as 64.02.06.1001.")),
        _plain(Household, "address", Kind.TEXT),
        _plain(Household, "hamlet", Kind.TEXT),
        _plain(Household, "rw", Kind.NEIGHBOURHOOD),
        _plain(Household, "rt", Kind.NEIGHBOURHOOD),
        _plain(Household, "latitude", Kind.COORDINATE, hint=_("In degrees, such as -0,4123.")),
        _plain(Household, "longitude", Kind.COORDINATE, hint=_("In degrees, such as 116,9876.")),
        _plain(Assessment, "assessed_on", Kind.DATE, required=True, hint=_("The day of the visit.")),
        _plain(Assessment, "enumerator", Kind.TEXT),
        Column(
            "decile",
            _("Welfare decile"),
            Kind.WHOLE,
            hint=_("1 to 10, as published; then also its source and date."),
            limits=(1, 10),
        ),
        Column("decile_source", _("Source of the decile"), Kind.TEXT, hint=_("Such as DTSEN."), longest=60),
        Column("decile_on", _("Date of the decile"), Kind.DATE),
    ),
    _questions(Assessment, HOUSEHOLD_BLOCKS),
)

MEMBERS = _sheet(
    "members",
    _("Members"),
    (
        _plain(Household, "household_number", Kind.KEY, field="number", required=True, hint=NUMBER_HINT),
        Column(
            "family_number",
            _("Family number in the household"),
            Kind.WHOLE,
            limits=(1, 99),
            hint=_("1 for the first family card in the house, 2 for the next. Empty means 1."),
        ),
        Column("card_number", _("Family card number"), Kind.CARD, hint=_("16 digits, typed as text.")),
        Column(
            "member_number",
            _("Member number"),
            Kind.WHOLE,
            True,
            limits=(1, 999),
            hint=_("1, 2, 3 … within the household; a member keeps it."),
        ),
        _plain(Member, "name", Kind.TEXT, required=True),
        Column("nik", _("NIK"), Kind.NIK, hint=_("16 digits, typed as text. Empty when there is none.")),
        _plain(Member, "nik_missing", Kind.WORD, hint=_("Only when the NIK is empty.")),
        _plain(Member, "sex", Kind.CODE),
        _plain(Member, "birth_place", Kind.TEXT),
        _plain(Member, "birth_date", Kind.DATE),
        _plain(Member, "household_relationship", Kind.CODE, required=True, hint=_("Exactly one head.")),
        _plain(Member, "family_relationship", Kind.CODE, required=True),
    ),
    _questions(MemberAssessment, MEMBER_BLOCKS),
)

SHEETS = (HOUSEHOLDS, MEMBERS)

# The two columns that the workbook of rejected rows has more; uploaded again, they are passed over.
WRONG_COLUMNS = _("Columns in error")
HOW_TO_FIX = _("How to fix it")


def folded(text: str) -> str:
    """Headings and answers are compared without case, spacing and punctuation at the ends."""
    return " ".join(str(text).casefold().replace("_", " ").split()).strip(" .:*")


@cache
def names_of(text: Text) -> frozenset[str]:
    """``text`` in every language a file may be written in."""
    found = set()
    for language in LANGUAGES:
        with override(language):
            found.add(folded(str(text)))
    return frozenset(found)


@cache
def headings(sheet: SheetLayout) -> dict[str, Column]:
    """Every accepted spelling of a heading."""
    known = {name: column for column in sheet.columns for name in names_of(column.heading)}
    return {folded(column.name): column for column in sheet.columns} | known


def is_extra(heading: str) -> bool:
    return folded(heading) in names_of(WRONG_COLUMNS) | names_of(HOW_TO_FIX)


def layout_of(title: str) -> SheetLayout:
    """Of a sheet that was read as one of ours."""
    sheet = sheet_called(title)
    if sheet is None:
        raise LookupError(title)
    return sheet


def sheet_called(title: str) -> SheetLayout | None:
    for sheet in SHEETS:
        if folded(title) in names_of(sheet.title) | {sheet.name}:
            return sheet
    return None
