"""The two trails, for those who may read them: what was changed and what was read."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin import DateFieldListFilter, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from registry.admin.base import ReadOnlyAdmin, json_as_text
from registry.audit import record_reading, subject_of
from registry.changes import Change, changes_of
from registry.models import AccessLog, AuditEvent, Shown
from registry.permissions import StaffRequest
from registry.roles import Role
from registry.templatetags.simpul import NOT_KNOWN, choice_label

IDS_SHOWN = 1_000
ROWS_SHOWN = 50  # of each table; an import changes thousands

# What the services call their deeds, in words; a verb that is not here stands as it is.
DEEDS = {
    "add_agencies": _("added agencies"),
    "add_family": _("added a family"),
    "add_member": _("added a member"),
    "add_program": _("added a programme"),
    "add_schemes": _("added schemes"),
    "add_user": _("added a user"),
    "approve_target_list": _("approved a target list"),
    "begin_trail_heads": _("began a new outside file of the seals"),
    "build_target_list": _("built a target list"),
    "change_family": _("changed a family"),
    "change_household": _("changed a household"),
    "change_member": _("changed a member"),
    "change_user": _("changed a user"),
    "close_household": _("closed a household"),
    "confirm_import": _("confirmed an import"),
    "decide_request": _("decided on a citizen's request"),
    "erase_household": _("erased a household's data"),
    "erase_member": _("erased a person's data"),
    "issue_token": _("made an API token"),
    "judge_households": _("judged all households"),
    "lift_erasure": _("let an erased person be registered again"),
    "load_areas": _("loaded areas"),
    "make_recovery_codes": _("made new recovery codes"),
    "purge": _("removed data whose time is over"),
    "receive_request": _("received a citizen's request"),
    "record_assessment": _("recorded an assessment"),
    "register_household": _("registered a household"),
    "replay_erasures": _("erased again after a restore"),
    "report_realisation": _("reported a realisation"),
    "report_realisations": _("reported realisations"),
    "reset_second_factor": _("took away a second factor"),
    "revoke_token": _("revoked an API token"),
    "rotate_keys": _("sealed identity numbers with the newest key"),
    "second_factor": _("typed the code of the second factor"),
    "second_factor_failed": _("typed a wrong code"),
    "set_password": _("set a password"),
    "set_up_second_factor": _("set up a second factor"),
    "sign_in": _("signed in"),
    "sign_in_failed": _("a sign-in failed"),
    "sign_in_locked": _("a sign-in was locked"),
    "sign_out": _("signed out"),
    "unlock_sign_in": _("unlocked a sign-in"),
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


def _in_words(change: Change) -> tuple[Any, ...]:
    """The table, the row's id, the field, and both values as a form would show them."""
    labels = dict(getattr(change.column, "flatchoices", ()))
    values = (labels.get(value, value) if labels else value for value in (change.before, change.after))
    shown = (NOT_KNOWN if value in (None, "") else value for value in values)
    return (change.model._meta.verbose_name, change.row, change.label, *shown)


@admin.register(AuditEvent)
class AuditEventAdmin(TrailAdmin):
    list_display = ("at", "deed_in_words", "subject", "by", "role_label", "why")
    list_select_related = ("by",)
    search_fields = ("=subject", "=verb", "=by__username", "=request_id")
    search_help_text = _("A subject (household:17), a deed, a user name or a request.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "at",
                    "verb",
                    "subject",
                    "by",
                    "role_label",
                    "why",
                    "particulars",
                    "request_id",
                    "deed",
                )
            },
        ),
        (_("Before and after"), {"fields": ("changes",)}),
    )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Before and after are people's data: whoever opens them is in the trail of readings."""
        obj.changes_found = changes_of(obj.deed, by=cast(StaffRequest, request).user, rows=ROWS_SHOWN)
        households = (change.household for change in obj.changes_found if change.household)
        record_reading(
            cast(StaffRequest, request),
            purpose=gettext_noop("staff forms: one record"),
            shown=Shown.CHANGES,
            household_ids=dict.fromkeys(households),
            subject=subject_of(obj),
        )
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("changes"))
    def changes(self, event: Any) -> SafeString:
        """Of new rows nothing: they had no before."""
        lines = format_html_join(
            "",
            "<tr><td>{} {}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            (_in_words(change) for change in event.changes_found),
        )
        if not lines:
            return format_html("{}", gettext("No row that was there before has changed."))
        headings = (gettext("Row"), gettext("Field"), gettext("Before"), gettext("After"))
        head = format_html_join("", '<th scope="col">{}</th>', ((heading,) for heading in headings))
        words = ngettext(
            "The first %(count)s row of each table.", "The first %(count)s rows of each table.", ROWS_SHOWN
        ) % {"count": ROWS_SHOWN}
        return format_html(
            "<table><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
            words,
            head,
            lines,
        )

    @admin.display(description=_("details"))
    def particulars(self, event: AuditEvent) -> SafeString:
        return json_as_text(event.details)

    @admin.display(description=_("deed"), ordering="verb")
    def deed_in_words(self, event: AuditEvent) -> str:
        return str(DEEDS.get(event.verb, event.verb))


@admin.register(AccessLog)
class AccessLogAdmin(TrailAdmin):
    list_display = (
        "at",
        "user",
        "role_label",
        "purpose_in_words",
        "shown",
        "subject",
        "record_count",
        "is_full",
    )
    list_filter = (*TrailAdmin.list_filter, "is_full", "shown")
    list_select_related = ("user",)
    search_fields = ("=user__username", "=route", "=subject", "=request_id")
    search_help_text = _("A user name, a page, a subject (targetlist:7) or a request.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "at",
                    "user",
                    "role_label",
                    "purpose_in_words",
                    "route",
                    "subject",
                    "shown",
                    "is_full",
                    "token",
                    "record_count",
                    "households",
                    "members",
                    "request_id",
                )
            },
        ),
    )

    @admin.display(description=_("households"))
    def households(self, row: AccessLog) -> str:
        return _first(row.household_ids)

    @admin.display(description=_("members"))
    def members(self, row: AccessLog) -> str:
        return _first(row.member_ids)

    @admin.display(description=_("purpose"), ordering="purpose")
    def purpose_in_words(self, reading: AccessLog) -> str:
        """The pages' own purposes are source strings; a token's is what its owner wrote."""
        return gettext(reading.purpose)


def _first(ids: Sequence[int]) -> str:
    """The first thousand: a file of a whole list names tens of thousands."""
    return ", ".join(map(str, ids[:IDS_SHOWN])) + (" …" if len(ids) > IDS_SHOWN else "")
