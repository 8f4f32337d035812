"""Name and password, the code after it, and a new password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from registry.models import User
from registry.sign_in import check_own_password, check_sign_in
from registry.tries import TooManyTries


class SignInForm(AuthenticationForm):
    request: HttpRequest

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username and password:
            try:
                self.user_cache = check_sign_in(self.request, username=username, password=password)
            except TooManyTries as refused:
                raise ValidationError(refused.message, code=refused.code) from None
            if self.user_cache is None:
                raise self.get_invalid_login_error()
        return self.cleaned_data


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("The six digits that the authenticator app shows now."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class VerifyForm(CodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True
        self.fields["code"].help_text = _(
            "The six digits that the authenticator app shows now. Without your phone: a recovery code."
        )


class OwnPasswordForm(PasswordChangeForm):
    @sensitive_variables("old_password")
    def clean_old_password(self) -> str:
        old_password: str = self.cleaned_data["old_password"]
        _must_be_own(self.user, old_password)
        return old_password


class PasswordAgainForm(forms.Form):
    """An open session alone takes over no sign-in."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    @sensitive_variables("password")
    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        _must_be_own(self.user, password)
        return password


class NewPhoneForm(CodeForm, PasswordAgainForm):
    """In place of one that is set up already."""


@sensitive_variables("password")
def _must_be_own(user: User, password: str) -> None:
    try:
        is_right = check_own_password(user, password)
    except TooManyTries as refused:
        raise ValidationError(refused.message, code=refused.code) from None
    if not is_right:
        raise ValidationError(_("This is not your present password."), code="password_incorrect")
