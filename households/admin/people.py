"""Households with their families and members. Every write is a call of households.services."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.db import models
from django.db.models import Model, QuerySet
from django.forms.models import BaseInlineFormSet, ModelChoiceField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline
from unfold.widgets import UnfoldAdminSelect2Widget

from households import services
from households.admin.base import ClosedFilter, DistrictFilter, Masks, PeopleAdmin, areas_of
from households.admin.forms import FamilyStaffForm, HouseholdStaffForm, MemberStaffForm
from households.models import Assessment, Family, Household, Member
from households.models.household import HouseholdQuerySet
from households.questionnaire.codes import Relationship
from registry.admin.base import StaffForm, TypedAsHere, refusals_on, user_of
from registry.errors import Conflict
from registry.models import Shown
from registry.templatetags.simpul import wita

MEMBER_FIELDS = (
    ("name", "sex", "family_number"),
    ("nik", "nik_missing"),
    ("birth_place", "birth_date"),
    ("household_relationship", "family_relationship"),
    ("closed_on", "closed_reason"),
)


class SeenFormSet(BaseInlineFormSet):
    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        """Django would look for the id that a row sends among all rows there are."""
        super().add_fields(form, index)
        form.fields["id"].queryset = self.get_queryset()  # type: ignore[attr-defined]  # a model choice field


class PersonalPart(Masks, TypedAsHere):
    """An inline of the household. Who may not change it sees every field as text, numbers masked."""

    can_delete = False
    extra = 0
    formset = SeenFormSet
    tab = True
    related: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: QuerySet = self.model.objects.visible_to(request.user)  # type: ignore[attr-defined]  # of the inline
        return rows.select_related(*self.related) if self.related else rows

    def get_formset(
        self, request: HttpRequest, obj: Model | None = None, **kwargs: Any
    ) -> type[BaseInlineFormSet]:
        if not self._may_change(request, obj):
            kwargs["form"] = StaffForm
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        formset.form.refused = getattr(request, "refused", None)
        return formset


class FamilyInline(PersonalPart, TabularInline):
    model = Family
    form = FamilyStaffForm
    hide_title = True
    fields = ("family_number", "card_number")
    readonly_fields = ("family_number",)

    def get_min_num(self, request: HttpRequest, obj: Household | None = None, **kwargs: Any) -> int:
        """A new household begins with one family."""
        return 0 if obj else 1

    @admin.display(description=_("family number in the household"))
    def family_number(self, family: Family) -> str:
        return str(family.position) if family.pk else ""


class MemberInline(PersonalPart, StackedInline):
    model = Member
    form = MemberStaffForm
    fields = MEMBER_FIELDS
    related = ("family",)

    @admin.display(description=_("family"))
    def family_number(self, member: Member) -> int:
        return member.family.position


class AssessmentInline(TabularInline):
    """What was seen; new assessments are made on the household's own page."""

    model = Assessment
    can_delete = False
    extra = 0
    fields = readonly_fields = ("seen_on", "source", "enumerator", "recorder", "recorded_at")
    hide_title = True
    tab = True

    @admin.display(description=_("assessed on"))
    def seen_on(self, assessment: Assessment) -> SafeString:
        url = reverse("admin:households_assessment_change", args=[assessment.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', url, wita(assessment.assessed_on))

    @admin.display(description=_("recorded by"))
    def recorder(self, assessment: Assessment) -> str:
        return str(assessment.recorded_by)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assessment]:
        return Assessment.objects.visible_to(request.user).select_related("recorded_by")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Household)
class HouseholdAdmin(PeopleAdmin):
    form = HouseholdStaffForm
    list_display = ("number", "head", "area", "people", "status", "decile", "closed_on")
    list_display_links = ("number", "head")
    list_filter = (DistrictFilter, "status", "decile", ClosedFilter)
    ordering = ("area_id", "number")
    search_fields = ("number", "members__name")
    search_help_text = _("A household number or a name.")
    readonly_fields = ("area", "status", "decile", "status_on", "closed_on", "closed_reason", "page")
    place = ("address", "hamlet", ("rw", "rt"), ("latitude", "longitude"))
    add_fieldsets = ((None, {"fields": (("area", "number"), *place)}),)
    fieldsets = (
        (None, {"fields": (("area", "number"), *place)}),
        (_("Poverty status"), {"fields": (("status", "decile", "status_on"), "page")}),
        (_("Closing"), {"fields": (("closed_on", "closed_reason"),), "classes": ("collapse",)}),
    )

    def household_of(self, row: Household) -> int:
        return row.pk

    def get_queryset(self, request: HttpRequest) -> QuerySet[Household]:
        households = cast(HouseholdQuerySet, super().get_queryset(request))
        return households.for_list()

    def get_inlines(self, request: HttpRequest, obj: Household | None) -> list[type]:
        return [FamilyInline, MemberInline, AssessmentInline] if obj else [FamilyInline, MemberInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Household | None = None) -> tuple[str, ...]:
        """A household changes its village by moving, never by a form."""
        return self.readonly_fields if obj else ()

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField:
        """Only villages of the user's area, under their districts."""
        villages = areas_of(request).villages()
        field = ModelChoiceField(
            queryset=villages, label=capfirst(str(db_field.verbose_name)), widget=UnfoldAdminSelect2Widget()
        )
        districts = dict(areas_of(request).districts().values_list("code", "name"))
        grouped: dict[str, list[tuple[str, str]]] = {}
        for village in villages:
            place = districts.get(village.district_code, village.district_code)
            grouped.setdefault(place, []).append((village.code, village.name))
        field.choices = [("", _("Select value")), *grouped.items()]
        if len(villages) == 1:
            field.initial = villages[0].code
        return field

    def save_model(self, request: HttpRequest, obj: Household, form: forms.ModelForm, change: bool) -> None:
        with refusals_on(form):
            if not change:
                made = services.register_household(by=user_of(request), **form.cleaned_data)
                # The inlines and the answer of the page go on with ``obj``.
                obj.pk, obj._state.adding = made.pk, False
            elif changes := _changes(form, form.fields):
                services.change_household(household=obj, by=user_of(request), **changes)

    def save_formset(
        self, request: HttpRequest, form: forms.ModelForm, formset: BaseInlineFormSet, change: bool
    ) -> None:
        household = form.instance
        if formset.model is Family:
            for row in formset.forms:
                _save_family(row, household, request)
        if formset.model is Member:
            # An old head steps down before a new one steps up.
            changed = [row for row in formset.forms if row.has_changed()]
            for row in sorted(changed, key=_becomes_head):
                _save_member(row, household, request)

    @admin.display(description=_("head of household"))
    def head(self, household: Any) -> str:
        return household.head_name

    @admin.display(description=_("members"), ordering="size")
    def people(self, household: Any) -> int:
        return household.size

    @admin.display(description=_("household page"))
    def page(self, household: Household) -> SafeString:
        words = gettext("Assessments, reasons and programmes")
        return format_html('<a class="text-link" href="{}">{}</a>', household.get_absolute_url(), words)


def _changes(form: forms.ModelForm, names: Any) -> dict[str, Any]:
    """What differs from the row as it was; a value that ``clean`` changed counts too."""
    given = form.cleaned_data
    return {name: given[name] for name in names if name in given and given[name] != form.initial.get(name)}


def _becomes_head(row: forms.ModelForm) -> bool:
    return row.instance.pk is not None and row.cleaned_data.get("household_relationship") == Relationship.HEAD


def _save_family(row: forms.ModelForm, household: Household, request: HttpRequest) -> None:
    if not row.has_changed():
        return
    card_number = row.cleaned_data["card_number"]
    with refusals_on(row):
        if row.instance.pk:
            services.change_family(family=row.instance, by=user_of(request), card_number=card_number)
        else:
            services.add_family(household=household, by=user_of(request), card_number=card_number)


def _save_member(row: forms.ModelForm, household: Household, request: HttpRequest) -> None:
    with refusals_on(row):
        details = _changes(row, flatten(MEMBER_FIELDS))
        if "family_number" in details or row.instance.pk is None:
            details["family"] = _family(household, row.cleaned_data["family_number"])
            details.pop("family_number", None)
        if row.instance.pk:
            services.change_member(member=row.instance, by=user_of(request), **details)
        else:
            services.add_member(by=user_of(request), **details)


def _family(household: Household, number: int) -> Family:
    family = household.families.filter(position=number).first()
    if family is None:
        count = household.families.count()
        words = ngettext(
            "This household has %(count)s family.", "This household has %(count)s families.", count
        )
        raise Conflict(words % {"count": count}, code="no_such_family", field="family_number")
    return family


class PartAdmin(Masks, PeopleAdmin):
    """A family or member by itself. New ones are added in the form of their household."""

    list_filter: Any = (DistrictFilter,)
    list_select_related = ("household", "area")
    ordering = ("household_id", "position")
    search_help_text = _("A household number or a name.")
    shows = shows_listed = Shown.PERSON

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        if not self.has_change_permission(request, obj):
            kwargs["form"] = StaffForm
        return super().get_form(request, obj, change=change, **kwargs)


@admin.register(Family)
class FamilyAdmin(PartAdmin):
    form = FamilyStaffForm
    fields = ("household", "area", "position", "card_number")
    readonly_fields = ("household", "area", "position")
    list_display = ("household", "area", "position", "masked_card_number")
    search_fields = ("household__number", "members__name")

    def save_model(self, request: HttpRequest, obj: Family, form: forms.ModelForm, change: bool) -> None:
        _save_family(form, obj.household, request)


@admin.register(Member)
class MemberAdmin(PartAdmin):
    form = MemberStaffForm
    fields = ("household", "area", *MEMBER_FIELDS)
    readonly_fields = ("household", "area")
    list_display = ("name", "masked_nik", "household", "area", "sex", "birth_date", "closed_on")
    list_filter = (DistrictFilter, "sex", ClosedFilter)
    search_fields = ("name", "household__number")

    def member_of(self, row: Member) -> int:
        return row.pk

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        return super().get_queryset(request).select_related("family", "household", "area")

    def save_model(self, request: HttpRequest, obj: Member, form: forms.ModelForm, change: bool) -> None:
        if form.has_changed():
            _save_member(form, obj.household, request)

    @admin.display(description=_("family"))
    def family_number(self, member: Member) -> int:
        return member.family.position
