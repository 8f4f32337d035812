"""Which lists a user may pull, their rows with the names of places, and what changed between versions."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Left
from django.urls import reverse

from programs.models import TargetList, TargetRow
from registry.api.examples import example_source
from registry.models import Area, User

DISTRICT_CODE_LENGTH = len("64.02.06")
# What makes a recipient's row another one. The rank is left out: one newcomer moves everybody below.
# Numbers are compared by their blind indexes: none is opened.
COMPARED = (
    *("area_id", "name", "nik_index", "card_number_index", "address", "status", "decile", "score", "facts"),
)


def lists_for(user: User | AnonymousUser) -> QuerySet[TargetList]:
    """Drafts are for those who may build them; an agency sees what was approved."""
    lists = TargetList.objects.visible_to(user)
    return lists if user.has_perm("programs.add_targetlist") else lists.frozen()


def rows_of(target_list: TargetList, user: User | AnonymousUser) -> QuerySet[TargetRow]:
    """In rank order, each with ``area_name`` and ``district_name``."""
    district = Area.objects.filter(code=Left(OuterRef("area_id"), DISTRICT_CODE_LENGTH)).values("name")
    return (
        TargetRow.objects.visible_to(user)
        .filter(target_list=target_list)
        .annotate(area_name=F("area__name"), district_name=Subquery(district))
        .order_by("rank")
    )


def changes(old: Iterable[TargetRow], new: Iterable[TargetRow]) -> dict[str, list[Any]]:
    """``added``, ``changed`` (with the names of the columns) and ``removed``, each in rank order."""
    before, after = _by_recipient(old), _by_recipient(new)
    changed = [
        {"fields_changed": names, "row": row}
        for recipient, row in after.items()
        if recipient in before and (names := _differences(before[recipient], row))
    ]
    return {
        "added": [row for recipient, row in after.items() if recipient not in before],
        "changed": changed,
        "removed": [row for recipient, row in before.items() if recipient not in after],
    }


def _by_recipient(rows: Iterable[TargetRow]) -> dict[tuple[int, int | None, int | None], TargetRow]:
    return {(row.household_id, row.family_id, row.member_id): row for row in rows}


def _differences(old: TargetRow, new: TargetRow) -> list[str]:
    differing = [name for name in COMPARED if getattr(old, name) != getattr(new, name)]
    return [name.removesuffix("_id").removesuffix("_index") for name in differing]


@example_source
def newest_rows(user: User) -> str | None:
    newest = TargetList.objects.visible_to(user).frozen().order_by("-approved_at").first()
    return reverse("api-target-row-list", args=[newest.pk]).rstrip("/") if newest else None
