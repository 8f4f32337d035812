"""An office's own keys to the API."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.api.examples import example_paths
from registry.errors import conflicts_on
from registry.forms import DateField
from registry.models import AccessLog, ApiToken
from registry.numbers import no_identity_number
from registry.permissions import StaffRequest
from registry.services import issue_token, revoke_token

USUAL_LIFE = timedelta(days=180)
SHOWN_READINGS = 20


def _usual_end() -> Any:
    return timezone.localdate() + USUAL_LIFE


class TokenForm(forms.Form):
    name = forms.SlugField(
        label=gettext_lazy("Name"),
        max_length=60,
        validators=[no_identity_number],
        help_text=gettext_lazy("The user name for Excel: letters, digits and hyphens."),
    )
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=200,
        validators=[no_identity_number],
        help_text=gettext_lazy(
            "What the data is for, and the legal basis. It stands in every access record."
        ),
    )
    expires_on = DateField(
        label=gettext_lazy("Expires on"),
        initial=_usual_end,
        help_text=gettext_lazy("A year from now at most."),
    )


@permission_required("registry.issue_token", raise_exception=True)
def token_list(request: StaffRequest) -> HttpResponse:
    """The user's tokens, whatever their state, and what was read with them last."""
    tokens = ApiToken.objects.filter(user=request.user).select_related("agency", "user")
    readings = AccessLog.objects.filter(token__user=request.user).select_related("token")[:SHOWN_READINGS]
    context = {
        "tokens": [{"token": token, **_state(token)} for token in tokens],
        "readings": readings,
        "may_create": request.user.agency_id is not None and request.user.has_perm("registry.issue_token"),
    }
    return render(request, "registry/token_list.html", context)


@permission_required("registry.issue_token", raise_exception=True)
def token_create(request: StaffRequest) -> HttpResponse:
    """Shows the key in the answer itself: it is kept nowhere, so there is no second page to show it on."""
    form = TokenForm(request.POST or None)
    if form.is_valid():
        with conflicts_on(form):
            token, key = issue_token(by=request.user, **form.cleaned_data)
            context = {"token": token, "key": key, "host": request.build_absolute_uri("/").rstrip("/")}
            paths = example_paths(request.user).items()
            context["urls"] = {kind: request.build_absolute_uri(path) for kind, path in paths}
            return render(request, "registry/token_created.html", context)
    return render(request, "registry/token_form.html", {"form": form})


@permission_required("registry.issue_token", raise_exception=True)
def token_revoke(request: StaffRequest, pk: int) -> HttpResponse:
    """Asks first; the question is a page, so that it is asked without script too."""
    token = get_object_or_404(ApiToken, pk=pk, user=request.user, revoked_at=None)
    if request.method == "POST":
        revoke_token(token=token, by=request.user)
        messages.success(request, _("The token %(name)s is revoked.") % {"name": token.name})
        return redirect("token-list")
    return render(request, "registry/token_revoke.html", {"token": token})


def _state(token: ApiToken) -> dict[str, Any]:
    """As ``ApiTokenQuerySet.usable`` decides it, in words."""
    if token.revoked_at:
        return {"state": _("revoked"), "tone": "neutral", "may_revoke": False}
    if token.expires_on < timezone.localdate():
        return {"state": _("expired"), "tone": "neutral", "may_revoke": True}
    if token.agency_id != token.user.agency_id:
        return {"state": _("of a former agency"), "tone": "danger", "may_revoke": True}
    return {"state": _("valid"), "tone": "good", "may_revoke": True}
