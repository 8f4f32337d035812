"""What a deed changed: before and after, field by field, from the row history that triggers keep."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models
from django.db.models.fields.json import KT
from pghistory.core import event_models

from registry.models import User
from registry.numbers import SealedNumber, sealed_columns
from registry.scope import PeopleQuerySet

DELETED = "delete"


class Change(NamedTuple):
    """One field of one row. Values are codes as stored, identity numbers masked; None is no value.

    ``household`` is the id of the household whose row it is, None for rows that belong to none.
    """

    model: type[models.Model]
    row: int | str  # an area's key is its code
    field: str
    before: Any
    after: Any
    household: int | None
    deed: str

    @property
    def column(self) -> Any:
        """The field, or the sealed number, which has a ``verbose_name`` as a field has."""
        held = vars(self.model).get(self.field)
        return held if isinstance(held, SealedNumber) else self.model._meta.get_field(self.field)

    @property
    def label(self) -> str:
        """The field's name in words."""
        return str(self.column.verbose_name)


def changes_of(deed: UUID | str, *, by: User | None = None, rows: int | None = None) -> list[Change]:
    """In the order they were made, of rows that ``by`` may see; the first ``rows`` of each table if given.

    ``after`` is what the next change of the same row found, or what the row holds today. New rows have no
    before, so they are not here: the deed's subject and details tell of them. One query for each table with
    a history, and two more for each that was touched.
    """
    changes: list[Change] = []
    tables: list[Any] = event_models()
    for model in tables:
        found = _seen(model, by).annotate(deed=KT("pgh_context__deed")).filter(deed=str(deed))
        events = found.order_by("pgh_id")
        changes += _compared(model, list(events[:rows] if rows else events), by)
    return changes


def history_of(thing: models.Model) -> "models.QuerySet[Any]":
    """The earlier states of one row, oldest first; ``pgh_context["deed"]`` names what ended each."""
    model: Any
    (model,) = event_models(tracks_model=type(thing))
    return model.objects.filter(pgh_obj=thing.pk).order_by("pgh_id")


def changes_in(events: Iterable[Any]) -> list[Change]:
    """As ``changes_of``, for rows of one event table."""
    listed = list(events)
    return list(_compared(type(listed[0]), listed, None)) if listed else []


def _seen(model: Any, by: User | None) -> Any:
    """Nobody is a command of the administrator: in a request, people's rows are refused to nobody."""
    rows = model._default_manager.all()
    return rows.visible_to(by) if by and isinstance(rows, PeopleQuerySet) else rows


def _compared(model: Any, events: list[Any], by: User | None) -> Iterator[Change]:
    if not events:
        return
    ids = {event.pgh_obj_id for event in events}
    later = _seen(model, by).filter(pgh_obj__in=ids, pgh_id__gt=events[0].pgh_id).order_by("pgh_id")
    states: dict[int, list[Any]] = defaultdict(list)
    for event in later:
        states[event.pgh_obj_id].append(event)
    tracked: type[models.Model] = model.pgh_tracked_model
    today = _seen(tracked, by).in_bulk(ids)
    for event in events:
        following = states[event.pgh_obj_id]
        place = bisect_right(following, event.pgh_id, key=lambda state: state.pgh_id)
        after = next(islice(following, place, None), today.get(event.pgh_obj_id))
        yield from _fields(tracked, event, None if event.pgh_label == DELETED else after)


def _fields(tracked: type[models.Model], event: Any, after: Any) -> Iterator[Change]:
    household = event.pgh_obj_id if tracked._meta.model_name == "household" else None
    for name, old, new in (*_plain(tracked, event, after), *_numbers(tracked, event, after)):
        yield Change(
            tracked,
            event.pgh_obj_id,
            name,
            old,
            new,
            getattr(event, "household_id", None) or household,
            str((event.pgh_context or {}).get("deed", "")),
        )


def _plain(tracked: type[models.Model], event: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    sealed = {column for held in sealed_columns(tracked) for column in held.columns}
    for field in event._meta.concrete_fields:
        if field.name.startswith("pgh_") or field.name == "id" or field.name in sealed:
            continue
        old, new = getattr(event, field.attname), getattr(after, field.attname, None)
        if old != new:
            yield field.name, old, new


def _numbers(tracked: type[models.Model], event: Any, after: Any) -> Iterator[tuple[str, str, str]]:
    """Compared by their indexes: a number sealed anew is the same number. Raises BrokenSeal."""
    for held in sealed_columns(tracked):
        if isinstance(held, SealedNumber) and getattr(event, held.index) != getattr(after, held.index, ""):
            yield held.name, _masked(held, event, event.pgh_obj_id), _masked(held, after, event.pgh_obj_id)


def _masked(held: SealedNumber, row: Any, pk: int) -> str:
    """Of a row of the table, of its history, or of none."""
    sealed = getattr(row, held.sealed, None)
    return str(held.opened(sealed, pk)) if sealed else ""
