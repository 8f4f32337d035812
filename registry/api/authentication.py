"""Tokens and roles. Nothing here may import ``rest_framework.views``: its settings load this module."""

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from registry.models import ApiToken, User
from registry.scope import become
from registry.tries import TooManyTries, attempt, for_address

if TYPE_CHECKING:
    from rest_framework.views import APIView


# A moment is precise enough for people, and a write for every request is not.
PRECISION = timedelta(minutes=1)
CHALLENGE = 'Bearer realm="Simpul", Basic realm="Simpul", charset="UTF-8"'


class StepMissing(exceptions.PermissionDenied):
    """Signed in, but not yet past what comes before the first page."""

    def __init__(self, step: str) -> None:
        self.default_code = "password_expired" if step == "password-change" else "second_factor"
        super().__init__(_("Finish signing in on the pages of Simpul first."), self.default_code)


class VerifiedSession(SessionAuthentication):
    """The session of the pages, once its second factor is verified. A token was issued in such a session."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        # Here, since these settings are read while the models are still loading.
        from registry.sessions import next_step

        known = super().authenticate(request)
        if known and (step := next_step(request._request, known[0])):
            raise StepMissing(step)
        return known


def _account(request: Request, key: str, *, name: str | None = None) -> tuple[User, ApiToken]:
    """The user behind a key, and the token; with a ``name`` only where the token bears it. One query."""
    token = ApiToken.objects.usable().select_related("user").filter(digest=ApiToken.digest_of(key)).first()
    if token is None or (name is not None and token.name != name):
        raise _refusal(request)
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= PRECISION:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    become(token.user)
    return token.user, token


def _refusal(request: Request) -> exceptions.APIException:
    """Wrong keys are counted by address; a right one always works, whatever its neighbours do."""
    try:
        attempt(lambda: None, for_address(request._request, "token"))
    except TooManyTries as refused:
        return exceptions.Throttled(wait=refused.wait.total_seconds())
    return exceptions.AuthenticationFailed(_("This token is unknown, expired or revoked."))


class BearerTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer simpul_…``"""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _space, key = request.headers.get("Authorization", "").partition(" ")
        return _account(request, key.strip()) if kind.lower() == "bearer" else None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class BasicTokenAuthentication(BaseAuthentication):
    """For Excel's "From Web", which knows only Basic: user is the token's name, password the token."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _space, encoded = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return None
        try:
            name, _colon, key = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            raise exceptions.AuthenticationFailed(_("The Basic credentials cannot be read.")) from None
        return _account(request, key, name=name)

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = BearerTokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class BasicScheme(OpenApiAuthenticationExtension):
    target_class = BasicTokenAuthentication
    name = "basic"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "basic"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = VerifiedSession
    name = "cookieAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class RolePermission(BasePermission):
    """A viewset names in ``permissions`` what each action needs; an action it does not name is refused."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user.is_authenticated:
            return False
        action = getattr(view, "action", None)
        if action in (None, "metadata") and hasattr(view, "permissions"):
            return True  # the view has no answer to this method: 405 says so, not 403
        wanted = getattr(view, "permissions", {}).get(action)
        return bool(wanted and request.user.has_perm(wanted))
