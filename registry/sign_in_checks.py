"""What a production is warned of when its settings make signing in weaker than shipped."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

MIDDLEWARE = (
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "registry.sessions.session_limits",
    "registry.sessions.SignInSteps",
)
ARGON2 = "django.contrib.auth.hashers.Argon2PasswordHasher"
SESSION_DOOR = "registry.api.authentication.VerifiedSession"
VALIDATORS = {"LengthValidator", "CommonPasswordValidator", "ContextWordsValidator"}
BSSN_VALIDATORS = {"CharacterKindsValidator", "FormerPasswordsValidator"}
MOST_FREE, MOST_FAILURES, MOST_FROM_ADDRESS = 5, 10, 50
SHORTEST_LOCK, LONGEST_IDLE = timedelta(minutes=30), timedelta(minutes=30)
LONGEST_SESSION, HALF_A_YEAR = timedelta(hours=12), timedelta(days=184)


@register(Tags.security)
def sign_in_is_as_strong_as_shipped(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.IS_PRODUCTION:
        return []
    return [
        Warning(sentence, hint="See docs/sign-in.md.", id=f"simpul.{code}")
        for code, sentence in (*_weak_tries(), *_weak_doors(), *_weak_passwords())
    ]


def _weak_tries() -> Iterator[tuple[str, str]]:
    if settings.SIGN_IN_LOCK_FAILURES > MOST_FAILURES or SHORTEST_LOCK > settings.SIGN_IN_LOCK:
        yield (
            "W101",
            "Passwords can be guessed: a lock comes after more than 10 failures or is too short.",
        )
    if settings.SIGN_IN_FREE_FAILURES > MOST_FREE or settings.SIGN_IN_ADDRESS_FAILURES > MOST_FROM_ADDRESS:
        yield "W102", "Tries are hardly slowed down: more than 5 are free, or 50 from one address."


def _weak_doors() -> Iterator[tuple[str, str]]:
    if not settings.SECOND_FACTOR:
        yield "W103", "SECOND_FACTOR is off: roles that see names sign in with a password alone."
    if settings.SESSION_IDLE > LONGEST_IDLE or settings.SESSION_LONGEST > LONGEST_SESSION:
        yield "W104", "Sessions last longer than 30 minutes without activity, or 12 hours in all."
    if missing := [name for name in MIDDLEWARE if name not in settings.MIDDLEWARE]:
        yield "W105", f"MIDDLEWARE lacks {', '.join(missing)}."
    doors: Any = settings.REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"]
    if SESSION_DOOR not in doors:
        yield "W106", "The API takes sessions whose second factor nobody has verified."


def _weak_passwords() -> Iterator[tuple[str, str]]:
    if settings.PASSWORD_HASHERS[0] != ARGON2:
        yield "W107", "New passwords are not hashed with Argon2."
    validators: Any = settings.AUTH_PASSWORD_VALIDATORS
    names = {validator["NAME"].rpartition(".")[2] for validator in validators}
    if missing := VALIDATORS - names:
        yield "W108", f"AUTH_PASSWORD_VALIDATORS lacks {', '.join(sorted(missing))}."
    if not settings.BSSN_PASSWORDS:
        yield "W109", "The password rules of BSSN are off, and those of OWASP ASVS in their place."
        return
    longest = settings.PASSWORD_LONGEST_LIFE
    if BSSN_VALIDATORS - names or not longest or longest > HALF_A_YEAR:
        yield "W110", "The password rules of BSSN are in force in part only."
