"""What the forms of people's data share: scope, readings, masked numbers."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.utils import flatten
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from registry.admin.base import ScopedAdmin
from registry.audit import record_reading, subject_of
from registry.models import Area, AreaQuerySet, Shown
from registry.permissions import StaffRequest, scope_of
from registry.templatetags.simpul import masked


def areas_of(request: HttpRequest) -> AreaQuerySet:
    """The areas this user works in."""
    where = scope_of(request.user).q("code")
    return Area.objects.none() if where is None else Area.objects.filter(where)


def without_numbers(fields: Iterable[Any]) -> list[Any]:
    """Who may not edit a number sees it masked. Fields that share a line stay together."""
    masked_names = {"nik": "masked_nik", "card_number": "masked_card_number"}
    return [
        masked_names.get(name, name) if isinstance(name, str) else tuple(without_numbers(name))
        for name in fields
    ]


class DistrictFilter(SimpleListFilter):
    """Offers only districts in which the user sees households."""

    title = _("district")
    parameter_name = "district"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(areas_of(request).districts().values_list("code", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        known = {code for code, _name in self.lookup_choices}
        return queryset.filter(area__code__startswith=self.value()) if self.value() in known else queryset


class ClosedFilter(SimpleListFilter):
    title = _("active or closed")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("active", _("active")), ("closed", _("closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("active", "closed"):
            return queryset
        return queryset.filter(closed_on__isnull=self.value() == "active")


class Masks:
    """Identity numbers without their middle, for who may change the row too: she types the new one."""

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        fields = list(super().get_fields(request, obj))  # type: ignore[misc]  # mixed into admin classes
        return fields if self._may_change(request, obj) else without_numbers(fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        if not self._may_change(request, obj):
            return flatten(self.get_fields(request, obj))
        return list(super().get_readonly_fields(request, obj))  # type: ignore[misc]

    def _may_change(self, request: HttpRequest, obj: Model | None) -> bool:
        may: bool = self.has_change_permission(request, obj)  # type: ignore[attr-defined]
        return may

    @admin.display(description=_("national identity number (NIK)"))
    def masked_nik(self, row: Any) -> str:
        return masked(row.nik)

    @admin.display(description=_("family card number"))
    def masked_card_number(self, row: Any) -> str:
        return masked(row.card_number)


class PeopleAdmin(ScopedAdmin):
    """Every list and form that shows people is recorded as a reading, before it leaves."""

    shows = Shown.RECORD  # on its form
    shows_listed = Shown.LINE

    def member_of(self, row: Any) -> int | None:
        """The one person whom the row is about, if it is about one."""
        return None

    def household_of(self, row: Any) -> int:
        """The id by which the reading is recorded."""
        return row.household_id

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Nothing for autocompletes: they would name people without recording it."""
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            return self.model.objects.none()
        return super().get_queryset(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None) or {}
        if "cl" in shown:
            self._record(
                request,
                shown["cl"].result_list,
                purpose=gettext_noop("staff forms: list"),
                shown=self.shows_listed,
            )
        return response

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        if change and obj is not None:
            self._record(
                request,
                [obj],
                purpose=gettext_noop("staff forms: one record"),
                shown=self.shows,
                subject=subject_of(obj),
            )
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _record(self, request: HttpRequest, rows: Iterable[Any], **about: Any) -> None:
        shown = list(rows)
        members = (self.member_of(row) for row in shown)
        record_reading(
            cast(StaffRequest, request),
            household_ids=dict.fromkeys(self.household_of(row) for row in shown),
            member_ids=(member for member in members if member),
            **about,
        )
