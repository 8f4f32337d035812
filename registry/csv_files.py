"""CSV as Indonesian Excel reads and writes it: semicolons, a byte order mark, decimal commas."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TextIO

from django.utils import timezone
from django.utils.functional import Promise

from registry import upload_guard
from registry.spreadsheet_rows import EMPTY, Cell, Kind, Row, Sheet
from registry.upload_guard import LIMITS, Limits, refuse
from registry.workbook_scan import column_letter
from registry.zip_stream import Refused

BLOCK = 1024 * 1024
SAMPLE = 64 * 1024
DELIMITERS = ";,\t"
FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")
BLANKS = " \N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}"
# Where a program that splits at another delimiter, or ignores the quotes, would begin a cell with a formula.
INNER_START = f"(?=[{BLANKS}'\"]*[-=+@＝＋－＠])"
OPEN_CUT = re.compile(f"([,;\t\r\n]){INNER_START}")
CLOSED_CUT = re.compile(f"([,;\t\r\n])'{INNER_START}")
# Characters that XML cannot hold, or that no file should.
FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

Value = bool | int | float | Decimal | str | date | Promise | None


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet program may compute ``text``; blanks and apostrophes before it do not count."""
    return text.lstrip(BLANKS + "'").startswith(FORMULA_STARTS)


def without_control_characters(text: str) -> str:
    """Each replaced by the sign for an unknown character, so that the loss can be seen."""
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def local_time(moment: datetime) -> datetime:
    """Without a zone, as spreadsheets keep time."""
    return timezone.make_naive(moment) if timezone.is_aware(moment) else moment


def write_csv(
    stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[Value]], *, delimiter: str = ";"
) -> None:
    """``stream`` takes text; a file must be opened with ``encoding="utf-8", newline=""``.

    What looks like a formula gets an apostrophe in front, at the start of a text and behind every character
    in it at which another program might cut; ``read_csv`` takes them off. Numbers have a decimal comma where
    ``;`` is the delimiter: the Excel that splits there reads 1.234 as a thousand.
    A double click on a CSV file still turns a NIK into a number: people are given XLSX, programs CSV.
    """
    decimal_mark = "," if delimiter == ";" else "."
    stream.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([_field(heading, decimal_mark) for heading in header])
    writer.writerows([_field(value, decimal_mark) for value in row] for row in rows)


def _field(value: Value, decimal_mark: str) -> str | int:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return value
    if isinstance(value, (float, Decimal)):
        return format(Decimal(str(value)), "f").replace(".", decimal_mark)
    if isinstance(value, datetime):
        return local_time(value).isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    text = OPEN_CUT.sub(r"\1'", without_control_characters(str(value)))
    return f"'{text}" if looks_like_formula(text) else text


def read_csv(path: Path | str, limits: Limits = LIMITS) -> Sheet:
    """A text file as a sheet of texts; its encoding and its delimiter (``;`` ``,`` tab) are found out.

    Rows are numbered as Excel numbers them: a quoted text of several lines is one row, a first line ``sep=;``
    is none.
    The apostrophes that ``write_csv`` puts before would-be formulas are taken off again.
    """
    try:
        encoding = _encoding(path, limits)
        dialect = _Dialect.of(path, encoding)
        for _row_of_file in _csv_rows(path, encoding, dialect, limits):
            pass  # once to the end, so that nobody meets a refusal halfway
    except Refused as refused:
        refuse(refused.code, refused)
    return Sheet(Path(path).stem, lambda: _csv_rows(path, encoding, dialect, limits))


def _encoding(path: Path | str, limits: Limits) -> str:
    """cp1252 is what an older Excel writes. It would fit almost any bytes, so it is tried last."""
    with open(path, "rb") as file:
        upload_guard.check_size(file, limits)
        beginning = file.read(1024)
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    elif b"\0" in beginning:
        candidates = ["utf-16-le" if beginning[1:2] == b"\0" else "utf-16-be"]
    else:
        candidates = ["utf-8-sig", "cp1252"]
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise Refused("unknown_encoding")


def _decodes(path: Path | str, encoding: str) -> bool:
    try:
        with open(path, encoding=encoding, newline="") as file:
            while block := file.read(BLOCK):
                if "\0" in block:
                    return False
    except UnicodeError:
        return False
    return True


class _Dialect(NamedTuple):
    delimiter: str
    is_declared: bool  # by a first line "sep=;", which Excel writes and does not count

    @classmethod
    def of(cls, path: Path | str, encoding: str) -> "_Dialect":
        """The delimiter that cuts most of the first rows into equally many columns, and into the most."""
        with open(path, encoding=encoding, newline="") as file:
            sample = file.read(SAMPLE)
        first = sample.partition("\n")[0].strip(" \r")  # not a tab, which may be what is declared
        if first.lower().startswith("sep=") and len(first) == 5:
            return cls(first[4], True)
        lines = sample.splitlines(keepends=True)[:50]
        return cls(max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter)), False)


def _evenness(lines: list[str], delimiter: str) -> tuple[int, int]:
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0, 0
    width = max(widths, key=widths.count, default=0)
    return (widths.count(width), width) if width > 1 else (0, 0)


def _csv_rows(path: Path | str, encoding: str, dialect: _Dialect, limits: Limits) -> Iterator[Row]:
    with open(path, encoding=encoding, newline="") as file:
        if dialect.is_declared:
            file.readline()
        reader = csv.reader(file, delimiter=dialect.delimiter)
        try:
            for number, texts in enumerate(reader, start=1):
                if number > limits.rows:
                    raise Refused("too_many_rows", found=number, limit=limits.rows)
                if len(texts) > limits.columns:
                    raise Refused("too_many_columns", found=column_letter(len(texts)), limit=limits.columns)
                if any(texts):
                    yield Row(number, [Cell(Kind.TEXT, _bare(text)) if text else EMPTY for text in texts])
        except csv.Error as error:  # a text longer than 131,072 characters: a quote that is never closed
            raise Refused("long_text") from error


def _bare(text: str) -> str:
    if text.startswith("'") and looks_like_formula(text):
        text = text[1:]
    return CLOSED_CUT.sub(r"\1", text)
