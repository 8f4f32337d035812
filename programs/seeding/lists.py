"""Target lists of the demonstration, and what was delivered from two of them."""

from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import Any

from django.utils import timezone

from households.seeding.distributions import Draw
from programs.models import Program, Realisation, TargetList
from programs.seeding.programmes import PLANS, YEAR
from programs.services import approve_target_list, build_target_list
from registry.audit import deed
from registry.bulk import copy_rows
from registry.models import User

# One list waits for its signature; two are already being delivered.
LEFT_AS_DRAFT = "pondok-pangan-etam"
DELIVERED = ("sembako-daerah", "beasiswa-kukar-idaman")
REPORTED = 0.7

Outcome = Realisation.Outcome
OUTCOMES = (
    Outcome.DELIVERED,
    Outcome.REFUSED,
    Outcome.MOVED,
    Outcome.DIED,
    Outcome.NOT_FOUND,
    Outcome.FAILED,
)
OUTCOME = Draw({0: 91, 1: 2, 2: 3, 3: 1, 4: 1, 5: 2})
COLUMNS = (
    *("target_row_id", "target_list_id", "household_id", "area_id"),
    *("outcome", "realised_on", "amount", "note"),
    *("reference", "reported_by_id", "reported_at"),
)


def ensure_target_lists(*, by: User, on: date, progress: Callable[[int], object]) -> int:
    """Builds and approves a list for each programme that has none; returns how many were built."""
    built = 0
    codes = [plan.code for plan in PLANS]
    for program in Program.objects.filter(year=YEAR, code__in=codes).order_by("pk"):
        if not program.target_lists.exists():
            target_list = build_target_list(program=program, by=by, on=on)
            if program.code != LEFT_AS_DRAFT and target_list.row_count:
                approve_target_list(target_list=target_list, by=by)
            built += 1
        progress(1)
    return built


def ensure_realisations(*, by: User) -> int:
    """Reports what came of most rows of two lists, where nothing was reported yet; returns how many."""
    reported = 0
    for target_list in TargetList.objects.frozen().filter(program__code__in=DELIVERED, program__year=YEAR):
        if Realisation.objects.filter(target_list=target_list).exists():
            continue
        rows = list(_reports(target_list, by))
        with deed("report_realisations", by=by, about=target_list) as act:
            copy_rows(Realisation, COLUMNS, rows)
            act.details = {"reports": len(rows)}
        reported += len(rows)
    return reported


def _reports(target_list: TargetList, by: User) -> Iterator[tuple[Any, ...]]:
    """Dated on the day of the approval: nothing is delivered from a list before it is signed."""
    rng = Random(target_list.program.code)  # noqa: S311 - invented data needs no cryptographic chance
    now = timezone.now()
    signed_on = timezone.localdate(target_list.approved_at)
    for row in target_list.rows.order_by("rank"):
        if rng.random() >= REPORTED:
            continue
        outcome = OUTCOMES[OUTCOME(rng)]
        amount = target_list.program.unit_cost if outcome == Outcome.DELIVERED else None
        reference = f"CONTOH-{target_list.program.code}-{row.rank:05}"
        about = (row.pk, row.target_list_id, row.household_id, row.area_id)
        yield (*about, outcome.value, signed_on, amount, "", reference, by.pk, now)
