"""A process of its own that reads one workbook and prints its rows.

The libraries may hang, take all memory or abort; here that costs a child. It imports no Django and is
given no secrets. The order arrives on standard input as JSON: path, memory and output (bytes), seconds,
and sheets, each with name and reader. For each sheet the answer is a line ``{"sheet": name}``, a line
``[number, [cells]]`` for every row that holds something, and a line ``{"rows": printed, "seen": last
number read}``. A cell is null, true, false, a number, a text, or ``{"date": ...}``, ``{"time": ...}``,
``{"error": ...}``.
"""

import errno
import json
import math
import os
import re
import resource
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from types import TracebackType
from typing import TextIO

OUT_OF_MEMORY, TOO_MUCH_OUTPUT = 4, 5
WHOLE_UP_TO = 10**18  # so that a NIK or No. KK that became a number still shows its digits
EXCEL_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # PostgreSQL keeps neither

Value = bool | int | float | str | dict[str, str] | None
NumberedRows = Iterator[tuple[int, list[Value]]]


def main() -> int:
    order = json.load(sys.stdin)
    limit_this_process(order["memory"], order["seconds"], order["output"])
    sys.excepthook = name_the_error
    try:
        for sheet in order["sheets"]:
            write_sheet(order["path"], sheet["name"], READERS[sheet["reader"]], sys.stdout)
        sys.stdout.flush()
    except MemoryError:
        return OUT_OF_MEMORY
    except OSError as error:
        if error.errno not in (errno.EFBIG, errno.ENOSPC):
            raise
        return TOO_MUCH_OUTPUT
    return 0


def limit_this_process(memory: int, seconds: int, output: int) -> None:
    _limit(resource.RLIMIT_AS, memory, memory)
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)
    _limit(resource.RLIMIT_FSIZE, output, output)
    _limit(resource.RLIMIT_CORE, 0, 0)


def _limit(kind: int, soft: int, hard: int) -> None:
    """Where the machine allows less, that holds: nobody may raise it."""
    _soft, most = resource.getrlimit(kind)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(kind, (soft, hard))


def name_the_error(kind: type[BaseException], _error: BaseException, _trace: TracebackType | None) -> None:
    """Only the name: the message may quote what stands in the file."""
    sys.stderr.write(f"\n{kind.__name__}\n")


def write_sheet(path: str, name: str, reader: Callable[[str, str], NumberedRows], output: TextIO) -> None:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    output.write(encode({"sheet": name}) + "\n")
    printed = seen = 0
    for number, cells in reader(path, name):
        seen = number
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            output.write(encode([number, cells]) + "\n")
            printed += 1
    output.write(encode({"rows": printed, "seen": seen}) + "\n")


def read_fast(path: str, name: str) -> NumberedRows:
    """Holds the whole sheet in memory. Cells in error come as empty texts."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(path) as workbook:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.start is None:
            return
        margin: list[Value] = [None] * sheet.start[1]
        for number, values in enumerate(sheet.iter_rows(), start=1):
            yield number, margin + [plain(value) for value in values]


def read_frugally(path: str, name: str) -> NumberedRows:
    """Ten times slower, and needs memory only for the shared texts.

    The dimension that the file claims is set aside: where it is too small, rows below it would be dropped.
    """
    from openpyxl import load_workbook

    with open(path, "rb") as file:  # of a path openpyxl wants to see the ending
        workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = workbook[name]
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield number, [plain_cell(cell.data_type, cell.value) for cell in cells]
        workbook.close()


READERS = {"fast": read_fast, "frugal": read_frugally}


def plain_cell(data_type: str, value: object) -> Value:
    if data_type == "e":
        return {"error": str(value)}
    if isinstance(value, str):
        value = EXCEL_ESCAPE.sub(lambda found: chr(int(found[1], 16)), value)
    return plain(value)


def plain(value: object) -> Value:
    """The value as JSON can say it; a whole float becomes an int, a midnight a date, an empty text null."""
    if isinstance(value, str):
        return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value) or None
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return {"error": str(value)}
        return int(value) if value.is_integer() and abs(value) <= WHOLE_UP_TO else value
    if isinstance(value, datetime):
        is_midnight = value.time() == time()
        return {"date": value.date().isoformat() if is_midnight else value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, (time, timedelta)):
        return {"time": value.isoformat() if isinstance(value, time) else str(value)}
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    os._exit(main())  # an orderly exit would try once more to write what did not fit
