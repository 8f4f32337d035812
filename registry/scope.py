"""Two layers between a reader and other people's data, each of which holds alone.

Above, ``PeopleQuerySet``: while somebody waits for an answer, a query on people's rows that did not pass
``visible_to`` raises. Beneath, the database: its policies compare every row with four settings of the
connection, which ``working_for`` fills from the user; where they are empty, no row is there.

Commands of the administrator (migrate, seed, reports) work for nobody: they connect as the owner of the
tables, whom neither layer binds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import astuple, dataclass
from typing import Any, Self, TypeVar

import psycopg2  # type: ignore[import-untyped]
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models
from django.db.backends.signals import connection_created
from django.db.models import Q
from psycopg2.extensions import TRANSACTION_STATUS_INERROR  # type: ignore[import-untyped]

from registry.models import User
from registry.permissions import first_code_after, grant_of, scope_of
from registry.roles import Sees

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Floor:
    """What the policies compare rows with: area codes from and below, an agency's id, a user's id."""

    area_from: str = ""
    area_below: str = ""
    agency: str = ""
    account: str = ""

    @property
    def settings(self) -> dict[str, str]:
        names = ("area_from", "area_below", "agency", "account")
        return {f"simpul.{name}": value for name, value in zip(names, astuple(self), strict=True)}


NOBODY = Floor()
EVERY_AREA = {"area_from": "0", "area_below": ":"}  # codes are digits and points; ":" follows "9"

_floor: ContextVar[Floor | None] = ContextVar("floor", default=None)
_is_guarded: ContextVar[bool] = ContextVar("is_guarded", default=False)


class UnscopedQuery(Exception):
    """People's rows were asked for without ``visible_to``: a mistake in the code, never of the user."""


def floor_of(user: User | AnonymousUser) -> Floor:
    grant = grant_of(user)
    if not isinstance(user, User) or not grant.may:
        return NOBODY
    scope = scope_of(user)
    areas: dict[str, str] = {}
    if scope.sees is Sees.EVERYBODY:
        areas = EVERY_AREA
    elif scope.sees is Sees.OWN_AREA and scope.area_code:
        areas = {"area_from": scope.area_code, "area_below": first_code_after(scope.area_code)}
    agency = str(user.agency_id or "") if grant.own_agency_only else ""
    return Floor(**areas, agency=agency, account=str(user.pk))


@contextmanager
def working_for(user: User | AnonymousUser) -> Iterator[None]:
    """A request, or a job for whoever asked for it: both layers are closed but for what the user may see."""
    guarded = _is_guarded.set(True)
    try:
        with _standing_on(floor_of(user)):
            yield
    finally:
        _is_guarded.reset(guarded)


def become(user: User) -> None:
    """For the rest of the request: an API token says who asks only when the view looks."""
    _stand_on(floor_of(user))


@contextmanager
def chosen_rows() -> Iterator[None]:
    """Queries inside need no ``visible_to``: their rows hang on rows that passed it. The database looks."""
    guarded = _is_guarded.set(False)
    try:
        yield
    finally:
        _is_guarded.reset(guarded)


@contextmanager
def whole_registry(reason: str) -> Iterator[None]:
    """Both layers open: for figures, and for numbers that may exist only once. No person leaves from inside.

    A test lists every place that uses it; ``reason`` says there why.
    """
    outside = _floor.get()
    if outside is None:
        yield
        return
    with chosen_rows(), _standing_on(Floor(**EVERY_AREA, agency=outside.agency, account=outside.account)):
        yield


class PeopleQuerySet(models.QuerySet[M]):
    """Rows of people's tables. A subclass says in ``visible_to`` whose rows a user may see."""

    _is_scoped = False

    def visible_to(self, user: User | AnonymousUser) -> Self:
        raise NotImplementedError

    def scoped(self, where: Q | None) -> Self:
        """The rows ``where`` lets through; ``None`` lets none."""
        rows = self.none() if where is None else self.filter(where)
        rows._is_scoped = True
        return rows

    def require_scope(self) -> None:
        # A part of something seen is seen: a household's members, an assessment's answers.
        whole = self._hints.get("instance")  # type: ignore[attr-defined]  # set by related managers
        is_part = whole is not None and isinstance(type(whole)._default_manager.all(), PeopleQuerySet)
        if _is_guarded.get() and not (self._is_scoped or is_part or self.query.is_empty()):
            raise UnscopedQuery(f"{self.model.__name__}: use visible_to(user).")

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]  # private to Django
        clone._is_scoped = self._is_scoped
        return clone

    def _merge_sanity_check(self, other: Any) -> None:
        """``a | b`` is scoped when both are: it goes by the left side's word from here on."""
        super()._merge_sanity_check(other)  # type: ignore[misc]  # private to Django
        self.require_scope()
        other.require_scope()

    def _combinator_query(self, combinator: str, *others: Any, **kwargs: Any) -> Self:
        for rows in (self, *others):
            rows.require_scope()
        combined: Self = super()._combinator_query(combinator, *others, **kwargs)  # type: ignore[misc]
        return combined

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self.require_scope()
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[M]:
        self.require_scope()
        return super().iterator(*args, **kwargs)

    def count(self) -> int:
        self.require_scope()
        return super().count()

    def exists(self) -> bool:
        self.require_scope()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self.require_scope()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self.require_scope()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self.require_scope()
        return super().delete()


@contextmanager
def _standing_on(floor: Floor) -> Iterator[None]:
    before = _floor.get()
    _stand_on(floor)
    try:
        yield
    finally:
        _stand_on(before)


def _stand_on(floor: Floor | None) -> None:
    """The settings live as long as the connection, which outlives the request: they are always taken back."""
    is_another = (floor or NOBODY) != (_floor.get() or NOBODY)
    _floor.set(floor)
    if is_another and not _is_broken():
        try:
            set_floor(floor or NOBODY)
        except psycopg2.Error:
            connection.close()  # it was lost; the next one stands where it should: _stand_again
        except BaseException:
            connection.close()  # a connection whose settings are not known must serve nobody
            raise


def _is_broken() -> bool:
    """Inside a transaction that has failed nothing can be set: its end takes back what was set in it."""
    raw = connection.connection
    return raw is not None and raw.info.transaction_status == TRANSACTION_STATUS_INERROR


def set_floor(floor: Floor) -> None:
    settings = floor.settings
    calls = ", ".join("set_config(%s, %s, false)" for _name in settings)
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", [part for pair in settings.items() for part in pair])


def _stand_again(**_signal: Any) -> None:
    """A connection lost and made anew in the middle of a request knows nothing of its floor."""
    if floor := _floor.get():
        set_floor(floor)


connection_created.connect(_stand_again, dispatch_uid="floor")
