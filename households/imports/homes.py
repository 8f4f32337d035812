"""What the file itself says: rows read, joined to households, and the errors that need no look-up."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from households.identifiers import check_family_card, check_nik, mask
from households.imports import cells
from households.imports.layout import HOUSEHOLDS, Column, Kind, SheetLayout
from households.imports.rows import UNKNOWN, Home, Problem, SheetRow
from households.questionnaire.codes import Relationship
from households.questionnaire.edits import Finding, edit

IDENTIFIERS = frozenset({Kind.NIK, Kind.CARD})
STEP = 500

Problems = dict[tuple[object, ...], Problem]


def read_rows(rows: Iterable[SheetRow], *, today: date, progress: Callable[[int], object]) -> list[SheetRow]:
    """With ``values``; an error for every cell that cannot be read and every required one that is empty."""
    found = []
    for count, row in enumerate(rows, start=1):
        _read_cells(row)
        _check_days(row, today)
        if row.layout is HOUSEHOLDS:
            _check_pairs(row)
        else:
            _check_identity(row)
        if not row.is_checked:
            row.pack()
        found.append(row)
        if count % STEP == 0:
            progress(count)
    return found


def join(rows: Iterable[SheetRow]) -> tuple[list[Home], list[SheetRow]]:
    """The households with their members, and the members whose household is not in the file."""
    homes: list[Home] = []
    by_number: dict[str, Home] = {}
    orphans = []
    for row in rows:
        number = row.values["household_number"]
        if row.layout is HOUSEHOLDS:
            homes.append(Home(row))
            by_number.setdefault(number, homes[-1])
        elif number and number in by_number:
            by_number[number].members.append(row)
        else:
            orphans.append(row)
            if number:
                sentence = _("The sheet “%(sheet)s” has no household with this number.") % {
                    "sheet": HOUSEHOLDS.title
                }
                row.error("household_number", "no_household", sentence, number)
    _refuse_repeated([home.row for home in homes], "household_number")
    return homes, orphans


def check_homes(homes: list[Home], orphans: list[SheetRow]) -> None:
    known: Problems = {}
    for home in homes:
        _check_members(home)
        _check_heads(home)
        _check_families(home)
        if not all(row.is_checked for row in home.rows):
            _check_answers(home, known)
    _refuse_repeated([*(member for home in homes for member in home.members), *orphans], "nik")
    _refuse_shared_cards(homes)


def _read_cells(row: SheetRow) -> None:
    row.values = dict(_empty(row.layout))
    for name, cell in row.cells.items():
        column = row.layout.column(name)
        if column is None:
            sentence = _("The template has no column “%(heading)s”: it is not read.")
            row.warning(name, "unknown_column", sentence % {"heading": name.removeprefix(UNKNOWN)})
            continue
        try:
            row.values[name] = cells.read(column, cell)
        except cells.CellError as error:
            shown = cells.shown(cell)
            row.error(name, error.code, error.sentence, mask(shown) if column.kind in IDENTIFIERS else shown)
    wrong = {problem.column for problem in row.errors}
    for column in row.layout.required:
        if row.values[column.name] in ("", None) and column.name not in wrong:
            row.error(column.name, "required", _("Must be filled in."))


@cache
def _empty(layout: SheetLayout) -> dict[str, Any]:
    return {column.name: "" if column.kind in cells.EMPTY_IS_TEXT else None for column in layout.columns}


def _check_days(row: SheetRow, today: date) -> None:
    for column in _days(row.layout):
        day = row.values[column.name]
        if day and day > today:
            row.error(column.name, "future", _("The day has not come yet."), f"{day:%d/%m/%Y}")


@cache
def _days(layout: SheetLayout) -> list[Column]:
    return [column for column in layout.columns if column.kind is Kind.DATE]


def _check_pairs(row: SheetRow) -> None:
    for names in (("latitude", "longitude"), ("decile", "decile_source", "decile_on")):
        missing = [name for name in names if row.values[name] in ("", None)]
        if 0 < len(missing) < len(names):
            for name in missing:
                if not _is_wrong(row, name):
                    headings = ", ".join(row.layout.heading(other) for other in names if other != name)
                    row.error(
                        name,
                        "incomplete",
                        _("Must be filled in together with: %(others)s.") % {"others": headings},
                    )


def _is_wrong(row: SheetRow, name: str) -> bool:
    return any(problem.column == name for problem in row.errors)


def _check_identity(row: SheetRow) -> None:
    values = row.values
    if values["family_number"] is None:
        values["family_number"] = 1
    if values["nik"]:
        for sentence in check_nik(values["nik"], birth_date=values["birth_date"], sex=values["sex"]).warnings:
            row.warning("nik", "identifier", sentence, mask(values["nik"]))
        if values["nik_missing"]:
            values["nik_missing"] = ""
            row.warning("nik_missing", "nik_given", _("Not kept: the NIK is filled in."))
    elif not values["nik_missing"] and not _is_wrong(row, "nik") and not _is_wrong(row, "nik_missing"):
        row.error("nik", "nik_or_reason", _("Fill in the NIK, or say in the next column why it is missing."))
    if values["card_number"]:
        for sentence in check_family_card(values["card_number"]).warnings:
            row.warning("card_number", "identifier", sentence, mask(values["card_number"]))


def _refuse_repeated(rows: list[SheetRow], name: str) -> None:
    """Each of the rows that share a value gets the error, and the numbers of the others."""
    places: defaultdict[Any, list[SheetRow]] = defaultdict(list)
    for row in rows:
        if row.values[name] not in ("", None):
            places[row.values[name]].append(row)
    for value, sharing in places.items():
        for row in sharing if len(sharing) > 1 else ():
            others = ", ".join(str(other.number) for other in sharing if other is not row)
            sentence = _("Stands more than once on this sheet: also in row %(rows)s.") % {"rows": others}
            row.error(name, "repeated", sentence, mask(value) if name == "nik" else str(value))


def _check_members(home: Home) -> None:
    if not home.members:
        if home.number and not _is_wrong(home.row, "household_number"):
            sentence = _("No member of this household stands on the other sheet.")
            home.row.error("household_number", "no_members", sentence, home.number)
        return
    _refuse_repeated(home.members, "member_number")
    size = home.row.values["household_size"]
    if size is not None and size != len(home.members):
        sentence = _("%(size)s people are said to live here, the file lists %(count)s.")
        home.row.warning("household_size", "size", sentence % {"size": size, "count": len(home.members)})


def _check_heads(home: Home) -> None:
    relationships = [member.values["household_relationship"] for member in home.members]
    heads = [
        member for member in home.members if member.values["household_relationship"] == Relationship.HEAD
    ]
    for member in heads if len(heads) > 1 else ():
        others = ", ".join(str(other.number) for other in heads if other is not member)
        sentence = _("A household has one head; row %(rows)s says head too.") % {"rows": others}
        member.error("household_relationship", "two_heads", sentence)
    if home.members and not heads and None not in relationships:
        home.row.error(
            "household_number", "no_head", _("No member of this household is its head."), home.number
        )


def _check_families(home: Home) -> None:
    for member in home.members:
        number, card = member.values["family_number"], member.values["card_number"]
        if card and home.card_numbers.setdefault(number, card) != card:
            sentence = _("Family %(number)s of this household has another card number above.")
            member.error("card_number", "two_cards", sentence % {"number": number}, mask(card))


def _refuse_shared_cards(homes: list[Home]) -> None:
    uses = Counter(card for home in homes for card in home.card_numbers.values())
    for home in homes:
        for member in home.members:
            card = member.values["card_number"]
            if card and uses[card] > 1:
                sentence = _("Two families in this file have this card number.")
                member.error("card_number", "shared_card", sentence, mask(card))


def _check_answers(home: Home, known: Problems) -> None:
    _edit(home.row, None, None, known)
    assessed_on = home.row.values["assessed_on"]
    for member in home.members:
        _edit(member, _age(member.values["birth_date"], assessed_on), member.values["sex"], known)


def _edit(row: SheetRow, age: int | None, sex: int | None, known: Problems) -> None:
    for finding in edit(row.answers, age=age, sex=sex):
        (row.errors if finding.level == "error" else row.warnings).append(_problem(finding, known))


def _problem(finding: Finding, known: Problems) -> Problem:
    """A file repeats its findings by the ten thousand: each is translated and kept once."""
    lasting = (id(value) if isinstance(value, Promise) else value for value in finding.values.values())
    key = (finding.field, id(finding.sentence), *lasting)
    if key not in known:
        column = "birth_date" if finding.field == "age" else finding.field
        known[key] = Problem(column, finding.code, str(finding))
    return known[key]


def _age(born: date | None, day: date | None) -> int | None:
    if born is None or day is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
