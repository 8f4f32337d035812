"""Changes to API tokens: a verb each, one transaction, one audit row."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.audit import deed
from registry.errors import Conflict
from registry.models import ApiToken, User

LONGEST_LIFE = timedelta(days=366)


def issue_token(*, by: User, name: str, purpose: str, expires_on: date) -> tuple[ApiToken, str]:
    """The token and its key; the key is shown once and cannot be read again."""
    if by.agency is None or not by.has_perm("registry.issue_token"):
        raise PermissionDenied
    today = timezone.localdate()
    if not today <= expires_on <= today + LONGEST_LIFE:
        raise Conflict(
            _("A token lasts a year at most, and not into the past."), code="expiry", field="expires_on"
        )
    if ApiToken.objects.usable().filter(user=by, name=name).exists():
        raise Conflict(_("You have a working token of this name."), code="name_taken", field="name")
    key = ApiToken.new_key()
    with deed("issue_token", by=by) as act:
        token = ApiToken.objects.create(
            user=by,
            agency=by.agency,
            name=name,
            purpose=purpose,
            expires_on=expires_on,
            digest=ApiToken.digest_of(key),
        )
        act.about(token, purpose=purpose, agency=by.agency.code, expires_on=expires_on.isoformat())
    return token, key


def revoke_tokens(*, user: User, by: User) -> None:
    """All that the user has, by somebody who answers for users: the API refuses them from now on."""
    with deed("revoke_tokens", by=by, about=user) as act:
        act.details["tokens"] = user.tokens.all().revoke()


def revoke_token(*, token: ApiToken, by: User) -> None:
    """For good: the key is refused from the next request on."""
    if token.user_id != by.pk:
        raise PermissionDenied
    with deed("revoke_token", by=by, about=token):
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
