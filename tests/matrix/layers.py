"""Two layers keep one area's people from another: the querysets' filter, and the database's own.

Each must hold the matrix alone: ``SIMPUL_LAYER=application`` runs it with the floor off, ``database`` with
the filter off; without it both are on.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest import mock

from django.db.models import Q

from households.models.household import VisibleToQuerySet
from households.models.import_batch import ImportBatchQuerySet, ImportRowQuerySet
from programs.models.target_list import RealisationQuerySet, TargetListQuerySet, TargetRowQuerySet
from registry import scope
from registry.scope import PeopleQuerySet
from tests.factories import as_served

# Of people's tables; programmes are no person's, and only their own filter keeps offices apart.
FILTERED: tuple[type[PeopleQuerySet], ...] = (
    VisibleToQuerySet,
    ImportBatchQuerySet,
    ImportRowQuerySet,
    TargetListQuerySet,
    TargetRowQuerySet,
    RealisationQuerySet,
)


@contextmanager
def application_filter_off() -> Iterator[None]:
    """``visible_to`` gives everything to everybody: only the database can hold anything back."""

    def everything(rows: PeopleQuerySet, user: object) -> PeopleQuerySet:
        return rows.scoped(Q())

    patches = [mock.patch.object(queryset, "visible_to", everything) for queryset in FILTERED]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


@contextmanager
def database_floor_off() -> Iterator[None]:
    """Requests run as the owner of the tables, whom no policy binds: only the querysets hold back."""
    yield


@contextmanager
def both_off() -> Iterator[None]:
    """Nothing holds anything back: the proof that people would be seen if it were so."""
    set_floor, everybody = scope.set_floor, scope.Floor(**scope.EVERY_AREA)

    def stand_everywhere(floor: scope.Floor) -> None:
        set_floor(floor if floor == scope.NOBODY else everybody)

    with application_filter_off(), mock.patch.object(scope, "set_floor", stand_everywhere):
        yield


@contextmanager
def layer(name: str) -> Iterator[None]:
    """``both``, ``application`` or ``database``: the layers that stay on."""
    with ExitStack() as stack:
        stack.enter_context(database_floor_off() if name == "application" else as_served())
        if name == "database":
            stack.enter_context(application_filter_off())
        elif name not in ("both", "application"):
            raise ValueError(name)
        yield
