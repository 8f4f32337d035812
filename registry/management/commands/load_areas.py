"""``manage.py load_areas FILE.csv``: provinces, regencies, districts and villages anywhere in Indonesia."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models
from django.utils.translation import gettext as _

from registry import audit
from registry.models import Area, AreaAlias, FormerCode

REQUIRED = ("code", "name", "level")
FIELDS = ("name", "level", "kind", "bps_code", "latitude", "longitude")
COLUMNS = ("code", *FIELDS, "former_codes", "aliases")
CODE_LENGTHS = {
    Area.Level.PROVINCE: 2,
    Area.Level.REGENCY: 5,
    Area.Level.DISTRICT: 8,
    Area.Level.VILLAGE: 13,
}
BPS_CODE_LENGTHS = {
    Area.Level.PROVINCE: 2,
    Area.Level.REGENCY: 4,
    Area.Level.DISTRICT: 7,
    Area.Level.VILLAGE: 10,
}
KINDS: dict[str, set[str]] = {
    Area.Level.PROVINCE: set(),
    Area.Level.REGENCY: {Area.Kind.REGENCY, Area.Kind.CITY},
    Area.Level.DISTRICT: set(),
    Area.Level.VILLAGE: {Area.Kind.RURAL_VILLAGE, Area.Kind.URBAN_VILLAGE, Area.Kind.CUSTOMARY_VILLAGE},
}
# The first digit of a village's serial number, as the Ministry of Home Affairs gives it out.
SERIALS = {Area.Kind.URBAN_VILLAGE: "1", Area.Kind.RURAL_VILLAGE: "2", Area.Kind.CUSTOMARY_VILLAGE: "3"}
FORMER_CODE = re.compile(r"(?P<code>[0-9.]+)(@(?P<until>\d{4}-\d{2}-\d{2}))?", re.ASCII)
# Degrees, generously: enough to catch points with a lost sign or decimal point.
INDONESIA = {"latitude": (Decimal(-12), Decimal(7)), "longitude": (Decimal(94), Decimal(142))}
BATCH = 5000


@dataclass(slots=True)
class Row:
    """One line of the file, numbered as a spreadsheet shows it: the header is row 1."""

    number: int
    area: Area
    former_codes: list[FormerCode] = field(default_factory=list)
    aliases: list[AreaAlias] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, column: str, message: str) -> None:
        self.errors.append(f"{column}: {message}")


class Command(BaseCommand):
    help = "Loads areas from a CSV file. Every row is checked first; one error and nothing is written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help=f"CSV in UTF-8 with the columns {', '.join(COLUMNS)}")

    def handle(self, *, file: Path, **options: object) -> None:
        header, lines = read_table(file)
        rows = [read_row(number, line) for number, line in lines]
        check_together(rows)
        self.report(rows)
        new, changed = save(rows, fields=[name for name in FIELDS if name in header], file=file.name)
        sentence = _("Areas read: %(read)s = %(new)s new + %(changed)s changed + %(same)s same")
        same = len(rows) - new - changed
        self.stdout.write(sentence % {"read": len(rows), "new": new, "changed": changed, "same": same})

    def report(self, rows: list[Row]) -> None:
        for row in rows:
            for message in row.errors:
                self.write_about(row, self.style.ERROR(_("error")), message)
            for message in row.warnings:
                self.write_about(row, self.style.WARNING(_("warning")), message)
        count = sum(len(row.errors) for row in rows)
        if count:
            raise CommandError(_("Errors: %(count)s. Nothing was written.") % {"count": count})

    def write_about(self, row: Row, kind: str, message: str) -> None:
        self.stderr.write(
            _("Row %(row)s: %(kind)s: %(message)s") % {"row": row.number, "kind": kind, "message": message}
        )


def read_table(file: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The header, and each line that is not blank with its row number. Raises CommandError."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            _("%(file)s cannot be read: %(error)s") % {"file": file, "error": error}
        ) from error
    first_line = text.partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    try:
        table = [
            [cell.strip() for cell in line]
            for line in csv.reader(StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise CommandError(
            _("%(file)s cannot be read: %(error)s") % {"file": file, "error": error}
        ) from error
    header = table[0] if table else []
    check_header(header)
    lines = []
    for number, cells in enumerate(table[1:], start=2):
        if len(cells) > len(header):
            raise CommandError(_("Row %(row)s has more cells than the header.") % {"row": number})
        if any(cells):
            cells += [""] * (len(header) - len(cells))
            lines.append((number, dict(zip(header, cells, strict=True))))
    return header, lines


def check_header(header: list[str]) -> None:
    wrong = {
        _("missing columns"): [name for name in REQUIRED if name not in header],
        _("unknown columns"): [name for name in header if name not in COLUMNS],
        _("repeated columns"): [name for name in COLUMNS if header.count(name) > 1],
    }
    found = "; ".join(f"{what}: {', '.join(names)}" for what, names in wrong.items() if names)
    if found:
        raise CommandError(_("The header (row 1) is not as expected: %(found)s.") % {"found": found})


def read_row(number: int, line: dict[str, str]) -> Row:
    area = Area(code=line["code"], name=line["name"], level=line["level"])
    area.kind = line.get("kind", "")
    area.bps_code = line.get("bps_code", "")
    row = Row(number, area)
    for name in INDONESIA:
        setattr(area, name, line.get(name) or None)
    wrong = check_fields(row, area)
    if not wrong & {"code", "level", "kind"}:
        check_code(row)
    if not wrong & set(INDONESIA):
        check_point(row)
    row.former_codes = list(read_former_codes(row, line.get("former_codes", "")))
    row.aliases = list(read_aliases(row, line.get("aliases", "")))
    return row


def check_fields(row: Row, thing: models.Model, column: str = "") -> set[str]:
    """The fields that fail what the model demands of them; the others become numbers and dates."""
    try:
        thing.clean_fields(exclude={"area"})
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            for message in messages:
                row.refuse(column or name, message)
        return set(error.message_dict)
    return set()


def check_code(row: Row) -> None:
    area = row.area
    level = Area.Level(area.level)
    if len(area.code) != CODE_LENGTHS[level]:
        sentence = _("The code %(code)s is not that of a %(level)s.")
        row.refuse("level", sentence % {"code": area.code, "level": level.label})
    if area.bps_code and not re.fullmatch(rf"[0-9]{{{BPS_CODE_LENGTHS[level]}}}", area.bps_code):
        sentence = _("The BPS code of a %(level)s has %(count)s digits.")
        row.refuse("bps_code", sentence % {"level": level.label, "count": BPS_CODE_LENGTHS[level]})
    if not area.kind:
        return
    kind = Area.Kind(area.kind)
    if kind not in KINDS[level]:
        sentence = _("A %(level)s cannot be of the kind “%(kind)s”.")
        row.refuse("kind", sentence % {"level": level.label, "kind": kind.value})
    elif kind in SERIALS and area.code[9:10] != SERIALS[kind]:
        sentence = _("kind: the serial number of a %(kind)s begins with %(digit)s; the code is %(code)s.")
        row.warnings.append(sentence % {"kind": kind.label, "digit": SERIALS[kind], "code": area.code})


def check_point(row: Row) -> None:
    if (row.area.latitude is None) != (row.area.longitude is None):
        row.refuse("latitude", _("Give both latitude and longitude, or neither."))
    for name, (low, high) in INDONESIA.items():
        degrees = getattr(row.area, name)
        if degrees is not None and not low <= degrees <= high:
            row.refuse(name, _("%(degrees)s is outside Indonesia.") % {"degrees": degrees})


def read_former_codes(row: Row, cell: str) -> Iterator[FormerCode]:
    seen = set[str]()
    for text in split(cell):
        match = FORMER_CODE.fullmatch(text)
        if match is None or len(match["code"]) != len(row.area.code):
            sentence = _("“%(text)s” is not a former code; write 64.02.13.1006 or 64.02.13.1006@2020-10-19.")
            row.refuse("former_codes", sentence % {"text": text})
            continue
        if match["code"] in seen:
            row.refuse("former_codes", _("%(code)s stands here twice.") % {"code": match["code"]})
            continue
        seen.add(match["code"])
        former = FormerCode(area=row.area, code=match["code"], until=match["until"])
        if not check_fields(row, former, "former_codes"):
            yield former


def read_aliases(row: Row, cell: str) -> Iterator[AreaAlias]:
    for name in dict.fromkeys(split(cell)):
        alias = AreaAlias(area=row.area, name=name)
        if name != row.area.name and not check_fields(row, alias, "aliases"):
            yield alias


def split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def check_together(rows: list[Row]) -> None:
    """What one row cannot know of itself: its parent, and whether its codes are its own."""
    known = {row.area.code for row in rows}
    parents = {row.area.parent_code for row in rows} - known - {""}
    known |= set(Area.objects.filter(code__in=parents).values_list("code", flat=True))
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        parent = row.area.parent_code
        if parent and parent not in known:
            sentence = _("The area above, %(parent)s, is neither in the file nor loaded.")
            row.refuse("code", sentence % {"parent": parent})
        for column in ("code", "bps_code"):
            value = getattr(row.area, column)
            earlier = first.setdefault((column, value), row.number)
            if value and earlier != row.number:
                sentence = _("%(value)s stands in row %(row)s already.")
                row.refuse(column, sentence % {"value": value, "row": earlier})


def save(rows: list[Row], *, fields: list[str], file: str) -> tuple[int, int]:
    """The numbers of new and of changed areas. ``fields`` are those the file has.

    Aliases and former codes are added and never taken away, for old files go on using them.
    """
    stored = Area.objects.prefetch_related("former_codes", "aliases").in_bulk([row.area.code for row in rows])
    new = [row for row in rows if row.area.code not in stored]
    changed = [
        row for row in rows if row.area.code in stored and is_changed(row, stored[row.area.code], fields)
    ]
    if not new and not changed:
        return 0, 0
    with audit.deed("load_areas", by=None) as deed:
        deed.details = {"file": file, "new": len(new), "changed": len(changed)}
        Area.objects.bulk_create([row.area for row in new], batch_size=BATCH)
        Area.objects.bulk_update([row.area for row in changed], fields, batch_size=BATCH)
        touched = new + changed
        FormerCode.objects.bulk_create(
            [former for row in touched for former in row.former_codes],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["area", "code"],
            update_fields=["until"],
        )
        AreaAlias.objects.bulk_create(
            [alias for row in touched for alias in row.aliases], batch_size=BATCH, ignore_conflicts=True
        )
    return len(new), len(changed)


def is_changed(row: Row, stored: Area, fields: list[str]) -> bool:
    """Also keeps a date that is stored for a former code when the file gives none."""
    dates = {former.code: former.until for former in stored.former_codes.all()}
    for former in row.former_codes:
        former.until = former.until or dates.get(former.code)
    return (
        any(getattr(row.area, name) != getattr(stored, name) for name in fields)
        or any(former.code not in dates or former.until != dates[former.code] for former in row.former_codes)
        or not {alias.name for alias in row.aliases} <= {alias.name for alias in stored.aliases.all()}
    )
