"""What was seen on a day, and what was concluded from it. Both are records: read here, never changed."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline

from households.admin.base import DistrictFilter, PeopleAdmin
from households.models import Assessment, ImportBatch, MemberAssessment, PovertyStatus
from households.poverty.text import fill
from households.questionnaire.blocks import HOUSEHOLD_BLOCKS, MEMBER_BLOCKS
from households.questionnaire.codes import Bitmask
from households.questionnaire.questions import Question
from registry.admin.base import ReadOnlyAdmin
from registry.models import Shown
from registry.templatetags.simpul import number

MET = {True: _("met"), False: _("not met"), None: _("not answered")}


def _label(name: str) -> Any:
    """The question's own words; a fact that comes from elsewhere keeps its name."""
    columns = (*MemberAssessment._meta.fields, *Assessment._meta.fields)
    return {column.name: column.verbose_name for column in columns}.get(name, name)


def _answer(question: Question) -> str | Callable[[Any], str]:
    """The column itself, or a column of ticked boxes in words instead of their sum."""
    boxes = question.answers
    if boxes is None or not issubclass(boxes, Bitmask):
        return question.field

    @admin.display(description=_label(question.field))
    def ticked(answers: Any) -> str:
        value = getattr(answers, question.field)
        return "" if value is None else ", ".join(str(box.label) for box in boxes.decode(value))

    return ticked


MEMBER_ANSWERS = [_answer(question) for block in MEMBER_BLOCKS for question in block.questions]


def _in_threes(fields: list[Any]) -> list[Any]:
    """Short answers share a line."""
    return [tuple(fields[start : start + 3]) for start in range(0, len(fields), 3)]


class MemberAnswersInline(StackedInline):
    model = MemberAssessment
    can_delete = False
    extra = 0
    fields = ("member", *_in_threes(MEMBER_ANSWERS))
    readonly_fields = ("member", *MEMBER_ANSWERS)
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[MemberAssessment]:
        return MemberAssessment.objects.visible_to(request.user).select_related("member")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("households.view_assessment")


@admin.register(Assessment)
class AssessmentAdmin(PeopleAdmin, ReadOnlyAdmin):
    shows = Shown.ANSWERS
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("household", "area"),
                    ("assessed_on", "enumerator"),
                    ("source", "import_batch"),
                    ("recorder", "recorded_at"),
                )
            },
        ),
        *(
            (block.title, {"fields": _in_threes([q.field for q in block.questions])})
            for block in HOUSEHOLD_BLOCKS
        ),
    )
    readonly_fields = ("recorder",)
    inlines = (MemberAnswersInline,)
    list_display = ("household", "area", "assessed_on", "source", "enumerator", "recorded_by")
    list_filter = (DistrictFilter, "source")
    list_select_related = ("household", "area", "recorded_by")
    ordering = ("-pk",)
    search_fields = ("household__number",)
    search_help_text = _("A household number.")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Assessment:
        """Without the upload it came from, unless the reader may see that: it bears the name of a file."""
        assessment = cast(Assessment, super().get_object(request, object_id, from_field))
        if batch := assessment.import_batch_id:
            uploads = ImportBatch.objects.visible_to(request.user)
            assessment.import_batch = uploads.filter(pk=batch).first()
        return assessment

    @admin.display(description=_("recorded by"))
    def recorder(self, assessment: Assessment) -> str:
        """Not a link: few may open the form of a user."""
        return str(assessment.recorded_by)


@admin.register(PovertyStatus)
class PovertyStatusAdmin(PeopleAdmin, ReadOnlyAdmin):
    shows = shows_listed = Shown.STATUS
    fields = (
        ("household", "area"),
        ("status", "points"),
        ("scheme", "assessment", "judged_on"),
        "why",
        "not_answered",
    )
    readonly_fields = ("points", "why", "not_answered")
    list_display = ("household", "area", "scheme", "status", "points", "judged_on")
    list_filter = (DistrictFilter, "scheme", "status")
    list_select_related = ("household", "area", "scheme")
    ordering = ("-pk",)
    search_fields = ("household__number",)
    search_help_text = _("A household number.")

    @admin.display(description=_("score"), ordering="score")
    def points(self, verdict: PovertyStatus) -> str:
        is_whole = verdict.score is None or verdict.score == int(verdict.score)
        return number(verdict.score, 0 if is_whole else 3)

    @admin.display(description=_("reasons"))
    def why(self, verdict: PovertyStatus) -> SafeString:
        lines = (
            (MET[reason["is_met"]], fill(reason["sentence"], reason["values"], gettext, number))
            for reason in verdict.reasons
        )
        return format_html("<ul>{}</ul>", format_html_join("", "<li><strong>{}</strong>: {}</li>", lines))

    @admin.display(description=_("missing answers"))
    def not_answered(self, verdict: PovertyStatus) -> str:
        return ", ".join(str(_label(name)) for name in verdict.missing)
