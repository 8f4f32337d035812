"""The two trails, for those who may read them: what was changed and what was read."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import DateFieldListFilter, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from registry.admin.base import ReadOnlyAdmin
from registry.models import AccessLog, AuditEvent
from registry.roles import Role
from registry.templatetags.simpul import choice_label


class RoleFilter(SimpleListFilter):
    """The role at the time: the column keeps words, not a choice."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Role.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(role=self.value()) if self.value() else queryset


class TrailAdmin(ReadOnlyAdmin):
    """Millions of rows: pages are turned, never counted."""

    list_filter: Any = (("at", DateFieldListFilter), RoleFilter)
    paginator = InfinitePaginator

    @admin.display(description=_("role"), ordering="role")
    def role_label(self, row: AuditEvent | AccessLog) -> str:
        return choice_label(row.role, Role)


@admin.register(AuditEvent)
class AuditEventAdmin(TrailAdmin):
    list_display = ("at", "verb", "subject", "by", "role_label", "why")
    list_select_related = ("by",)
    search_fields = ("=subject", "=verb", "=by__username", "=request_id")
    search_help_text = _("A subject (household:17), a deed, a user name or a request.")
    fieldsets = (
        (
            None,
            {"fields": ("at", "verb", "subject", "by", "role_label", "why", "details", "request_id", "deed")},
        ),
    )


@admin.register(AccessLog)
class AccessLogAdmin(TrailAdmin):
    list_display = ("at", "user", "role_label", "purpose", "route", "record_count", "is_full")
    list_filter = (*TrailAdmin.list_filter, "is_full")
    list_select_related = ("user",)
    search_fields = ("=user__username", "=route", "=request_id")
    search_help_text = _("A user name, a page or a request.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "at",
                    "user",
                    "role_label",
                    "purpose",
                    "route",
                    "record_count",
                    "is_full",
                    "households",
                    "request_id",
                )
            },
        ),
    )

    @admin.display(description=_("households"))
    def households(self, row: AccessLog) -> str:
        return format_html("{}", ", ".join(map(str, row.household_ids)))
