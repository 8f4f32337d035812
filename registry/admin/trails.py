"""The two trails, for those who may read them: what was changed and what was read."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import DateFieldListFilter, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from registry.admin.base import ReadOnlyAdmin
from registry.models import AccessLog, AuditEvent
from registry.roles import Role
from registry.templatetags.simpul import choice_label

# What the services call their deeds, in words; a verb that is not here stands as it is.
DEEDS = {
    "add_agencies": _("added agencies"),
    "add_family": _("added a family"),
    "add_member": _("added a member"),
    "add_program": _("added a programme"),
    "add_schemes": _("added schemes"),
    "add_user": _("added a user"),
    "approve_target_list": _("approved a target list"),
    "build_target_list": _("built a target list"),
    "change_family": _("changed a family"),
    "change_household": _("changed a household"),
    "change_member": _("changed a member"),
    "close_household": _("closed a household"),
    "confirm_import": _("confirmed an import"),
    "decide_request": _("decided on a citizen's request"),
    "erase_household": _("erased a household's data"),
    "erase_member": _("erased a person's data"),
    "issue_token": _("made an API token"),
    "judge_households": _("judged all households"),
    "lift_erasure": _("let an erased person be registered again"),
    "load_areas": _("loaded areas"),
    "purge": _("removed data whose time is over"),
    "receive_request": _("received a citizen's request"),
    "record_assessment": _("recorded an assessment"),
    "register_household": _("registered a household"),
    "replay_erasures": _("erased again after a restore"),
    "report_realisation": _("reported a realisation"),
    "report_realisations": _("reported realisations"),
    "revoke_token": _("revoked an API token"),
    "set_password": _("set a password"),
    "upload_import": _("uploaded a workbook"),
}


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
    list_display = ("at", "deed_in_words", "subject", "by", "role_label", "why")
    list_select_related = ("by",)
    search_fields = ("=subject", "=verb", "=by__username", "=request_id")
    search_help_text = _("A subject (household:17), a deed, a user name or a request.")
    fieldsets = (
        (
            None,
            {"fields": ("at", "verb", "subject", "by", "role_label", "why", "details", "request_id", "deed")},
        ),
    )

    @admin.display(description=_("deed"), ordering="verb")
    def deed_in_words(self, event: AuditEvent) -> str:
        return str(DEEDS.get(event.verb, event.verb))


@admin.register(AccessLog)
class AccessLogAdmin(TrailAdmin):
    list_display = ("at", "user", "role_label", "purpose_in_words", "route", "record_count", "is_full")
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

    @admin.display(description=_("purpose"), ordering="purpose")
    def purpose_in_words(self, reading: AccessLog) -> str:
        """The pages' own purposes are source strings; a token's is what its owner wrote."""
        return gettext(reading.purpose)
