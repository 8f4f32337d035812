"""The fast way in: COPY. A tenth of the cost of INSERT; row triggers still fire."""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

CHUNK = 2_000  # rows of text held at once; a wide row is a few kilobytes, four bytes a character


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY ``rows`` into the table of ``model``. ``None`` is NULL; the caller gives JSON as text.

    Raises Django's IntegrityError and its like, as the ORM would.
    """
    table = model._meta.db_table
    names = ", ".join(f'"{column}"' for column in columns)
    waiting = iter(rows)
    with transaction.atomic(), connection.cursor() as cursor:
        # PostgreSQL does not COPY into a table whose policies bind the role: such rows go by way of another.
        cursor.execute("SELECT row_security_active(%s)", [table])
        (is_bound,) = cursor.fetchone()
        if is_bound:
            like_it = f'SELECT {names} FROM "{table}" LIMIT 0'  # noqa: S608 - names of our own models
            cursor.execute(f"CREATE TEMPORARY TABLE arriving ON COMMIT DROP AS {like_it}")
        statement = f'COPY "{"arriving" if is_bound else table}" ({names}) FROM STDIN'
        while chunk := list(islice(waiting, CHUNK)):
            text = io.StringIO("".join("\t".join(map(_cell, row)) + "\n" for row in chunk))
            with connection.wrap_database_errors:
                cursor.copy_expert(statement, text)
        if is_bound:
            cursor.execute(f'INSERT INTO "{table}" ({names}) SELECT {names} FROM arriving')  # noqa: S608
            cursor.execute("DROP TABLE arriving")


def new_ids(model: type[models.Model], count: int) -> Iterator[int]:
    """From the table's own sequence, so that rows may refer to one another before they are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return iter([pk for (pk,) in cursor.fetchall()])


def analyze(*tables: type[models.Model]) -> None:
    """Without statistics the next query over many new rows may take minutes instead of a second."""
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')


def _cell(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bytes | memoryview):
        return rf"\\x{value.hex()}"
    text = str(value).replace("\\", r"\\")  # four times faster on long JSON than str.translate
    return text.replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
