"""Readings and deeds of three days."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from registry.audit import deed, log_reading
from registry.models import AccessLog, Shown
from registry.trails import seal_days
from tests.registry.meddling import LATER, at


@pytest.fixture
def read(ana) -> Callable[..., AccessLog]:
    """Writes one reading at a moment."""

    def write(moment: datetime, household: int = 1) -> AccessLog:
        with at(moment):
            log_reading(user=ana, route="test", purpose="test", shown=Shown.LINE, household_ids=[household])
        return AccessLog.objects.latest("pk")

    return write


@pytest.fixture
def three_days(read, ana) -> list[AccessLog]:
    """Two readings and a deed on each of three days, sealed."""
    rows = []
    for day in (24, 25, 26):
        rows += [read(datetime(2026, 11, day, hour, tzinfo=UTC), hour) for hour in (1, 9)]
        with at(rows[-1].at), deed("try", by=ana, why="test") as act:
            act.details = {"count": day, "nothing": None}
    seal_days(LATER)
    return rows
