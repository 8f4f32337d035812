"""Guessing is made slow: tries are counted under a name and from an address, then paused, then locked."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.errors import Conflict
from registry.sign_in_models import SignInTries

T = TypeVar("T")
KEPT, SWEPT = timedelta(days=7), 1_000
MINUTE = 60


class TooManyTries(Conflict):
    """``wait`` is how long until the next try is looked at. Says the same whether the name exists or not."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(
            _("Too many wrong tries. Try again in %(time)s.") % {"time": _spoken(wait)}, code="wait"
        )


def _spoken(wait: timedelta) -> str:
    seconds = max(1, -int(-wait.total_seconds() // 1))
    if seconds <= MINUTE:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    minutes = -(-seconds // MINUTE)
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


@dataclass(frozen=True, slots=True)
class Rule:
    """``free`` failures cost nothing, each further one doubles ``pause``, and ``most`` lock for ``lock``.

    All are forgotten ``window`` after the last failure, or after the first one where ``is_shared``: an office
    behind one address is never quiet.
    """

    free: int
    most: int
    pause: timedelta
    lock: timedelta
    window: timedelta
    is_shared: bool = False

    def wait(self, failures: int) -> timedelta:
        """After the last of so many."""
        if failures >= self.most:
            return self.lock
        if failures >= self.free:
            return self.pause * 2 ** (failures - self.free)
        return timedelta()

    def forgotten_at(self, failures: int, first_at: datetime, last_at: datetime) -> datetime:
        since = first_at if self.is_shared else last_at
        return max(since + self.window, last_at + self.wait(failures))


@dataclass(frozen=True, slots=True)
class Limit:
    """A rule, and the name or address that it counts for."""

    rule: Rule
    key: str


def for_name(username: str) -> Limit:
    """Of names that do not exist too: otherwise the lock would tell which do."""
    return Limit(_name_rule(), _key("name", username.casefold()))


def for_address(request: HttpRequest, what: str = "sign-in") -> Limit:
    """Many names from one address, or many wrong API tokens (``what``)."""
    return Limit(_address_rule(), _key(what, _network(client_address(request))))


def for_code(user_id: int) -> Limit:
    """Codes of the second factor: only who knows the password comes this far."""
    return Limit(_name_rule(), _key("code", str(user_id)))


def client_address(request: HttpRequest) -> str:
    """Behind our own proxy, what the proxy wrote: the last entry. Earlier ones are the client's own claim."""
    if settings.BEHIND_PROXY and (forwarded := request.headers.get("X-Forwarded-For")):
        return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def attempt(check: Callable[[], T | None], *limits: Limit) -> T | None:
    """What ``check`` answers, a false answer being a failure. Raises TooManyTries without asking ``check``.

    A try is counted before it is looked at, so that a thousand sent at once are a thousand.
    """
    _count(limits)
    result = check()
    if result:
        _take_back(limits)
    return result


def locked_until(limit: Limit) -> datetime | None:
    """Until when a lock holds; pauses between tries are no lock."""
    tries = SignInTries.objects.filter(pk=limit.key, failures__gte=limit.rule.most).first()
    until = tries and tries.last_at + limit.rule.wait(tries.failures)
    return until if until and until > timezone.now() else None


def forget(limit: Limit) -> None:
    """The row stays: another try may be about to lock it."""
    SignInTries.objects.filter(pk=limit.key).update(failures=0)


@transaction.atomic
def _count(limits: tuple[Limit, ...]) -> None:
    """In the order given, names before addresses, so that two requests never wait for each other."""
    rows = [_locked_row(limit) for limit in limits]
    now = timezone.now()  # after the locks: whoever held them has written a later moment than ours before
    for limit, row in zip(limits, rows, strict=True):
        wait = limit.rule.wait(row.failures)
        if wait and row.last_at + wait > now:
            raise TooManyTries(row.last_at + wait - now)
    for row in rows:
        row.failures, row.last_at = row.failures + 1, now
        row.save()


def _locked_row(limit: Limit) -> SignInTries:
    now = timezone.now()
    fresh = {"first_at": now, "last_at": now}
    row, is_new = SignInTries.objects.select_for_update().get_or_create(pk=limit.key, defaults=fresh)
    if is_new:
        _sweep(now - KEPT)
    elif _is_forgotten(row, limit.rule):
        row.failures, row.first_at, row.last_at = 0, now, now
    return row


def _sweep(before: datetime) -> None:
    """So that names made up by the thousand do not stay. Never waits for rows that somebody holds."""
    old = SignInTries.objects.select_for_update(skip_locked=True).filter(last_at__lt=before)
    SignInTries.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:SWEPT])).delete()


def _is_forgotten(row: SignInTries, rule: Rule) -> bool:
    return rule.forgotten_at(row.failures, row.first_at, row.last_at) <= timezone.now()


def _take_back(limits: tuple[Limit, ...]) -> None:
    """A name is free again; of a shared address only this try, or one own account would clear it."""
    for limit in limits:
        if limit.rule.is_shared:
            SignInTries.objects.filter(pk=limit.key, failures__gt=0).update(failures=F("failures") - 1)
        else:
            forget(limit)


def _name_rule() -> Rule:
    return Rule(
        free=settings.SIGN_IN_FREE_FAILURES,
        most=settings.SIGN_IN_LOCK_FAILURES,
        pause=settings.SIGN_IN_PAUSE,
        lock=settings.SIGN_IN_LOCK,
        window=settings.SIGN_IN_WINDOW,
    )


def _address_rule() -> Rule:
    most, window = settings.SIGN_IN_ADDRESS_FAILURES, settings.SIGN_IN_WINDOW
    return Rule(free=most, most=most, pause=window, lock=window, window=window, is_shared=True)


def _network(address: str) -> str:
    """One subscriber has all of an IPv6 /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


def _key(kind: str, who: str) -> str:
    return salted_hmac(f"registry.tries.{kind}", who, algorithm="sha256").hexdigest()
