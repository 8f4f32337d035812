"""Which tables are sealed day by day, and what of their rows.

Besides the two trails these are the histories that say what was before a change of users, areas, agencies,
schemes and programmes. Not the histories of people: an erasure removes their rows, a rotation of the keys
writes seals in them anew, and the worker, who seals, sees nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import models
from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Cast
from pghistory.core import event_models

from registry.models import AccessLog, AuditEvent, TrailSeal
from registry.scope import PeopleQuerySet
from registry.trail_models import can_be_true

AUDIT = ("id", "at", "deed", "verb", "by_id", "role", "why", "subject", "details", "request_id")
ACCESS = (
    *("id", "at", "user_id", "role", "purpose", "route", "subject", "household_ids", "member_ids", "shown"),
    *("record_count", "is_full", "token_id", "request_id"),
)
# What a leaf covers. A form that seals were made by never changes: a new column makes a new form. The seal of
# a history names its columns itself, since every release may add some.
FORMS: dict[int, dict[str, tuple[str, ...]]] = {
    1: {TrailSeal.Trail.AUDIT: AUDIT, TrailSeal.Trail.ACCESS: ACCESS}
}
FORM = max(FORMS)


@dataclass(frozen=True, slots=True)
class Source:
    """A table whose rows have an id in the column ``key`` and a moment in ``at``."""

    model: Any
    key: str = "id"
    at: str = "at"

    @property
    def rows(self) -> QuerySet[Any]:
        return self.model._default_manager.all()

    @property
    def true_rows(self) -> QuerySet[Any]:
        return self.rows.filter(self.can_be_true)

    @property
    def can_be_true(self) -> Q:
        return can_be_true(self.key, self.at)

    @property
    def columns(self) -> list[str]:
        """All that the table has today, by name."""
        return sorted(self._fields())

    def between(self, begins: datetime, ends: datetime) -> QuerySet[Any]:
        return self.rows.filter(**{f"{self.at}__gte": begins, f"{self.at}__lt": ends})

    def as_json(self, columns: Iterable[str]) -> Cast:
        """The row as a JSON array, moments in microseconds; a column that is there no more is null."""
        fields = self._fields()
        values = [_value(fields.get(name)) for name in columns]
        array = Func(*values, function="jsonb_build_array", output_field=models.JSONField())
        return Cast(array, models.TextField())

    def _fields(self) -> dict[str, Any]:
        return {field.attname: field for field in self.model._meta.concrete_fields}


def _value(field: Any) -> Any:
    if field is None:
        return Cast(Value(None), models.TextField())
    if not isinstance(field, models.DateTimeField):
        return F(field.attname)
    return Func(
        F(field.attname),
        template="(extract(epoch FROM %(expressions)s) * 1000000)::bigint",
        output_field=models.BigIntegerField(),
    )


@cache
def sources() -> dict[str, Source]:
    """By the name that a seal bears."""
    histories: Sequence[Any] = [
        model for model in event_models() if not isinstance(model._default_manager.all(), PeopleQuerySet)
    ]
    return {
        TrailSeal.Trail.AUDIT.value: Source(AuditEvent),
        TrailSeal.Trail.ACCESS.value: Source(AccessLog),
        **{model._meta.model_name: Source(model, "pgh_id", "pgh_created_at") for model in histories},
    }


def columns_of(seal: TrailSeal) -> Sequence[str]:
    """What the leaves of this seal cover."""
    return seal.columns or FORMS[seal.form][seal.trail]


def columns_named(trail: str) -> list[str]:
    """What a new seal names; nothing where its form says it."""
    return [] if trail in FORMS[FORM] else sources()[trail].columns
