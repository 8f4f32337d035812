"""From a user to what she may do and whose data she sees."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import HttpRequest

from registry.models import User
from registry.roles import GRANTS, Grant, Sees


class StaffRequest(HttpRequest):
    """A request of a page behind sign-in, which all pages are but the login: its user is one of ours."""

    user: User


NOTHING = Grant(Sees.NOBODY, frozenset())


def grant_of(user: User | AnonymousUser) -> Grant:
    """An inactive, anonymous or unknown user is granted nothing."""
    if not isinstance(user, User) or not user.is_active:
        return NOTHING
    return GRANTS.get(user.role, NOTHING)


class RoleBackend(ModelBackend):
    """Signs in with a password; permissions come from the role alone."""

    def get_user(self, user_id: int) -> User | None:
        """With area and agency, which every page asks for: one query for who is signed in."""
        user = User.objects.select_related("area", "agency").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in grant_of(user_obj).may

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(name.startswith(f"{app_label}.") for name in grant_of(user_obj).may)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set(grant_of(user_obj).may)


def first_code_after(code: str) -> str:
    """The area of ``code`` and those beneath it lie from it up to here, as "/" follows the point."""
    return f"{code}/"


def within(code: str, path: str = "area__code") -> Q:
    """The area and everything beneath it, as a range: the database may use its index before it has looked
    at the row, which a pattern would not be trusted with. Without a code: everywhere.
    """
    if not code:
        return Q()
    return Q(**{f"{path}__gte": code, f"{path}__lt": first_code_after(code)})


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows a user may read: everybody's, those of one area's subtree, or nobody's."""

    sees: Sees
    area_code: str = ""

    def q(self, path: str = "area__code") -> Q | None:
        """The filter on the area code at ``path``; ``None`` means nobody. Fails closed."""
        if self.sees is Sees.EVERYBODY:
            return Q()
        if self.sees is Sees.OWN_AREA and self.area_code:
            return within(self.area_code, path)
        return None

    def covers(self, area_code: str) -> bool:
        if self.sees is Sees.OWN_AREA:
            return bool(self.area_code) and self.area_code <= area_code < first_code_after(self.area_code)
        return self.sees is Sees.EVERYBODY


def scope_of(user: User | AnonymousUser) -> Scope:
    grant = grant_of(user)
    if grant.sees is Sees.OWN_AREA:
        return Scope(Sees.OWN_AREA, user.area_id or "")  # type: ignore[union-attr]  # only a User has a grant
    return Scope(grant.sees)
