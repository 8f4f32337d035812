"""Users and their roles. What a role may do is code; here it is shown, and given to a person."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldBooleanWidget

from registry import second_factor
from registry.admin.base import AuditedAdmin, user_of
from registry.models import User
from registry.passwords import record_new_password
from registry.permissions import NOTHING
from registry.roles import GRANTS, Role, Sees
from registry.services import revoke_tokens
from registry.sign_in import unlock
from registry.templatetags.simpul import wita
from registry.tries import for_code, for_name, locked_until

# The role decides: groups would suggest otherwise.
admin.site.unregister(Group)

ACTIONS = {
    "view": _("May see"),
    "add": _("May add"),
    "change": _("May change"),
    "issue": _("May make"),
    "approve": _("May approve"),
    "decide": _("May decide on"),
    "purge": _("May remove"),
    "open": _("May open"),
    "reveal": _("May see in full, one by one and with a reason"),
}
# Objects of permissions that are no tables.
OTHER_OBJECTS = {
    "admin": _("these staff forms"),
    "coordination": _("coordination figures"),
    "number": _("identity numbers"),
    "data": _("data whose time is over"),
    "request": _("citizens' requests"),
    "token": _("API tokens"),
}
WHOSE = {
    Sees.NOBODY: _("No household; totals only."),
    Sees.OWN_AREA: _("Households of the user's own area."),
    Sees.EVERYBODY: _("All households."),
}


def what_roles_may_do(roles: Iterable[str]) -> SafeString:
    """Read from registry/roles.py, so that it cannot differ from what is enforced."""
    return format_html_join(
        "", '<h3 class="font-semibold mt-4">{}</h3><p>{}</p><ul>{}</ul>', map(_role, roles)
    )


def _role(role: str) -> tuple[Any, Any, SafeString]:
    grant = GRANTS[role]
    things: dict[str, list[str]] = {action: [] for action in ACTIONS}
    for permission in grant.may:
        app, name = permission.split(".")
        action, _underscore, thing = name.partition("_")
        things[action].append(_words(app, thing))
    lines = ((ACTIONS[action], ", ".join(sorted(words))) for action, words in things.items() if words)
    return Role(role).label, WHOSE[grant.sees], format_html_join("", "<li>{}: {}</li>", lines)


def _words(app: str, thing: str) -> str:
    return str(OTHER_OBJECTS.get(thing) or apps.get_model(app, thing)._meta.verbose_name_plural)


ENTRY_DEEDS = ("unlock", "reset_second_factor", "revoke_tokens")
TOO_WIDE = {
    Role.VILLAGE_OPERATOR: _("A village operator works in one village: choose a village."),
    Role.DISTRICT_VERIFIER: _("A district verifier works in one district: choose a district, or a village."),
}


class PlaceOfWork:
    """A role that works somewhere needs to know where, and sees one village or district at most."""

    def clean(self) -> dict[str, Any]:
        super().clean()  # type: ignore[misc]  # mixed into forms
        cleaned: dict[str, Any] = self.cleaned_data  # type: ignore[attr-defined]
        grant = GRANTS.get(cleaned.get("role", ""), NOTHING)
        if grant.sees is Sees.OWN_AREA and not cleaned.get("area"):
            self.add_error("area", _("Choose the area this person works in."))  # type: ignore[attr-defined]
        if grant.own_agency_only and not cleaned.get("agency"):
            self.add_error("agency", _("Choose the agency this person works for."))  # type: ignore[attr-defined]
        if (area := cleaned.get("area")) and len(area.code) < grant.widest_area:
            self.add_error("area", TOO_WIDE[cleaned["role"]])  # type: ignore[attr-defined]
        return cleaned


class NewUserForm(PlaceOfWork, UserCreationForm):
    usable_password = None

    class Meta:
        model = User
        fields = ("username", "role", "area", "agency")
        field_classes = {"username": UsernameField}


class UserForm(PlaceOfWork, UserChangeForm):
    """With deeds to tick, which belong to no column."""

    unlock = forms.BooleanField(label=_("Unlock the sign-in now"), required=False, widget=UnfoldBooleanWidget)
    reset_second_factor = forms.BooleanField(
        label=_("Take the second factor away: phone and recovery codes are lost"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_(
            "Make sure who asks. Sessions and API tokens end, and the next sign-in sets up a new one."
        ),
    )
    revoke_tokens = forms.BooleanField(
        label=_("Revoke all API tokens of this user now"), required=False, widget=UnfoldBooleanWidget
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "role", "area", "agency", "is_active")
        field_classes = {"username": UsernameField}

    @property
    def changed_data(self) -> list[str]:
        """Of the row: what is ticked is recorded as deeds of their own."""
        return [name for name in super().changed_data if name not in ENTRY_DEEDS]


class PasswordForm(AdminPasswordChangeForm):
    """Whoever should no longer sign in is made inactive; there is no account without a password."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)


@admin.register(User)
class UserAdmin(AuditedAdmin, DjangoUserAdmin):  # type: ignore[misc]  # unfold publishes no types
    form = UserForm
    add_form = NewUserForm
    change_password_form = PasswordForm
    autocomplete_fields = ("area", "agency")
    filter_horizontal = ()
    list_display = ("username", "full_name", "role", "area", "agency", "is_active", "last_login")
    list_filter = ("role", "is_active")
    list_select_related = ("area", "agency")
    search_fields = ("username", "first_name", "last_name")
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "password1", "password2")}),
        (_("Role"), {"fields": ("role", "area", "agency", "role_rights")}),
    )
    fieldsets = (
        (None, {"fields": ("username", "password", ("first_name", "last_name"), "email", "is_active")}),
        (_("Role"), {"fields": ("role", "area", "agency", "role_rights")}),
        (_("Sign-in"), {"fields": ("lock", "unlock", "second_factor_since", "reset_second_factor")}),
        (_("API tokens"), {"fields": ("open_tokens", "revoke_tokens")}),
        (_("Moments"), {"fields": (("last_login", "date_joined"),)}),
    )

    @admin.display(description=_("name"), ordering="first_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Not even the password's fingerprint for those who only read; and nobody lets themselves in."""
        hidden = {"password", *ENTRY_DEEDS}
        if self.has_change_permission(request, obj):
            hidden = set(ENTRY_DEEDS) if obj == request.user else set()
        return [
            (title, options | {"fields": [name for name in options["fields"] if name not in hidden]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Nobody takes away their own access: that takes a second administrator."""
        always = ("role_rights", "lock", "second_factor_since", "open_tokens", "last_login", "date_joined")
        return (*always, "role", "is_active") if obj and obj == request.user else always

    @admin.display(description=_("what the role may do"))
    def role_rights(self, user: User) -> SafeString:
        return what_roles_may_do([user.role] if user.role else Role.values)

    @admin.display(description=_("locked until"))
    def lock(self, user: User) -> str:
        """Of the two locks, wrong passwords and wrong codes, the one that lasts longer."""
        locks = [locked_until(for_name(user.username)), locked_until(for_code(user.pk))]
        return wita(max(filter(None, locks), default=None))

    @admin.display(description=_("second factor since"))
    def second_factor_since(self, user: User) -> str:
        return wita(user.second_factor_at)

    @admin.display(description=_("open tokens"))
    def open_tokens(self, user: User) -> str:
        return str(user.tokens.all().usable().count())

    def write(self, obj: User) -> None:
        """A password that the administrator thought of is good for one sign-in."""
        if obj._state.adding:
            obj.password_chosen_at = None
        super().write(obj)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Iterable[BaseInlineFormSet], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        if not change or form.instance == request.user:
            return
        if form.cleaned_data.get("unlock"):
            unlock(user=form.instance, by=user_of(request))
        if form.cleaned_data.get("reset_second_factor"):
            second_factor.reset(user=form.instance, by=user_of(request))
        if form.cleaned_data.get("revoke_tokens"):
            revoke_tokens(user=form.instance, by=user_of(request))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Django's page asks for no old password, and answers a good form with a redirect."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if self.get_object(request, unquote(id)) == request.user:
            return redirect("password-change")
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            if request.method == "POST" and response.status_code == 302:
                user = self.get_object(request, id)
                record_new_password(user=cast(User, user), by=user_of(request))
        return response
