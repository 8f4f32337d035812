"""Areas and agencies."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from registry.admin.base import AuditedAdmin, PartInline, StaffForm
from registry.models import Agency, Area, AreaAlias, FormerCode
from registry.permissions import scope_of

LEVEL_BY_LENGTH = {
    2: Area.Level.PROVINCE,
    5: Area.Level.REGENCY,
    8: Area.Level.DISTRICT,
    13: Area.Level.VILLAGE,
}


class AreaForm(StaffForm):
    class Meta:
        model = Area
        fields = ("code", "name", "level", "kind", "bps_code", "latitude", "longitude")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        code = cleaned.get("code") or self.instance.code
        if cleaned.get("level") and cleaned["level"] != LEVEL_BY_LENGTH.get(len(code)):
            self.add_error("level", _("The level does not fit the length of the area code."))
        above = code.rpartition(".")[0]
        if "code" in cleaned and above and not Area.objects.filter(code=above).exists():
            self.add_error("code", _("There is no area %(code)s yet: add it first.") % {"code": above})
        return cleaned


class FormerCodeInline(PartInline):
    model = FormerCode
    fields = ("code", "until")


class AreaAliasInline(PartInline):
    model = AreaAlias
    fields = ("name",)


@admin.register(Area)
class AreaAdmin(AuditedAdmin):
    form = AreaForm
    fieldsets = (
        (None, {"fields": (("code", "name"), ("level", "kind"), "bps_code", ("latitude", "longitude"))}),
    )
    inlines = (FormerCodeInline, AreaAliasInline)
    list_display = ("code", "name", "level", "kind", "bps_code")
    list_display_links = ("code", "name")
    list_filter = ("level", "kind")
    search_fields = ("name", "=code")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Area]:
        """A user of one area sees that area and what lies beneath it; autocompletes ask here too."""
        where = scope_of(request.user).q("code")
        return Area.objects.none() if where is None else Area.objects.filter(where)

    def get_readonly_fields(self, request: HttpRequest, obj: Area | None = None) -> tuple[str, ...]:
        """The code is the key that households point at."""
        return ("code",) if obj else ()


class AgencyForm(StaffForm):
    class Meta:
        model = Agency
        fields = ("code", "name", "short_name", "valid_from", "valid_to", "predecessor")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        begin, end = cleaned.get("valid_from"), cleaned.get("valid_to")
        if begin and end and end < begin:
            self.add_error("valid_to", _("The last day cannot come before the first."))
        if cleaned.get("predecessor") and cleaned["predecessor"] == self.instance:
            self.add_error("predecessor", _("An agency cannot come before itself."))
        return cleaned


@admin.register(Agency)
class AgencyAdmin(AuditedAdmin):
    form = AgencyForm
    fieldsets = (
        (None, {"fields": ("code", "name", "short_name", ("valid_from", "valid_to"), "predecessor")}),
    )
    autocomplete_fields = ("predecessor",)
    list_display = ("short_name", "name", "code", "valid_from", "valid_to")
    list_display_links = ("short_name", "name")
    search_fields = ("name", "short_name", "=code")
