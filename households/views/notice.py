"""The data protection notice, open to everybody: it is about people who have no account."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from households.rights.retention import PERIODS
from registry.purposes import PURPOSES


@login_not_required
@require_safe
def privacy_notice(request: HttpRequest) -> HttpResponse:
    context = {
        "purposes": PURPOSES,
        "periods": PERIODS,
        "contact": settings.DATA_PROTECTION_CONTACT,
    }
    return render(request, "households/privacy_notice.html", context)
