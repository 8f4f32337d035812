"""An agency's own keys to the API."""

from datetime import timedelta

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from registry.errors import conflicts_on
from registry.forms import DateField
from registry.models import ApiToken
from registry.permissions import StaffRequest
from registry.services import issue_token, revoke_token


class TokenForm(forms.Form):
    name = forms.SlugField(
        label=_("Name"), max_length=60, help_text=_("The user name for Excel: letters, digits and hyphens.")
    )
    purpose = forms.CharField(
        label=_("Purpose"), max_length=200, help_text=_("What the data is for, and the legal basis.")
    )
    expires_on = DateField(label=_("Expires on"), initial=lambda: timezone.localdate() + timedelta(days=180))


@permission_required("programs.view_targetlist", raise_exception=True)
def token_list(request: StaffRequest) -> HttpResponse:
    tokens = ApiToken.objects.filter(user=request.user).select_related("agency")
    return render(request, "registry/token_list.html", {"tokens": tokens, "today": timezone.localdate()})


@permission_required("programs.add_realisation", raise_exception=True)
def token_create(request: StaffRequest) -> HttpResponse:
    form = TokenForm(request.POST or None)
    if form.is_valid():
        with conflicts_on(form):
            token, key = issue_token(by=request.user, **form.cleaned_data)
            return render(request, "registry/token_created.html", {"token": token, "key": key})
    return render(request, "registry/token_form.html", {"form": form})


@require_POST
@permission_required("programs.add_realisation", raise_exception=True)
def token_revoke(request: StaffRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, user=request.user, revoked_at=None)
    revoke_token(token=token, by=request.user)
    return redirect("token-list")
