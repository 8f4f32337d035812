"""Tokens and roles. Nothing here may import ``rest_framework.views``: its settings load this module."""

import base64
import binascii
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from registry.models import ApiToken, User

if TYPE_CHECKING:
    from rest_framework.views import APIView


def _account(key: str) -> tuple[User, ApiToken]:
    token = ApiToken.objects.usable().select_related("user").filter(digest=ApiToken.digest_of(key)).first()
    if token is None:
        raise exceptions.AuthenticationFailed(_("This token is unknown, expired or revoked."))
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
    return token.user, token


class BearerTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer simpul_…``"""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _space, key = request.headers.get("Authorization", "").partition(" ")
        return _account(key.strip()) if kind.lower() == "bearer" else None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Simpul", Basic realm="Simpul"'


class BasicTokenAuthentication(BaseAuthentication):
    """For Excel's "From Web", which knows only Basic: the user is the token's name, the password the token."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _space, encoded = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return None
        try:
            name, _colon, key = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise exceptions.AuthenticationFailed(_("The Basic credentials cannot be read.")) from None
        user, token = _account(key)
        if token.name != name:
            raise exceptions.AuthenticationFailed(_("This token is unknown, expired or revoked."))
        return user, token


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


class RolePermission(BasePermission):
    """A viewset names the permission each action needs in ``permissions``; an action it does not name is refused."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        wanted = getattr(view, "permissions", {}).get(getattr(view, "action", None))
        return bool(wanted and request.user.is_authenticated and request.user.has_perm(wanted))
