"""What this room holds of people: draft lists forget at once, approved ones end with their time."""

from typing import Any

import pgtrigger
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from households.rights.erasure import FORGETTERS, Subject
from households.rights.retention import PERIODS, YEAR, Period, delete, own_default
from programs.models import Realisation, TargetList, TargetRow
from registry.models import User

LISTS_KEPT = 10 * YEAR
DRAFTS_KEPT = YEAR  # the year of a programme; a draft is built anew at any time
GUARDS = (
    "programs.TargetList:frozen_never_changes",
    "programs.TargetRow:rows_of_a_frozen_list",
    "programs.Realisation:append_only",
)


def forget_drafts(subject: Subject) -> None:
    """A draft was signed by nobody: whoever is erased leaves it. Approved lists are evidence and stay."""
    about = Q(household=subject.household)
    if not subject.is_whole:
        # A list of households or families names the person who heads them.
        named = Q(name__in=subject.names) | Q(nik_index__in=subject.nik_indexes)
        about &= Q(member__in=subject.people) | named
    rows = TargetRow.objects.filter(about, target_list__in=_drafts())
    for target_list in TargetList.objects.filter(pk__in=rows.values("target_list")):
        gone, _by_model = rows.filter(target_list=target_list).delete()
        TargetList.objects.filter(pk=target_list.pk).update(row_count=F("row_count") - gone)


def end_lists(keys: list[Any], by: User, why: str) -> None:
    """An approved list with its rows and what was reported of them."""
    reports = Realisation.objects.filter(target_list__in=keys)
    with pgtrigger.ignore(*GUARDS):
        reports.update(replaces=None)
        reports.delete()
        TargetRow.objects.filter(target_list__in=keys).delete()
        TargetList.objects.filter(pk__in=keys).delete()


def _drafts() -> QuerySet[TargetList]:
    return TargetList.objects.filter(state=TargetList.State.DRAFT)


FORGETTERS.append(forget_drafts)
PERIODS += [
    Period(
        "target-list-drafts",
        _("target lists that were never approved, with the names on them"),
        _("the day the list was built"),
        own_default(),
        keep=lambda: DRAFTS_KEPT,
        rows=_drafts,
        since="built_at",
        remove=delete(_drafts),  # one approved meanwhile is no draft, and stays
        chunk=1,
    ),
    Period(
        "target-lists",
        _("approved target lists with the names on them, and what was delivered"),
        _("the approval"),
        own_default(),
        keep=lambda: LISTS_KEPT,
        rows=TargetList.objects.frozen,
        since="approved_at",
        remove=end_lists,
        chunk=1,
    ),
]
