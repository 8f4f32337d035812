"""Pages that need no people's data: home, health, and what every page shows."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from registry.checks import unsafe_in_database
from registry.models import User
from registry.sessions import next_step

# (permission, URL name and its arguments, label): the first that a user may open is her home.
PAGES = (
    ("programs.view_coordination", ("dashboard",), gettext_noop("Dashboard")),
    ("households.view_household", ("household-list",), gettext_noop("Households")),
    ("households.view_importbatch", ("import-list",), gettext_noop("Imports")),
    ("households.view_subjectrequest", ("request-list",), gettext_noop("Citizens' requests")),
    ("programs.view_program", ("program-list",), gettext_noop("Programmes")),
    ("programs.view_coordination", ("report", "coordination"), gettext_noop("Coordination report")),
    ("registry.issue_token", ("token-list",), gettext_noop("API access")),
    ("registry.open_admin", ("admin:index",), gettext_noop("Administration")),
)


# Filled by the room that makes the demo, and only in demo mode: who may look around, on the sign-in page.
DEMO_ACCOUNTS: list[dict[str, Any]] = []


def site(request: HttpRequest) -> dict[str, Any]:
    """What base.html shows on every page."""
    user = getattr(request, "user", None)
    step = next_step(request, user) if isinstance(user, User) else ""
    pages = [
        (reverse(name, args=arguments), label)
        for permission, (name, *arguments), label in PAGES
        if user and user.has_perm(permission) and not step
    ]
    known = user if isinstance(user, User) else None
    return {
        "is_demo": settings.IS_DEMO,
        "demo_accounts": DEMO_ACCOUNTS,
        "place": settings.PLACE,
        "user_role": known.get_role_display() if known else "",
        "user_area": (known.agency or known.area or "") if known else "",
        "user_links": [] if step else [{"url": reverse("account"), "label": _("Password and sign-in")}],
        "navigation": [
            {"url": url, "label": _(label), "is_current": request.path.startswith(url)}
            for url, label in pages
        ],
    }


def home(request: HttpRequest) -> HttpResponse:
    for permission, (name, *arguments), _label in PAGES:
        if request.user.has_perm(permission):
            return redirect(name, *arguments)
    return redirect("login")


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; says nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers, is not ``registry.checks.UNSAFE``, and its migrations are applied."""
    try:
        executor = MigrationExecutor(connection)
        is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        reason = unsafe_in_database() if settings.IS_PRODUCTION else ""
    except DatabaseError:
        return JsonResponse({"ready": False, "reason": "database"}, status=503)
    if reason or not is_migrated:
        return JsonResponse({"ready": False, "reason": reason or "migrations"}, status=503)
    return JsonResponse({"ready": True})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own has no request, and so neither language nor navigation."""
    return render(request, "400.html", status=400)
