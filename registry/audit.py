"""The two trails: what was changed (deeds) and what was read (readings)."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pghistory
from django.conf import settings
from django.db import models, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.errors import Conflict
from registry.middleware import current_request_id
from registry.models import AccessLog, AuditEvent, User
from registry.numbers import IDENTITY_NUMBER
from registry.permissions import StaffRequest


class Deed:
    """An open deed; tell it what it is ``about`` and the ``details`` (numbers and codes, never personal
    data).
    """

    def __init__(self) -> None:
        self.id = uuid.uuid4()
        self.subject = ""
        self.details: dict[str, Any] = {}

    def about(self, thing: models.Model, **details: Any) -> None:
        self.subject = subject_of(thing)
        self.details.update(details)


def subject_of(thing: models.Model) -> str:
    """``household:17``: how trails name a thing without naming a person."""
    return f"{thing._meta.model_name}:{thing.pk}"


@contextmanager
def deed(verb: str, *, by: User | None, why: str = "", about: models.Model | None = None) -> Iterator[Deed]:
    """Everything written inside is one transaction, one audit row, and carries the deed in its row
    history. Raises Conflict when ``why`` names somebody by number.
    """
    if IDENTITY_NUMBER.search(why):
        sentence = _("Do not write a NIK or family card number here.")
        raise Conflict(sentence, code="identity_number", field="why")
    opened = Deed()
    if about is not None:
        opened.about(about)
    with transaction.atomic(), pghistory.context(deed=str(opened.id)):
        yield opened
        AuditEvent.objects.create(
            deed=opened.id,
            verb=verb,
            by=by,
            role=by.role if by else "",
            why=why,
            subject=opened.subject,
            details=opened.details,
            request_id=current_request_id(),
        )


def record_reading(
    request: StaffRequest,
    *,
    purpose: str,
    household_ids: Iterable[int],
    is_full: bool = False,
    count: int | None = None,
) -> None:
    """Written before the bytes leave; an empty page of results is not a reading.

    ``count`` where the records are not one for each household: the rows of a workbook.
    """
    ids = list(household_ids)
    if not ids and not count:
        return
    route = request.resolver_match.view_name if request.resolver_match else ""
    AccessLog.objects.create(
        user=request.user,
        role=request.user.role,
        purpose=purpose,
        route=route,
        household_ids=ids,
        record_count=len(ids) if count is None else count,
        is_full=is_full,
        token=getattr(request, "auth", None),
        request_id=current_request_id(),
    )


class TooManyFullViews(Exception):
    """This person has seen as many identity numbers within the hour as FULL_VIEWS_PER_HOUR allows."""


def record_full_view(request: StaffRequest, *, reason: str, household_id: int) -> None:
    """Call before an identity number is shown in full. Raises TooManyFullViews, and then writes nothing."""
    with transaction.atomic():
        User.objects.select_for_update(of=("self",)).get(
            pk=request.user.pk
        )  # two tabs count one after the other
        an_hour_ago = timezone.now() - timedelta(hours=1)
        views = AccessLog.objects.filter(user=request.user, is_full=True, at__gt=an_hour_ago)
        seen = views.aggregate(total=Sum("record_count"))["total"] or 0
        if seen >= settings.FULL_VIEWS_PER_HOUR:
            raise TooManyFullViews
        record_reading(request, purpose=reason, household_ids=[household_id], is_full=True)
