"""What a password must be, by BSSN or by OWASP ASVS: docs/sign-in.md says where the two differ."""

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry.audit import deed
from registry.models import FormerPassword, User
from registry.tries import for_name, forget

# Words that whoever attacks this registry tries first. The name of the regency is added from the settings.
CONTEXT_WORDS = {
    "simpul",
    "bappeda",
    "kemiskinan",
    "kukar",
    "kutai",
    "kartanegara",
    "tenggarong",
    "kaltim",
    "kalimantan",
}
SHORTEST_WORD = 4
# How people write letters as digits and signs.
DISGUISES = str.maketrans("01345789@$!|", "oieastbgasil")
KINDS = {
    gettext_lazy("a capital letter"): str.isupper,
    gettext_lazy("a small letter"): str.islower,
    gettext_lazy("a digit"): str.isdigit,
    gettext_lazy("a symbol (a space counts)"): lambda character: not character.isalnum(),
}


class LengthValidator:
    def __init__(self, shortest: int, longest: int) -> None:
        self.shortest, self.longest = shortest, longest

    def validate(self, password: str, user: User | None = None) -> None:
        if not self.shortest <= len(password) <= self.longest:
            raise ValidationError(self.get_help_text(), code="password_length")

    def get_help_text(self) -> str:
        sentence = _("It has %(shortest)s to %(longest)s characters: several words make a good one.")
        return sentence % {"shortest": self.shortest, "longest": self.longest}


class CharacterKindsValidator:
    """BSSN asks for it; ASVS 6.2.5 forbids it."""

    def validate(self, password: str, user: User | None = None) -> None:
        missing = [str(kind) for kind, is_one in KINDS.items() if not any(map(is_one, password))]
        if missing:
            sentence = _("The password lacks: %(missing)s.") % {"missing": ", ".join(missing)}
            raise ValidationError(sentence, code="password_kinds")

    def get_help_text(self) -> str:
        return _("It has: %(kinds)s.") % {"kinds": ", ".join(map(str, KINDS))}


class ContextWordsValidator:
    def validate(self, password: str, user: User | None = None) -> None:
        plain = password.casefold()
        words = CONTEXT_WORDS | set(_words(settings.PLACE)) | set(_words(user.username if user else ""))
        for word in sorted(words):
            if word in plain or word in plain.translate(DISGUISES):
                sentence = _("The password contains “%(word)s”, which is guessed first here.")
                raise ValidationError(sentence % {"word": word}, code="password_context")

    def get_help_text(self) -> str:
        return _("It contains neither your user name nor words of this registry and region.")


class FormerPasswordsValidator:
    """Refuses the last ``kept`` passwords. Each is a slow hash: about a tenth of a second apiece."""

    def __init__(self, kept: int) -> None:
        self.kept = kept

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        former = FormerPassword.objects.filter(user=user).values_list("password", flat=True)[: self.kept]
        if any(check_password(password, hashed) for hashed in {*former, user.password}):
            raise ValidationError(self.get_help_text(), code="password_former")

    def password_changed(self, password: str, user: User) -> None:
        """Called by Django once the new password is saved, whichever page or command set it."""
        FormerPassword.objects.create(user=user, password=user.password)
        former = FormerPassword.objects.filter(user=user)
        latest = list(former.values_list("pk", flat=True)[: self.kept])
        former.exclude(pk__in=latest).delete()

    def get_help_text(self) -> str:
        sentence = ngettext(
            "It is not the last one.", "It is none of your last %(count)s passwords.", self.kept
        )
        return sentence % {"count": self.kept}


def must_choose_password(user: User) -> bool:
    """Because somebody else gave her the present one, or because it has lived its time."""
    if settings.IS_DEMO:
        return False
    if user.password_chosen_at is None:
        return True
    longest = settings.PASSWORD_LONGEST_LIFE
    return longest is not None and timezone.now() - user.password_chosen_at >= longest


def record_new_password(*, user: User, by: User | None) -> None:
    """Call in the transaction that has saved it. Unlocks.

    What another gave is good for one sign-in, and the user's API tokens end with it.
    """
    with deed("set_password", by=by, about=user):
        forget(for_name(user.username))
        if by != user:
            User.objects.filter(pk=user.pk).update(password_chosen_at=None)
            user.tokens.all().revoke()


def _words(text: Any) -> list[str]:
    """Of at least four letters: shorter ones are in every sentence."""
    words = re.findall(r"[^\W\d_]+", str(text).casefold())
    return [word for word in words if len(word) >= SHORTEST_WORD and word not in {"kabupaten", "kota"}]
