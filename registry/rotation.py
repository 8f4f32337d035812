"""Every seal under the newest key: in chunks, each its own transaction, from wherever it was left."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, models, transaction

from registry.audit import deed
from registry.models import User
from registry.numbers import SealedText, sealed_columns
from registry.sealed_files import storage_of
from registry.seals import newest_version, seal, unseal

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Place:
    """A sealed column of a table; rows of a history bear the seal of the row whose past they are."""

    model: type[models.Model]
    held: SealedText
    bound_to: str  # the column that holds the id in the seal

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}.{self.held.sealed}"


@dataclass(slots=True)
class Count:
    """``read`` = ``resealed`` + ``current``, unless others wrote meanwhile; ``left`` are under an old key."""

    read: int = 0
    resealed: int = 0
    current: int = 0
    left: int = 0


def places() -> Iterator[Place]:
    for model in apps.get_models():
        tracked = getattr(model, "pgh_tracked_model", None)
        for held in sealed_columns(tracked or model):
            if any(field.name == held.sealed for field in model._meta.fields):
                yield Place(model, held, "pgh_obj_id" if tracked else "id")


def rotate_keys(*, by: User, why: str) -> dict[str, Count]:
    """As ``rotate``, and one deed, also of a run that was stopped: how many seals each column got anew, and
    how many it left under old keys, which a run that was stopped cannot say.
    """
    resealed: dict[str, int] = {}
    left = None
    try:
        found = rotate(progress=resealed.__setitem__)
        left = sum(count.left for count in found.values())
        return found
    finally:
        with deed("rotate_keys", by=by, why=why) as act:
            act.details = {"version": newest_version(), "resealed": resealed, "left": left}


def rotate(
    *, chunk: int = CHUNK, progress: Callable[[str, int], object] = lambda name, done: None
) -> dict[str, Count]:
    """By table and column, then by the model of sealed files. ``progress`` is told after each chunk."""
    found = {}
    for place in places():
        found[str(place)] = _rotate_column(place, chunk, progress)
    for model in apps.get_models():
        for field in model._meta.fields:
            if storage_of(field):
                found[f"{model._meta.db_table}.{field.name}"] = _rotate_files(model, field, progress)
    return found


def _rotate_column(place: Place, chunk: int, progress: Callable[[str, int], object]) -> Count:
    version = newest_version()
    read, old = _count(place, version)
    count = Count(read=read, current=read - old)
    last = 0
    while True:
        with transaction.atomic():
            rows = _old_rows(place, version, after=last, limit=chunk)
            if not rows:
                break
            _write(place, rows)
        last = rows[-1][0]
        count.resealed += len(rows)
        progress(str(place), count.resealed)
    count.left = _count(place, version)[1]
    return count


def _count(place: Place, version: int) -> tuple[int, int]:
    """All seals, and those under another key than ``version``."""
    column = place.held.sealed
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT count("{column}"), count(*) FILTER (WHERE get_byte("{column}", 0) <> %s) '  # noqa: S608
            f'FROM "{place.model._meta.db_table}"',
            [version],
        )
        return cursor.fetchone()


def _old_rows(place: Place, version: int, *, after: int, limit: int) -> list[tuple[int, int, memoryview]]:
    """Primary key, id in the seal, seal. Locked, so that a form saved meanwhile is not overwritten."""
    model, column = place.model, place.held.sealed
    key = model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{key}", "{place.bound_to}", "{column}" FROM "{model._meta.db_table}" '  # noqa: S608
            f'WHERE "{key}" > %s AND get_byte("{column}", 0) <> %s '
            f'ORDER BY "{key}" LIMIT %s FOR NO KEY UPDATE',
            [after, version, limit],
        )
        return cursor.fetchall()


def _write(place: Place, rows: Iterable[tuple[int, int, memoryview]]) -> None:
    """A new seal is no new fact: for this statement no history notes it and no frozen list refuses it."""
    model = place.model
    table, key = model._meta.db_table, model._meta.pk.column
    sealed = {}
    for pk, bound, old in rows:
        where = place.held.place(bound)
        sealed[pk] = seal(unseal(old, where), where)
    with _without_triggers(model), connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" SET "{place.held.sealed}" = given.sealed '  # noqa: S608 - names of models
            "FROM unnest(%s::bigint[], %s::bytea[]) AS given(key, sealed) "
            f'WHERE "{table}"."{key}" = given.key',
            [list(sealed), list(sealed.values())],
        )


def _without_triggers(model: type[models.Model]) -> AbstractContextManager[None]:
    names = [f"{model._meta.label}:{trigger.name}" for trigger in getattr(model._meta, "triggers", [])]
    return pgtrigger.ignore(*names) if names else nullcontext()  # of no names it would ignore every trigger


def _rotate_files(model: type[models.Model], field: Any, progress: Callable[[str, int], object]) -> Count:
    """A file that is no longer there is counted nowhere: it needs no key."""
    storage, count = field.storage, Count()
    with_file = model._default_manager.exclude(**{field.name: ""})
    for pk in with_file.order_by("pk").values_list("pk", flat=True).iterator():
        with transaction.atomic():
            # The lock holds off a purge, which would see its removed file come back.
            name = with_file.select_for_update().filter(pk=pk).values_list(field.name, flat=True).first()
            if not name or not storage.exists(name):
                continue
            count.read += 1
            if storage.is_current(name):
                count.current += 1
                continue
            storage.reseal(name)
        count.resealed += 1
        count.left += not storage.is_current(name)
        progress(f"{model._meta.db_table}.{field.name}", count.resealed)
    return count
