"""A production with weaker settings than shipped is warned, each by name."""

from datetime import timedelta

import pytest

from registry.sign_in_checks import sign_in_is_as_strong_as_shipped


@pytest.fixture
def production(settings):
    settings.IS_PRODUCTION = settings.SECOND_FACTOR = True
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]  # without the tests' quick one
    return settings


def warnings():
    return [message.id for message in sign_in_is_as_strong_as_shipped()]


def test_as_shipped_there_is_nothing_to_warn_of(production):
    assert warnings() == []


@pytest.mark.parametrize(
    ("name", "value", "warning"),
    [
        ("SIGN_IN_LOCK_FAILURES", 11, "W101"),
        ("SIGN_IN_LOCK", timedelta(minutes=29), "W101"),
        ("SIGN_IN_FREE_FAILURES", 6, "W102"),
        ("SIGN_IN_ADDRESS_FAILURES", 51, "W102"),
        ("SECOND_FACTOR", False, "W103"),
        ("SESSION_IDLE", timedelta(minutes=31), "W104"),
        ("SESSION_LONGEST", timedelta(hours=13), "W104"),
        ("MIDDLEWARE", [], "W105"),
        ("REST_FRAMEWORK", {"DEFAULT_AUTHENTICATION_CLASSES": []}, "W106"),
        ("PASSWORD_HASHERS", ["django.contrib.auth.hashers.PBKDF2PasswordHasher"], "W107"),
        ("BSSN_PASSWORDS", False, "W109"),
        ("PASSWORD_LONGEST_LIFE", None, "W110"),
        ("PASSWORD_LONGEST_LIFE", timedelta(days=200), "W110"),
    ],
)
def test_each_weaker_setting_is_named(production, name, value, warning):
    setattr(production, name, value)
    assert warnings() == [f"simpul.{warning}"]


@pytest.mark.parametrize("missing", range(1, 6))
def test_each_missing_rule_for_passwords_is_named(production, missing):
    production.AUTH_PASSWORD_VALIDATORS = [
        rule for place, rule in enumerate(production.AUTH_PASSWORD_VALIDATORS) if place != missing
    ]
    assert warnings() == ["simpul.W108" if missing < 4 else "simpul.W110"]


def test_elsewhere_nobody_is_warned(settings):
    settings.BSSN_PASSWORDS = False
    assert warnings() == []
