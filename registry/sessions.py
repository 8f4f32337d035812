"""How long a session lasts, and what comes before its first page: second factor, then own password."""

import math
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.models import User
from registry.passwords import must_choose_password
from registry.permissions import grant_of

BEGAN, SEEN, VERIFIED = "began_at", "seen_at", "is_verified"
NEW_FACTOR = "new_factor"  # the id of the second factor that this session, and no other, is setting up
PRECISION = 60  # seconds: a write for every page is dear, and a minute does not matter
# Open before the last step is passed, besides that step's page and what needs no signing in.
WAYS_OUT = {"logout", "admin:logout"}


def begin(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """A new sign-in has verified nothing yet, also within an older session."""
    request.session[BEGAN] = request.session[SEEN] = math.floor(timezone.now().timestamp())
    request.session.pop(VERIFIED, None)
    request.session.pop(NEW_FACTOR, None)


user_logged_in.connect(begin, dispatch_uid="registry.sessions.begin")


def mark_verified(request: HttpRequest) -> None:
    request.session.cycle_key()
    request.session[VERIFIED] = True


def needs_second_factor(user: User) -> bool:
    """Its role may take names away; or she has set one up herself."""
    has_one = user.second_factor_at is not None
    return settings.SECOND_FACTOR and (has_one or grant_of(user).exports_names)


def next_step(request: HttpRequest, user: User | AnonymousUser) -> str:
    """The page that ``user`` must pass before any other of this session; empty when there is none."""
    if not isinstance(user, User):
        return ""
    if needs_second_factor(user) and not request.session.get(VERIFIED):
        return "second-factor" if user.second_factor_at else "second-factor-setup"
    return "password-change" if must_choose_password(user) else ""


def session_limits(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Ends a session that was idle too long or began too long ago, before the page is looked at."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            now = math.floor(timezone.now().timestamp())
            began = request.session.setdefault(BEGAN, now)
            idle = now - request.session.setdefault(SEEN, now)
            longest = settings.SESSION_LONGEST.total_seconds()
            if idle >= settings.SESSION_IDLE.total_seconds() or now - began >= longest:
                logout(request)
                messages.info(request, _("Your session has ended by itself. Sign in to go on."))
            elif idle >= PRECISION:
                request.session[SEEN] = now
        return get_response(request)

    return middleware


class SignInSteps:
    """Sends whoever has a step to pass to its page. For the API: see registry/api/authentication.py."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], arguments: Any, keywords: Any
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in WAYS_OUT or not getattr(view, "login_required", True):
            return None
        step = next_step(request, request.user)
        if step in ("", name):
            return None
        onward = request.get_full_path() if request.method == "GET" else reverse("home")
        return redirect_to_login(onward, reverse(step))
