"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for its loss."""

import re
import secrets
from base64 import b32encode
from datetime import timedelta
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone
from django_otp.oath import TOTP

from registry.audit import deed
from registry.bulk import new_ids
from registry.models import SecondFactor, User
from registry.sign_in import record_lock
from registry.tries import attempt, for_code, forget

KEY_BYTES = 20  # as long as the SHA-1 that RFC 6238 builds on
STEPS_OFF = 1  # a clock may be half a minute wrong, either way
CODE, RECOVERY_CODE = re.compile(r"[0-9]{6}"), re.compile(r"[0-9]{12}")
RECOVERY_CODES = 10
NEW_KEY_LIFE = timedelta(hours=1)


@transaction.atomic
def new_factor(user: User, known: int = 0) -> SecondFactor:
    """The unconfirmed one that this session knows by its id, for an hour: whoever reloads has scanned it.

    Without one a new key, which voids that of any other session: the password alone shows nobody else's.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two sessions at once: the later one's is good
    unconfirmed = SecondFactor.objects.filter(user=user, is_confirmed=False)
    waiting = unconfirmed.filter(pk=known, made_at__gte=timezone.now() - NEW_KEY_LIFE).first()
    if waiting is None:
        unconfirmed.delete()
        waiting = SecondFactor(pk=next(new_ids(SecondFactor, 1)), user=user)
        waiting.key = secrets.token_hex(KEY_BYTES)
        waiting.save(force_insert=True)
    return waiting


def typed_key(factor: SecondFactor) -> str:
    """Base32 in groups of four, for those who cannot scan."""
    plain = b32encode(bytes.fromhex(factor.key)).decode()
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def app_address(factor: SecondFactor) -> str:
    """The ``otpauth`` address that authenticator apps read from the QR code."""
    issuer = f"Simpul {settings.PLACE}"
    query = {"secret": typed_key(factor).replace(" ", ""), "issuer": issuer}
    label = quote(f"{issuer}:{factor.user.username}", safe="")
    return f"otpauth://totp/{label}?{urlencode(query, quote_via=quote)}"


def qr_code(factor: SecondFactor) -> str:
    """As the address of an SVG image: the content security policy allows no inline style."""
    return segno.make(app_address(factor), error="m").svg_data_uri(scale=4, light="#fff")


def confirm(*, user: User, code: str, known: int) -> list[str] | None:
    """Makes the new factor that this session knows the only one; its recovery codes, or None when ``code`` is
    not its own.

    Raises TooManyTries.
    """
    return attempt(lambda: _confirm(user, _digits(code), known), for_code(user.pk))


@transaction.atomic
def _confirm(user: User, code: str, known: int) -> list[str] | None:
    unconfirmed = SecondFactor.objects.select_for_update().filter(user=user, is_confirmed=False)
    factor = unconfirmed.filter(pk=known).first()
    if factor is None or not _is_next_code(factor, code):
        return None
    with deed("set_up_second_factor", by=user, about=user):
        SecondFactor.objects.filter(user=user, is_confirmed=True).delete()
        codes = _give_recovery_codes(factor)
        factor.is_confirmed = True
        factor.save()
        user.second_factor_at = timezone.now()
        user.save(update_fields=["second_factor_at"])
    return codes


def verify(*, user: User, code: str) -> bool:
    """Takes a code of the app, or uses up a recovery code. Records the outcome. Raises TooManyTries."""
    limit = for_code(user.pk)
    if way := attempt(lambda: _verify(user, _digits(code)), limit):
        with deed("second_factor", by=user, about=user) as act:
            act.details["way"] = way
        return True
    with deed("second_factor_failed", by=user, about=user):
        pass
    record_lock(user, limit)
    return False


@transaction.atomic
def _verify(user: User, code: str) -> str | None:
    factor = SecondFactor.objects.select_for_update().filter(user=user, is_confirmed=True).first()
    if factor is None:
        return None
    if CODE.fullmatch(code) and _is_next_code(factor, code):
        factor.save()
        return "app"
    used = RECOVERY_CODE.fullmatch(code) and next(
        (hashed for hashed in factor.recovery_hashes if check_password(code, hashed)), None
    )
    if not used:
        return None
    factor.recovery_hashes.remove(used)
    factor.save()
    return "recovery_code"


def _is_next_code(factor: SecondFactor, code: str) -> bool:
    """Notes the time step, so that a code seen over a shoulder is worth nothing."""
    if not CODE.fullmatch(code):
        return False
    clock = TOTP(bytes.fromhex(factor.key))
    clock.time = timezone.now().timestamp()
    if not clock.verify(int(code), tolerance=STEPS_OFF, min_t=factor.last_step + 1):
        return False
    factor.last_step = clock.t()
    return True


def renew_recovery_codes(*, user: User) -> list[str]:
    """The old ones are void."""
    with deed("make_recovery_codes", by=user, about=user):
        factor = SecondFactor.objects.select_for_update().get(user=user, is_confirmed=True)
        codes = _give_recovery_codes(factor)
        factor.save()
    return codes


def recovery_codes_left(user: User) -> int:
    factor = SecondFactor.objects.filter(user=user, is_confirmed=True).first()
    return len(factor.recovery_hashes) if factor else 0


def reset(*, user: User, by: User | None, why: str = "") -> None:
    """For whoever lost phone and codes: sessions and API tokens end, the next sign-in sets up a new one."""
    with deed("reset_second_factor", by=by, about=user, why=why):
        user.tokens.all().revoke()
        SecondFactor.objects.filter(user=user).delete()
        forget(for_code(user.pk))
        user.second_factor_at = None
        user.save(update_fields=["second_factor_at"])


def _give_recovery_codes(factor: SecondFactor) -> list[str]:
    """Twelve digits each, hashed as slowly as a password: forty bits would not bear a quick hash."""
    codes = [f"{secrets.randbelow(10**12):012}" for _each in range(RECOVERY_CODES)]
    factor.recovery_hashes = [make_password(code) for code in codes]
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _digits(typed: str) -> str:
    return re.sub(r"[\s-]", "", typed)
