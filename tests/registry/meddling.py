"""The trails as somebody finds them who meddles, and what is found afterwards."""

from datetime import UTC, date, datetime
from unittest.mock import patch

from django.db import connection

from registry import trails
from registry.models import AccessLog, TrailSeal
from registry.trails import Finding, seal_days, verify

TODAY = date(2026, 11, 24)


LATER = datetime(2026, 11, 27, 4, tzinfo=UTC)  # noon in Makassar: the 26th is over


def at(moment: datetime):
    return patch("django.utils.timezone.now", lambda: moment)


def execute(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def as_owner(statement: str, *values: object, table: str = "registry_accesslog") -> None:
    """What only somebody with the owner's account at the database can do."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute(f"ALTER TABLE {table} DISABLE TRIGGER never_changed")
    execute(statement, *values)
    execute(f"ALTER TABLE {table} ENABLE TRIGGER never_changed")


def found(when: datetime = LATER) -> list[Finding]:
    with at(when):
        return verify().findings


def rewrite_first_seal(row: AccessLog, *, and_later: bool = False) -> None:
    """As a thief with the owner's account would: the row, then its seal, then perhaps all that follow."""
    as_owner("UPDATE registry_accesslog SET purpose = 'other' WHERE id = %s", row.pk)
    kept = list(TrailSeal.objects.filter(trail="access").order_by("day"))
    gone = kept if and_later else kept[:1]
    for seal in gone:
        as_owner("DELETE FROM registry_trailseal WHERE id = %s", seal.pk, table="registry_trailseal")
    if and_later:
        seal_days(LATER)
        return
    leaves = trails._packed(trails._leaves_of("access", TODAY, trails.FORMS[trails.FORM]["access"]))
    digest = trails._digest("access", TODAY, trails.FORM, b"", leaves)
    TrailSeal.objects.create(
        trail="access", day=TODAY, form=trails.FORM, rows=2, leaves=leaves, previous=b"", digest=digest
    )
