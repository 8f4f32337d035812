"""Who comes in: every try of a password goes through here, and is a deed."""

from django.contrib.auth import authenticate
from django.http import HttpRequest

from registry.audit import deed
from registry.models import User
from registry.tries import Limit, attempt, for_address, for_code, for_name, forget, locked_until


def check_sign_in(request: HttpRequest, *, username: str, password: str) -> User | None:
    """The active user whose password it is. Raises TooManyTries.

    For a name that does not exist the same hash is computed and the same rows are written.
    """
    by_name = for_name(username)
    user = attempt(
        lambda: authenticate(request, username=username, password=password), by_name, for_address(request)
    )
    if isinstance(user, User):
        return user
    _record_failure(User.objects.filter(username=username).first(), by_name)
    return None


def check_own_password(user: User, password: str) -> bool:
    """Counted like a sign-in: an open session is no way to guess its password. Raises TooManyTries."""
    by_name = for_name(user.username)
    if attempt(lambda: user.check_password(password), by_name):
        return True
    _record_failure(user, by_name)
    return False


def unlock(*, user: User, by: User) -> None:
    """Before the lock ends by itself."""
    with deed("unlock_sign_in", by=by, about=user):
        forget(for_name(user.username))
        forget(for_code(user.pk))


def record_lock(user: User | None, limit: Limit) -> None:
    """Call after a failure: it may have been the one that locks."""
    if until := locked_until(limit):
        with deed("sign_in_locked", by=None, about=user) as act:
            act.details["until"] = until.isoformat(timespec="seconds")


def _record_failure(user: User | None, limit: Limit) -> None:
    """Without the name that was typed: it may be a password."""
    with deed("sign_in_failed", by=None, about=user):
        pass
    record_lock(user, limit)
