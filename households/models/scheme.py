"""By which decree a household counts as poor, and the verdicts given under it."""

from datetime import date
from typing import Self

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from households.models.assessment import Assessment
from households.models.household import Household, StatusChoice, VisibleToQuerySet
from households.poverty import METHODS, Method, ParameterError, method_of
from registry.models import APPEND_ONLY, Area
from registry.trail_models import by_deed


class SchemeQuerySet(models.QuerySet["Scheme"]):
    def in_force(self, day: date) -> Self:
        return self.filter(valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))


@pghistory.track(meta=by_deed("scheme_changes_by_deed"))
class Scheme(models.Model):
    """A method with its parameters, in force between two dates under a legal reference. A change is a new
    version.
    """

    code = models.SlugField(_("code"), max_length=30)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    name = models.CharField(_("name"), max_length=120)
    method = models.CharField(_("method"), max_length=30)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    legal_reference = models.CharField(_("legal reference"), max_length=200)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    sets_status = models.BooleanField(
        _("sets the household's status"),
        default=False,
        help_text=_("One scheme decides the status shown in lists, targets and reports."),
    )

    objects = SchemeQuerySet.as_manager()

    class Meta:
        verbose_name = _("scheme")
        verbose_name_plural = _("schemes")
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="scheme_version_once"),
            models.UniqueConstraint(
                fields=["sets_status"], name="one_scheme_sets_the_status", condition=Q(sets_status=True)
            ),
            models.CheckConstraint(
                name="scheme_ends_after_it_begins",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def clean(self) -> None:
        if self.method not in METHODS:
            raise ValidationError({"method": _("Choose one of the known methods.")})
        if not isinstance(self.parameters, dict):
            raise ValidationError({"parameters": _("Write the parameters as names with values.")})
        try:
            self.judging_method()
        except ParameterError as error:
            raise ValidationError({"parameters": error.text(gettext)}) from error

    def judging_method(self) -> Method:
        """The method with this version's parameters; make it once for many households."""
        return method_of(self.method, self.parameters)


class WelfareDecile(models.Model):
    """A decile as the centre published it: imported with its source and date, never computed here."""

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="deciles", verbose_name=_("household")
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", editable=False)
    decile = models.PositiveSmallIntegerField(_("welfare decile"))
    source = models.CharField(_("source"), max_length=60)
    as_of = models.DateField(_("as of"))

    objects = VisibleToQuerySet["WelfareDecile"].as_manager()

    class Meta:
        verbose_name = _("welfare decile")
        verbose_name_plural = _("welfare deciles")
        ordering = ["household", "-as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "source", "as_of"], name="decile_once_per_source_and_date"
            ),
            models.CheckConstraint(name="decile_from_1_to_10", condition=Q(decile__range=(1, 10))),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.household_id}: {self.decile}"


class PovertyStatusQuerySet(VisibleToQuerySet["PovertyStatus"]):
    pass


class PovertyStatus(models.Model):
    """A household judged under a scheme: status, score, and a reason for every criterion. Never changed."""

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="statuses", verbose_name=_("household")
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", editable=False)
    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="statuses", verbose_name=_("scheme")
    )
    assessment = models.ForeignKey(
        Assessment,
        on_delete=models.PROTECT,
        null=True,
        related_name="statuses",
        verbose_name=_("assessment"),
    )
    status = models.CharField(_("poverty status"), max_length=12, choices=StatusChoice)
    score = models.DecimalField(_("score"), max_digits=8, decimal_places=3, null=True)
    reasons = models.JSONField(_("reasons"), default=list)
    missing = models.JSONField(_("missing answers"), default=list)
    judged_on = models.DateField(_("judged on"))

    objects = PovertyStatusQuerySet.as_manager()

    class Meta:
        verbose_name = _("poverty status")
        verbose_name_plural = _("poverty statuses")
        ordering = ["household", "scheme", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="no_score_when_unknown",
                condition=Q(status=StatusChoice.UNKNOWN, score=None) | ~Q(status=StatusChoice.UNKNOWN),
            )
        ]
        indexes = [models.Index(fields=["household", "scheme", "-id"], name="status_newest_per_scheme")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.household_id}: {self.get_status_display()}"
