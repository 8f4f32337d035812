"""What was seen on a day. Never edited: a correction is a newer row, and the database refuses anything
else.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from households.models.answers import HouseholdAnswers, MemberAnswers, code_checks
from households.models.household import Household, Member, VisibleToQuerySet
from registry.models import APPEND_ONLY, Area
from registry.numbers import no_identity_number


class AssessmentQuerySet(VisibleToQuerySet["Assessment"]):
    pass


class Assessment(HouseholdAnswers):
    class Source(models.TextChoices):
        FORM = "form", _("entry form")
        WORKBOOK = "workbook", _("workbook")
        API = "api", _("API")

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("household")
    )
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="+", editable=False, verbose_name=_("village")
    )
    assessed_on = models.DateField(_("assessed on"))
    enumerator = models.CharField(
        _("enumerator"), max_length=100, blank=True, validators=[no_identity_number]
    )
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.FORM, editable=False)
    import_batch = models.ForeignKey(
        "households.ImportBatch",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="assessments",
        verbose_name=_("import"),
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ["-assessed_on", "-pk"]
        get_latest_by = ["assessed_on", "pk"]
        constraints = [*code_checks(HouseholdAnswers)]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.household_id} / {self.assessed_on}"


class MemberAssessmentQuerySet(VisibleToQuerySet["MemberAssessment"]):
    pass


class MemberAssessment(MemberAnswers):
    """One member's answers on the day of the assessment."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="members", verbose_name=_("assessment")
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="answers", verbose_name=_("member")
    )
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", editable=False)

    objects = MemberAssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("member's answers")
        verbose_name_plural = _("members' answers")
        ordering = ["assessment", "member"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "member"], name="member_answers_once_per_assessment"
            ),
            *code_checks(MemberAnswers),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.assessment_id} / {self.member_id}"
