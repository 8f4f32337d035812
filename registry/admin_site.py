"""The staff's forms: one admin site, in the product's own look."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import InvalidPage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from registry.sign_in_views import SignOutView

ROOMS = ("households", "programs", "registry")
ICONS = {
    "Household": "home",
    "Family": "family_restroom",
    "Member": "person",
    "Assessment": "fact_check",
    "PovertyStatus": "balance",
    "Scheme": "gavel",
    "Program": "volunteer_activism",
    "Area": "map",
    "Agency": "account_balance",
    "User": "badge",
    "AuditEvent": "history",
    "AccessLog": "visibility",
}
ORDER = list(ICONS)


class SimpulAdminSite(UnfoldAdminSite):
    index_title = _("Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm("registry.open_admin")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Without colours, which would become a style element; static/css/admin.css has them."""
        return super().each_context(request) | {"colors": {}}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Without Django's "view on site": it answers for any row, so it would tell which ids exist."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The product has one sign-in page. Who is signed in and may not enter gets 403."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", request.path))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return SignOutView.as_view()(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The product has one page for it."""
        return redirect("password-change")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The people first, then what is done for them, then the wiring."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: ORDER.index(model["object_name"]))
        return sorted(apps, key=lambda app: ROOMS.index(app["app_label"]))

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            found: HttpResponse = super().search(request, extra_context)
        except InvalidPage as error:
            raise BadRequest("no such page") from error
        return found

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        back = {
            "title": _("Back to Simpul"),
            "link": reverse("home"),
            "icon": "arrow_back",
            "has_permission": True,
        }
        groups = [
            {"title": app["name"], "items": [_link(model, request) for model in app["models"]]}
            for app in self.get_app_list(request)
        ]
        return [{"items": [back]}, *groups]


def _link(model: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    return {
        "title": model["name"],
        "link": model["admin_url"],
        "icon": ICONS[model["object_name"]],
        "active": request.path.startswith(model["admin_url"]),
        "has_permission": True,
    }
