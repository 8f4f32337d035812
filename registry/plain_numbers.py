"""From plain columns to sealed ones and back, for migrations: chunks of one statement each."""

from collections.abc import Iterable
from functools import partial
from pathlib import PurePath
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.db import connection, models, transaction

from registry.sealed_files import SealedStorage
from registry.seals import blind_index, seal, unseal

CHUNK = 2_000


def seal_column(
    table: str, column: str, *, kind: str = "", of: str = "", into: str = "", empty: str = "''"
) -> None:
    """Seals ``column``, writes the blind index of ``kind``, and empties the column.

    ``of`` names the table whose history ``table`` is, ``into`` the sealed text where it is not ``column``,
    ``empty`` is SQL. Triggers rest meanwhile: neither a history nor a frozen list is changed by it.
    """
    name, index = into or column, f', "{column}_index" = given.index' if kind else ""
    place = f"{of or table}.{name}"
    update = (
        f'UPDATE "{table}" SET "{name}_sealed" = given.sealed, "{column}" = {empty}{index} '  # noqa: S608
        f"FROM unnest(%s::bigint[], %s::bytea[], %s::text[]) AS given(key, sealed, index) "
    )
    for rows in _chunks(table, column, f'"{column}"::text <> {empty}', of):
        sealed = [seal(text, f"{place}:{bound}") for _key, bound, text in rows]
        indexes = [blind_index(kind, text) for _key, _bound, text in rows]
        _write(table, update, of, [key for key, _bound, _text in rows], sealed, indexes)


def unseal_column(
    table: str, column: str, *, kind: str = "", of: str = "", into: str = "", cast: str = "text"
) -> None:
    """The way back: ``seal_column`` undone."""
    name, index = into or column, f", \"{column}_index\" = ''" if kind else ""
    place = f"{of or table}.{name}"
    update = (
        f'UPDATE "{table}" SET "{column}" = given.plain::{cast}, "{name}_sealed" = NULL{index} '  # noqa: S608
        f"FROM unnest(%s::bigint[], %s::text[]) AS given(key, plain) "
    )
    for rows in _chunks(table, f"{name}_sealed", f'"{name}_sealed" IS NOT NULL', of):
        plain = [unseal(sealed, f"{place}:{bound}") for _key, bound, sealed in rows]
        _write(table, update, of, [key for key, _bound, _sealed in rows], plain)


def _chunks(table: str, column: str, condition: str, of: str) -> Iterable[list[tuple[int, int, Any]]]:
    """Key, id bound into the seal, value."""
    key, bound, last = _key(of), "pgh_obj_id" if of else "id", 0
    cast = "" if column.endswith("_sealed") else "::text"
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f'SELECT "{key}", "{bound}", "{column}"{cast} FROM "{table}" '  # noqa: S608
                f'WHERE "{key}" > %s AND {condition} ORDER BY "{key}" LIMIT %s',
                [last, CHUNK],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield rows


def _key(of: str) -> str:
    return "pgh_id" if of else "id"


def _write(table: str, update: str, of: str, *columns: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        cursor.execute(f'{update} WHERE "{table}"."{_key(of)}" = given.key', columns)
        settle()
        cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def settle() -> None:
    """Checks the foreign keys of rows written twice in this transaction: no table is altered before."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def seal_files(batches: type[models.Model], field: str) -> None:
    """Seals each uploaded file under a new name; the plain one goes when the migration is committed."""
    _rename_files(batches, field, FileSystemStorage(), SealedStorage(), ".sealed")


def unseal_files(batches: type[models.Model], field: str) -> None:
    _rename_files(batches, field, SealedStorage(), FileSystemStorage(), ".xlsx")


def _rename_files(
    batches: type[models.Model], field: str, old: FileSystemStorage, new: FileSystemStorage, suffix: str
) -> None:
    for pk, name in batches._default_manager.exclude(**{field: ""}).values_list("pk", field):
        if old.exists(name):
            with old.open(name) as file:
                renamed = new.save(str(PurePath(name).with_suffix(suffix)), file)
            batches._default_manager.filter(pk=pk).update(**{field: renamed})
            transaction.on_commit(partial(old.delete, name))
