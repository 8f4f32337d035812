"""The fast way in: COPY. A tenth of the cost of INSERT; row triggers still fire."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY ``rows`` into the table of ``model``. ``None`` is NULL; the caller gives JSON as text."""
    copy_into(model._meta.db_table, columns, rows)


def copy_into(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    lines = ("\t".join(map(_cell, row)) + "\n" for row in rows)
    buffer = io.StringIO("".join(lines))
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', buffer)


def _cell(value: object) -> str:
    return r"\N" if value is None else str(value).translate(ESCAPES)
