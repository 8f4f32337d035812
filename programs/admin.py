"""Programmes with their criteria and district quotas."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from programs.models import Criterion, DistrictQuota, Program
from programs.targeting.facts import COMPARISONS, FACTS, Level
from registry.admin.base import AuditedAdmin, PartInline, ScopedAdmin, StaffForm
from registry.templatetags.simpul import rupiah

GROUPS = {Level.HOUSEHOLD: _("Household"), Level.MEMBER: _("One and the same member")}
COMPARISON_WORDS = {
    "one_of": _("is one of"),
    "none_of": _("is none of"),
    "at_least": _("is at least"),
    "at_most": _("is at most"),
    "is": _("is (yes or no)"),
    "within": _("lies within"),
    "not_targeted_by": _("is not on the list of"),
}


class CriterionForm(StaffForm):
    class Meta:
        model = Criterion
        fields = ("position", "fact", "comparison", "value")


class CriterionInline(PartInline):
    model = Criterion
    form = CriterionForm
    hide_title = False  # the rule as a sentence
    fields = ("position", "fact", "comparison", "value")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == "fact":
            grouped = [
                (
                    title,
                    [
                        (fact.name, capfirst(str(fact.label)))
                        for fact in FACTS.values()
                        if fact.level is level
                    ],
                )
                for level, title in GROUPS.items()
            ]
            return _choice(db_field, grouped)
        if db_field.name == "comparison":
            known = dict.fromkeys(name for names in COMPARISONS.values() for name in names)
            return _choice(db_field, [(name, COMPARISON_WORDS.get(name, name)) for name in known])
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def _choice(db_field: Any, choices: list[Any]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=capfirst(str(db_field.verbose_name)),
        choices=[("", _("Select value")), *choices],
        widget=UnfoldAdminSelectWidget(),
    )


class DistrictQuotaInline(PartInline):
    model = DistrictQuota
    fields = ("area", "quota")
    autocomplete_fields = ("area",)


class ProgramForm(StaffForm):
    class Meta:
        model = Program
        fields = (
            "code",
            "name",
            "agency",
            "cluster",
            "strategy",
            "unit",
            "year",
            "budget_ceiling",
            "unit_cost",
            "quota",
        )


@admin.register(Program)
class ProgramAdmin(AuditedAdmin, ScopedAdmin):
    form = ProgramForm
    autocomplete_fields = ("agency",)
    inlines = (CriterionInline, DistrictQuotaInline)
    list_display = ("name", "year", "agency", "cluster", "unit", "ceiling", "quota")
    list_filter = ("year", "cluster", "agency")
    list_select_related = ("agency",)
    search_fields = ("name", "=code", "agency__short_name")
    fieldsets = (
        (None, {"fields": (("code", "year"), "name", "agency", ("cluster", "strategy"), "unit")}),
        (_("Budget and quota"), {"fields": (("budget_ceiling", "unit_cost"), "quota")}),
    )

    @admin.display(description=_("budget ceiling"), ordering="budget_ceiling")
    def ceiling(self, program: Program) -> str:
        return rupiah(program.budget_ceiling)

    @admin.display(description=_("programme page"))
    def page(self, program: Program) -> SafeString:
        words = gettext("Target lists and realisations")
        return format_html('<a class="text-link" href="{}">{}</a>', program.get_absolute_url(), words)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        if obj is None:
            return self.fieldsets
        return (*self.fieldsets, (_("Target lists"), {"fields": ("page",)}))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("page",)
