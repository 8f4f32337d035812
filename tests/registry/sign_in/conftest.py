"""Time that a test can move, and an authenticator app."""

from base64 import b32decode
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from django_otp.oath import TOTP

from registry import second_factor
from registry.models import SecondFactor, User

PASSWORD = "a long password"


class Clock:
    """Stands still at the moment it was made, until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def pass_(self, **length: float) -> None:
        self.now += timedelta(**length)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock(timezone.now())
    monkeypatch.setattr(timezone, "now", lambda: stopped.now)
    return stopped


@pytest.fixture(autouse=True)
def fresh_rates(settings) -> None:
    """And the pages speak English, which these tests quote."""
    settings.LANGUAGE_CODE = "en"
    cache.clear()


@pytest.fixture
def code_of(clock: Clock) -> Callable[[User], str]:
    """What the user's app shows now: it knows only the key that was typed or scanned into it."""

    def read(user: User) -> str:
        factor = SecondFactor.objects.filter(user=user).latest("is_confirmed")
        app = TOTP(b32decode(second_factor.typed_key(factor).replace(" ", "")))
        app.time = clock.now.timestamp()
        return f"{app.token():06}"

    return read


def type_password(client, username: str, password: str = PASSWORD, **headers: str):
    return client.post("/login/", {"username": username, "password": password}, headers=headers)
