"""Signing in and out, the second factor, and one's own password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from registry import second_factor
from registry.audit import deed
from registry.errors import conflicts_on
from registry.models import User
from registry.passwords import must_choose_password, record_new_password
from registry.permissions import StaffRequest
from registry.scope import become
from registry.sessions import NEW_FACTOR, mark_verified, needs_second_factor, next_step
from registry.sign_in_forms import (
    CodeForm,
    NewPhoneForm,
    OwnPasswordForm,
    PasswordAgainForm,
    SignInForm,
    VerifyForm,
)


class SignInView(LoginView):
    form_class = SignInForm
    template_name = "registry/login.html"

    def form_valid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]  # the form named above
        user = form.get_user()
        become(user)  # until now the request was nobody's
        with deed("sign_in", by=user, about=user):
            login(self.request, user)
        return HttpResponseRedirect(self.get_success_url())


class SignOutView(LogoutView):
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if isinstance(request.user, User):
            with deed("sign_out", by=request.user, about=request.user):
                pass
        return super().post(request, *args, **kwargs)


@sensitive_post_parameters("code")
def verify(request: StaffRequest) -> HttpResponse:
    """The code after the password; to whoever has passed it, or has none yet, the page they need."""
    if next_step(request, request.user) != "second-factor":
        return HttpResponseRedirect(_onward(request))
    form = VerifyForm(request.POST or None)
    if form.is_valid():
        with conflicts_on(form):
            if second_factor.verify(user=request.user, code=form.cleaned_data["code"]):
                mark_verified(request)
                return HttpResponseRedirect(_onward(request))
            form.add_error("code", _("This is not the code of this moment. Each code is good once."))
    return render(request, "registry/second_factor.html", {"form": form, "next": _onward(request)})


@sensitive_post_parameters("code", "password")
def set_up(request: StaffRequest) -> HttpResponse:
    """A first phone, or a new one: SignInSteps lets nobody here who has one and has not typed its code."""
    is_replacement = request.user.second_factor_at is not None
    form: CodeForm = CodeForm(request.POST or None)
    if is_replacement:
        form = NewPhoneForm(request.user, request.POST or None)
    if form.is_valid():
        with conflicts_on(form):
            known = request.session.get(NEW_FACTOR, 0)
            codes = second_factor.confirm(user=request.user, code=form.cleaned_data["code"], known=known)
            if codes:
                update_session_auth_hash(request, request.user)
                mark_verified(request)
                return _show_codes(request, codes)
            form.add_error("code", _("This is not the code of this moment. Is the phone’s clock right?"))
    factor = second_factor.new_factor(request.user, request.session.get(NEW_FACTOR, 0))
    request.session[NEW_FACTOR] = factor.pk
    context = {
        "form": form,
        "next": _onward(request),
        "qr_code": second_factor.qr_code(factor),
        "app_address": second_factor.app_address(factor),
        "typed_key": second_factor.typed_key(factor),
        "is_obligatory": needs_second_factor(request.user),
        "is_replacement": is_replacement,
    }
    return render(request, "registry/second_factor_setup.html", context)


@sensitive_post_parameters("password")
@require_POST
def recovery_codes(request: StaffRequest) -> HttpResponse:
    """The form stands on the page of the account, where a wrong password leads back to."""
    if request.user.second_factor_at is None:
        return redirect("account")
    form = PasswordAgainForm(request.user, request.POST)
    if not form.is_valid():
        return _show_account(request, form)
    return _show_codes(request, second_factor.renew_recovery_codes(user=request.user))


@sensitive_post_parameters()
def change_password(request: StaffRequest) -> HttpResponse:
    """One's own; this session goes on, one's others end."""
    form = OwnPasswordForm(request.user, request.POST or None)
    if form.is_valid():
        with transaction.atomic():
            form.save()
            record_new_password(user=request.user, by=request.user)
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password is changed. Your sessions on other machines have ended."))
        return HttpResponseRedirect(_onward(request))
    context = {"form": form, "next": _onward(request), "is_due": must_choose_password(request.user)}
    return render(request, "registry/password_change.html", context)


def account(request: StaffRequest) -> HttpResponse:
    """One's own sign-in: password, second factor, recovery codes."""
    return _show_account(request, PasswordAgainForm(request.user))


def _show_account(request: StaffRequest, form: PasswordAgainForm) -> HttpResponse:
    user = request.user
    lives = settings.PASSWORD_LONGEST_LIFE
    context = {
        "form": form,
        "chosen_at": user.password_chosen_at,
        "due_at": user.password_chosen_at + lives if user.password_chosen_at and lives else None,
        "second_factor_at": user.second_factor_at,
        "codes_left": second_factor.recovery_codes_left(user),
        "has_second_factor": settings.SECOND_FACTOR,
    }
    return render(request, "registry/account.html", context)


def _show_codes(request: StaffRequest, codes: list[str]) -> HttpResponse:
    """In the answer itself: they are kept as hashes only, so there is no second page to show them on."""
    return render(request, "registry/recovery_codes.html", {"codes": codes, "next": _onward(request)})


def _onward(request: HttpRequest) -> str:
    """Where she was going; never to another host. An address, not for ``redirect``, which knows names too."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(asked, hosts, require_https=request.is_secure())
    return asked if is_ours else reverse("home")
