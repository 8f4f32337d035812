"""Two layers keep one area's people from another: the querysets' filter, and the database's own.

Each must hold the matrix alone: ``SIMPUL_LAYER=application`` runs it with the floor off, ``database`` with
the filter off; without it both are on.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from unittest import mock

from django.db.models import QuerySet

from households.models.household import VisibleToQuerySet
from households.models.import_batch import ImportBatchQuerySet
from programs.models.program import ProgramQuerySet
from programs.models.target_list import RealisationQuerySet, TargetListQuerySet, TargetRowQuerySet

FILTERED: tuple[Any, ...] = (
    VisibleToQuerySet,
    ImportBatchQuerySet,
    ProgramQuerySet,
    TargetListQuerySet,
    TargetRowQuerySet,
    RealisationQuerySet,
)


@contextmanager
def application_filter_off() -> Iterator[None]:
    """``visible_to`` gives everything to everybody: only the database can hold anything back."""

    def everything(rows: QuerySet, user: object) -> QuerySet:
        return rows.all()

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
    """The tables are open to every row: only the querysets can hold anything back.

    Row-level security is not in this tree, so there is no floor to take away: the same as leaving it be.
    """
    yield


def layer(name: str) -> Any:
    """``both``, ``application`` or ``database``: the layers that stay on."""
    return {
        "both": nullcontext,
        "application": database_floor_off,
        "database": application_filter_off,
    }[name]()
