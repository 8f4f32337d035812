"""All that is held of one person: the data, where it came from, who received it, who changed it, who looked.

The right to it, the trail of processing included, is in articles 7 and 32 of UU 27/2022. What other rooms
hold they add themselves: they register a section here; this room does not know them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from households.imports.layout import layout_of
from households.imports.rows import UNKNOWN, cell_from_json
from households.models import (
    Assessment,
    Household,
    ImportBatch,
    ImportRow,
    Member,
    MemberAssessment,
    PovertyStatus,
    SubjectRequest,
    WelfareDecile,
)
from households.poverty import QUESTIONS
from households.poverty.text import fill
from households.questionnaire.blocks import HOUSEHOLD_BLOCKS, MEMBER_BLOCKS
from households.questionnaire.codes import Bitmask
from households.questionnaire.questions import Question
from households.subject_imports import rows_of
from registry.admin.trails import DEEDS
from registry.audit import subject_of
from registry.changes import Change, changes_in, history_of
from registry.models import AccessLog, AuditEvent, Shown, User
from registry.numbers import IdentityNumber, mask_numbers
from registry.roles import Role
from registry.templatetags.simpul import choice_label, number

Facts = dict[str, Any]  # by column or by a word of ``households.subject_text``; values fit into JSON
Section = Callable[[Member], Facts]
SECTIONS: list[Section] = []


class Kept(NamedTuple):
    """What outlived the rows of a person, and of whom its reading tells; no members means the households'
    people.
    """

    facts: Facts
    household_ids: list[int]
    member_ids: list[int]


SectionOfErased = Callable[[IdentityNumber, User, Sequence[Member]], Kept]
SECTIONS_OF_ERASED: list[SectionOfErased] = []

IDENTITY = (
    *("name", "nik", "nik_missing", "sex", "birth_place", "birth_date"),
    *("household_relationship", "family_relationship", "closed_on", "closed_reason"),
)
HOME = (
    *("number", "address", "hamlet", "rw", "rt", "latitude", "longitude", "status", "decile", "status_on"),
    *("closed_on", "closed_reason", "closed_evidence", "created_at"),
)


REQUEST = ("kind", "state", "received_at", "due_at", "decided_at")
WORDS_OF_REQUEST = ("asker", "asked", "outcome")


def section(function: Section) -> Section:
    """``function`` gives what a room above holds of the member, under keys of its own."""
    SECTIONS.append(function)
    return function


def section_of_erased(function: SectionOfErased) -> SectionOfErased:
    """``function`` gives what a room above still holds of this NIK, in the area of the user, besides what the
    sections tell of these registered rows of the person.
    """
    SECTIONS_OF_ERASED.append(function)
    return function


def report_on(member: Member, *, full: bool) -> Facts:
    """Numbers masked unless ``full``. Some twenty queries, each by an index."""
    household, family = member.household, member.family
    rows = rows_of(member)
    report: Facts = {
        "member_id": member.pk,
        "identity": shown(member, IDENTITY) | {"nik": _number(member.nik, full)},
        "family": {"card_number": _number(family.card_number, full), "position": family.position},
        "household": {"household_id": household.pk, "village": str(household.area), **shown(household, HOME)},
        "assessments": list(_assessments(member)),
        "statuses": list(_statuses(household)),
        "deciles": [
            shown(decile, ("decile", "source", "as_of"))
            for decile in WelfareDecile.objects.filter(household=household).order_by("as_of")
        ],
        "imports": list(import_rows(rows)),
        "requests": list(_requests(member)),
    }
    for add in SECTIONS:
        report |= add(member)
    return report | {"deeds": list(_deeds(member)), "readings": list(_readings(member, rows))}


def shown(thing: Model, names: tuple[str, ...]) -> Facts:
    """Columns with their codes in words; what is empty is left out."""
    values = {}
    for name in names:
        label = getattr(thing, f"get_{name}_display", None)
        value = str(label() or "") if label else getattr(thing, name)
        if value not in (None, ""):
            values[name] = value
    return values


def _number(identifier: IdentityNumber, full: bool) -> str:
    return identifier.reveal() if full else str(identifier)


def _assessments(member: Member) -> Iterator[Facts]:
    own = {answers.assessment_id: answers for answers in MemberAssessment.objects.filter(member=member)}
    seen = Assessment.objects.filter(household=member.household).order_by("assessed_on", "pk")
    for assessment in seen.select_related("recorded_by", "import_batch"):
        yield {
            **shown(assessment, ("assessed_on", "source", "enumerator", "recorded_at")),
            "recorded_by": str(assessment.recorded_by),
            "file_name": assessment.import_batch.file_name if assessment.import_batch else "",
            "household_answers": _answers(assessment, HOUSEHOLD_BLOCKS),
            "own_answers": _answers(own.get(assessment.pk), MEMBER_BLOCKS),
        }


def _answers(answers: Any, blocks: Any) -> Facts:
    if answers is None:
        return {}
    questions = (question for block in blocks for question in block.questions)
    told = {question.field: _answer(answers, question) for question in questions}
    return {name: value for name, value in told.items() if value is not None}


def _answer(answers: Any, question: Question) -> Any:
    value = getattr(answers, question.field)
    if value is None or question.answers is None:
        return value
    if issubclass(question.answers, Bitmask):
        return ", ".join(str(box.label) for box in question.answers.decode(value))
    return str(question.answers(value).label)


def _statuses(household: Household) -> Iterator[Facts]:
    verdicts = PovertyStatus.objects.filter(household=household).order_by("pk")
    for verdict in verdicts.select_related("scheme", "assessment"):
        yield {
            **shown(verdict, ("status", "score", "judged_on")),
            "scheme": str(verdict.scheme),
            "legal_reference": verdict.scheme.legal_reference,
            "assessed_on": verdict.assessment.assessed_on if verdict.assessment else None,
            "reasons": [
                {"is_met": reason["is_met"], "reason": fill(reason["sentence"], reason["values"], _, number)}
                for reason in verdict.reasons
            ],
            "missing": [_(QUESTIONS[name]) for name in verdict.missing],
        }


def import_rows(rows: Iterable[ImportRow]) -> Iterator[Facts]:
    """They and the workbook are kept as they came."""
    for row in rows:
        yield {
            "file_name": row.batch.file_name,
            "uploaded_by": str(row.batch.uploaded_by),
            "uploaded_at": row.batch.uploaded_at,
            **shown(row, ("sheet", "verdict")),
            "row": row.number,
        }


def cells_of(row: ImportRow, *, full: bool) -> Facts:
    """By heading, as they were typed; numbers masked unless ``full``."""
    layout = layout_of(row.sheet)
    typed = {name.removeprefix(UNKNOWN): cell_from_json(cell).value for name, cell in row.cells.items()}
    words = {layout.heading(name): str(value) for name, value in typed.items() if value not in (None, "")}
    return {mask_numbers(name): word if full else mask_numbers(word) for name, word in words.items()}


def _requests(member: Member) -> Iterator[Facts]:
    """Hers, and those about the household as a whole, whose words may be another person's.

    Without any words it was the request of somebody since erased.
    """
    of_all = Q(member=None, household=member.household_id) & ~Q(asker="", asked="")
    about_them = Q(member=member) | of_all
    requests = SubjectRequest.objects.filter(about_them).select_related("received_by", "decided_by")
    for request in requests.order_by("received_at", "pk"):
        words = WORDS_OF_REQUEST if request.member_id == member.pk else ()
        yield {
            **shown(request, (*REQUEST, *words)),
            "received_by": str(request.received_by),
            "decided_by": str(request.decided_by or ""),
        }


def _deeds(member: Member) -> Iterator[Facts]:
    """Every deed on the member, the family or the household; before and after of these three rows only."""
    things = (member, member.family, member.household)
    changes: dict[str, list[Change]] = {}
    for thing in things:
        for change in changes_in(history_of(thing)):
            changes.setdefault(change.deed, []).append(change)
    about_them = Q(subject__in=[subject_of(thing) for thing in things])
    events = AuditEvent.objects.filter(about_them | Q(deed__in=[deed for deed in changes if deed]))
    for event in events.select_related("by").order_by("at"):
        yield {
            "at": event.at,
            "deed": str(DEEDS.get(event.verb, event.verb)),
            "by": str(event.by or ""),
            "role": choice_label(event.role, Role),
            "why": event.why,
            "changes": [
                {"field": change.label, "before": change.before, "after": change.after}
                for change in changes.get(str(event.deed), ())
            ],
        }


def _readings(member: Member, rows: Iterable[ImportRow]) -> Iterator[Facts]:
    """By the households' index, and by the imports that held them before they were registered. An import
    whose rows are kept no more is known by the assessments that came from it.
    """
    of_this_person = Q(member_ids=[]) | Q(member_ids__contains=[member.pk])
    of_home = Q(household_ids__contains=[member.household_id])
    seen = Assessment.objects.filter(household=member.household_id).exclude(import_batch=None)
    imports = {row.batch_id for row in rows} | set(seen.values_list("import_batch", flat=True))
    return _told(of_this_person & of_home | _of_imports(imports))


def readings_of_imports(rows: Iterable[ImportRow]) -> Iterator[Facts]:
    """Who looked into the workbooks of these rows."""
    return _told(_of_imports({row.batch_id for row in rows}))


def _of_imports(keys: Iterable[int]) -> Q:
    return Q(shown=Shown.IMPORT, subject__in=[subject_of(ImportBatch(pk=pk)) for pk in keys])


def _told(which: Q) -> Iterator[Facts]:
    """The lists of ids may be long and are not fetched."""
    readings = AccessLog.objects.filter(which)
    fields = ("at", "user", "role", "purpose", "route", "shown", "is_full", "token")
    for reading in readings.only(*fields).select_related("user", "token__agency").order_by("at"):
        yield {
            "at": reading.at,
            "by": str(reading.user),
            "role": choice_label(reading.role, Role),
            "purpose": _(reading.purpose),
            "route": reading.route,
            "shown": choice_label(reading.shown, Shown),
            "is_full": reading.is_full,
            "token": f"{reading.token.name} ({reading.token.agency.name})" if reading.token else "",
        }
