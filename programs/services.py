"""Every change to programmes, target lists and realisations: a verb each, one transaction, one audit row."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from households.models import Family, Household, Member
from households.questionnaire.codes import Relationship
from programs.candidates import candidates_of, known_facts
from programs.models import Program, Realisation, TargetList, TargetRow
from programs.targeting import Candidate, allocate
from registry.audit import deed
from registry.bulk import copy_rows, new_ids
from registry.errors import Conflict
from registry.models import User
from registry.numbers import digits_of
from registry.scope import chosen_rows

ROW_COLUMNS = (
    "id",
    "target_list_id",
    "rank",
    "household_id",
    "family_id",
    "member_id",
    "area_id",
    "name",
    *TargetRow.nik.columns,
    *TargetRow.card_number.columns,
    "address",
    "status",
    "decile",
    "score",
    "facts",
)
SIGNED_COLUMNS = (
    *("rank", "household_id", "family_id", "member_id", "area_id", "name", "nik", "card_number"),
    *("address", "status", "decile", "score", "facts"),
)


@chosen_rows()
def build_target_list(*, program: Program, by: User, on: date) -> TargetList:
    """A new draft from today's registry; an older draft of the programme is replaced, frozen versions stay.

    Reads every eligible household once, ranks in memory, writes the rows with one COPY.
    Raises Conflict when the programme has no criteria: no rules means nobody, and that is never meant.
    """
    rules = program.rules()
    if not rules:
        raise Conflict(_("This programme has no criteria yet, so nobody is eligible."), code="no_criteria")
    with deed("build_target_list", by=by) as act:
        # One builder at a time: the version number and the single draft depend on it.
        Program.objects.select_for_update().get(pk=program.pk)
        program.target_lists.filter(state=TargetList.State.DRAFT).delete()
        candidates = candidates_of(program, on=on)
        chosen = allocate(
            candidates,
            quota=program.quota,
            district_quotas=dict(program.district_quotas.values_list("area_id", "quota")),
        )
        target_list = TargetList.objects.create(
            program=program,
            version=(program.target_lists.aggregate(last=Max("version"))["last"] or 0) + 1,
            rules=[{"fact": r.fact, "comparison": r.comparison, "value": r.value} for r in rules],
            eligible_count=len(candidates),
            row_count=len(chosen),
            built_by=by,
        )
        copy_rows(TargetRow, ROW_COLUMNS, _rows(target_list, chosen))
        act.about(target_list, eligible=len(candidates), targeted=len(chosen))
    return target_list


@chosen_rows()
def approve_target_list(*, target_list: TargetList, by: User) -> TargetList:
    """Signs and freezes. The checksum covers every row in rank order (see ``checksum``)."""
    with deed("approve_target_list", by=by, about=target_list) as act:
        target_list = TargetList.objects.select_for_update().get(pk=target_list.pk)
        if target_list.is_frozen:
            raise Conflict(_("This target list is already approved and frozen."), code="already_frozen")
        if not target_list.row_count:
            raise Conflict(_("An empty target list cannot be approved."), code="empty_list")
        target_list.state = TargetList.State.FROZEN
        target_list.sha256 = checksum(target_list)
        target_list.approved_by = by
        target_list.approved_at = timezone.now()
        target_list.save()
        act.details = {"sha256": target_list.sha256, "rows": target_list.row_count}
    return target_list


def checksum(target_list: TargetList) -> str:
    """SHA-256 over one JSON array per row, in rank order, each ended by a line feed.

    Over the numbers themselves: another key, or the same key again, changes the seals but not the list.
    """
    digest = hashlib.sha256()
    for target in target_list.rows.order_by("rank").iterator():
        row = [digits_of(getattr(target, name)) for name in SIGNED_COLUMNS]
        digest.update(
            json.dumps(row, default=str, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        )
    return digest.hexdigest()


def report_realisation(
    *,
    target_row: TargetRow,
    outcome: str,
    realised_on: date,
    reference: str,
    by: User,
    amount: Decimal | None = None,
    note: str = "",
    replaces: str = "",
) -> Realisation:
    """What came of one target. The same ``reference`` twice is the same delivery, answered once.

    ``replaces`` is the reference of an earlier report that this one corrects. Raises Conflict when the list
    is not frozen, the reference is taken by a different report, the report to replace is not there or
    replaced already, the day is in the future or before the programme's year, or the amount is above the
    programme's ceiling.
    """
    program = target_row.target_list.program
    if not Program.objects.visible_to(by).filter(pk=program.pk).exists():
        raise PermissionDenied
    if not target_row.target_list.is_frozen:
        raise Conflict(_("Report on an approved target list only."), code="not_frozen")
    _refuse_impossible(program, realised_on, amount)
    said: dict[str, Any] = {"outcome": outcome, "realised_on": realised_on, "amount": amount, "note": note}
    earlier = target_row.realisations.filter(reference=reference).select_related("replaces").first()
    if earlier:
        replaced = earlier.replaces.reference if earlier.replaces else ""
        if replaced != replaces or any(getattr(earlier, name) != value for name, value in said.items()):
            raise Conflict(
                _("Reference %(reference)s was already used for a different report.")
                % {"reference": reference},
                code="reference_taken",
                field="reference",
            )
        return earlier
    with deed("report_realisation", by=by, about=target_row):
        return Realisation.objects.create(
            target_row=target_row,
            target_list_id=target_row.target_list_id,
            household_id=target_row.household_id,
            area_id=target_row.area_id,
            reference=reference,
            replaces=_replaced(target_row, replaces) if replaces else None,
            reported_by=by,
            **said,
        )


def _refuse_impossible(program: Program, realised_on: date, amount: Decimal | None) -> None:
    """A report cannot be taken back, so a slip of the keyboard is stopped here."""
    if realised_on > timezone.localdate() or realised_on.year < program.year:
        raise Conflict(
            _("The date must lie between the beginning of %(year)s and today.") % {"year": program.year},
            code="impossible_date",
            field="realised_on",
        )
    if amount is not None and program.budget_ceiling is not None and amount > program.budget_ceiling:
        raise Conflict(
            _("The amount is above the whole budget ceiling of the programme."),
            code="impossible_amount",
            field="amount",
        )


def _replaced(target_row: TargetRow, reference: str) -> Realisation:
    earlier = target_row.realisations.current().filter(reference=reference).first()
    if earlier is None:
        raise Conflict(
            _("There is no report %(reference)s of this target that could be replaced.")
            % {"reference": reference},
            code="nothing_to_replace",
            field="replaces",
        )
    return earlier


def _rows(target_list: TargetList, chosen: list[Candidate]) -> Iterator[tuple[Any, ...]]:
    """Each place with its facts as they stand now: the frozen row must not follow later changes."""
    households = Household.objects.for_list().in_bulk([c.household for c in chosen])
    families = Family.objects.in_bulk([c.family for c in chosen if c.family])
    members = Member.objects.in_bulk([c.member for c in chosen if c.member])
    facts = known_facts(target_list.program.rules(), households)
    people = Member.objects.active().filter(household__in=households).select_related("family")
    heads = {head.household_id: head for head in people.heads()}
    family_heads = {head.family_id: head for head in people.filter(family_relationship=Relationship.HEAD)}
    ids = new_ids(TargetRow, len(chosen))
    for rank, (candidate, pk) in enumerate(zip(chosen, ids, strict=True), start=1):
        household = households[candidate.household]
        person = (
            members.get(candidate.member or 0)
            or family_heads.get(candidate.family or 0)
            or heads.get(candidate.household)
        )
        family = families.get(candidate.family or 0) or (person.family if person else None)
        yield (
            pk,
            target_list.pk,
            rank,
            household.pk,
            candidate.family,
            candidate.member,
            household.area_id,
            person.name if person else "",
            *TargetRow.nik.written(person.nik.reveal() if person else "", pk),
            *TargetRow.card_number.written(family.card_number.reveal() if family else "", pk),
            _address(household),
            household.status,
            household.decile,
            candidate.score,
            json.dumps(facts[household.pk], default=str),
        )


def _address(household: Household) -> str:
    parts = [household.address, household.hamlet]
    if household.rt:
        parts.append(f"RT {household.rt}" + (f"/RW {household.rw}" if household.rw else ""))
    return ", ".join(part for part in parts if part)
