"""What an agency does for whom: a programme, its criteria and its quotas."""

from datetime import date
from typing import Self

import pghistory
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from programs.targeting.facts import Kind
from programs.targeting.rules import Rule, RuleError
from registry.models import Agency, Area, User
from registry.permissions import grant_of
from registry.trail_models import by_deed


class ProgramQuerySet(models.QuerySet["Program"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """An agency's office sees its own programmes; who may read programmes otherwise sees all."""
        grant = grant_of(user)
        if "programs.view_program" not in grant.may:
            return self.none()
        if grant.own_agency_only:
            return self.filter(agency=getattr(user, "agency_id", None))
        return self


@pghistory.track(meta=by_deed("program_changes_by_deed"))
class Program(models.Model):
    class Cluster(models.IntegerChoices):
        FAMILY = 1, _("I – family-based social assistance")
        COMMUNITY = 2, _("II – community empowerment")
        MICRO_ENTERPRISE = 3, _("III – micro and small enterprise")
        AFFORDABLE = 4, _("IV – affordable housing, water, power and transport")

    class Strategy(models.IntegerChoices):
        EXPENDITURE = 1, _("reduce the burden of spending")
        INCOME = 2, _("raise income")
        POCKETS = 3, _("reduce pockets of poverty")

    class Unit(models.TextChoices):
        HOUSEHOLD = "household", _("household")
        FAMILY = "family", _("family")
        MEMBER = "member", _("member")

    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=150)
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="programs", verbose_name=_("agency")
    )
    cluster = models.PositiveSmallIntegerField(_("cluster"), choices=Cluster)
    strategy = models.PositiveSmallIntegerField(_("strategy"), choices=Strategy)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(2011)])
    budget_ceiling = models.DecimalField(
        _("budget ceiling (rupiah)"), max_digits=16, decimal_places=0, null=True, blank=True
    )
    unit_cost = models.DecimalField(
        _("cost per recipient (rupiah)"), max_digits=14, decimal_places=0, null=True, blank=True
    )
    quota = models.PositiveIntegerField(
        _("quota"), null=True, blank=True, help_text=_("Recipients in the whole regency. Empty: no limit.")
    )

    objects = ProgramQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["-year", "name"]
        constraints = [models.UniqueConstraint(fields=["code", "year"], name="program_code_once_per_year")]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"

    def get_absolute_url(self) -> str:
        return reverse("program-detail", args=[self.pk])

    def rules(self) -> list[Rule]:
        """In their order; one query unless ``criteria`` is prefetched."""
        return [criterion.rule() for criterion in self.criteria.all()]


@pghistory.track(meta=by_deed("criterion_changes_by_deed"))
class Criterion(models.Model):
    """One rule of who may have it: the name of a fact, a comparison and a value
    (programs/targeting/rules.py).
    """

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="criteria", verbose_name=_("programme")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    fact = models.CharField(_("fact"), max_length=40)
    comparison = models.CharField(_("comparison"), max_length=20)
    value = models.CharField(
        _("value"), max_length=200, help_text=_("Several values are separated by a comma.")
    )

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["program", "position", "pk"]

    def __str__(self) -> str:
        return str(self.rule())

    def rule(self) -> Rule:
        return Rule(self.fact, self.comparison, self.value)

    def clean(self) -> None:
        try:
            self.rule().q(date(2011, 1, 1))
        except RuleError as error:
            raise ValidationError(str(error)) from error
        # A slip of the keyboard here would leave out everybody, or nobody, without a word.
        kind = self.rule().subject().kind
        if kind is Kind.AREA and not Area.objects.filter(code=self.value.strip()).exists():
            raise ValidationError({"value": _("There is no area with this code.")})
        if kind is Kind.PROGRAM and not Program.objects.filter(code=self.value.strip()).exists():
            raise ValidationError({"value": _("There is no programme with this code.")})


@pghistory.track(meta=by_deed("districtquota_changes_by_deed"))
class DistrictQuota(models.Model):
    """How many recipients a district (kecamatan) may have in a programme."""

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="district_quotas", verbose_name=_("programme")
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("district"),
        limit_choices_to=Q(level=Area.Level.DISTRICT),
    )
    quota = models.PositiveIntegerField(_("quota"))

    class Meta:
        verbose_name = _("district quota")
        verbose_name_plural = _("district quotas")
        ordering = ["program", "area"]
        constraints = [
            models.UniqueConstraint(fields=["program", "area"], name="quota_once_per_program_and_district")
        ]

    def __str__(self) -> str:
        return f"{self.area_id}: {self.quota}"
