"""The two trails: what was changed (deeds) and what was read (readings)."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pghistory
from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.errors import Conflict, NotRecorded
from registry.models import AccessLog, ApiToken, AuditEvent, Shown, User
from registry.numbers import IDENTITY_NUMBER
from registry.permissions import StaffRequest
from registry.request_id import current_request_id


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
    shown: Shown,
    household_ids: Iterable[int],
    member_ids: Iterable[int] = (),
    subject: str = "",
    is_full: bool = False,
    count: int | None = None,
) -> None:
    """Written before the bytes leave: see ``log_reading``, which this calls for a request."""
    log_reading(
        user=request.user,
        route=request.resolver_match.view_name if request.resolver_match else "",
        purpose=purpose,
        shown=shown,
        household_ids=household_ids,
        member_ids=member_ids,
        subject=subject,
        is_full=is_full,
        count=count,
        token=getattr(request, "auth", None),
    )


def log_reading(
    *,
    user: User,
    route: str,
    purpose: str,
    shown: Shown,
    household_ids: Iterable[int],
    member_ids: Iterable[int] = (),
    subject: str = "",
    is_full: bool = False,
    count: int | None = None,
    token: ApiToken | None = None,
) -> None:
    """One row; without households nothing was read and nothing is written.

    ``purpose`` is a source string of ours or a sentence of the reader's. ``member_ids`` are the persons
    shown, none where the page shows the households' people as a whole; ``count`` where the records are not
    one for each household, as the rows of a workbook. Raises NotRecorded when the row cannot be written:
    whoever catches it must not show the people.
    """
    ids = list(household_ids)
    if not ids and not count:
        return
    try:
        AccessLog.objects.create(
            user=user,
            role=user.role,
            purpose=purpose,
            route=route,
            subject=subject,
            household_ids=list(dict.fromkeys(ids)),
            member_ids=list(dict.fromkeys(member_ids)),
            shown=shown,
            record_count=len(ids) if count is None else count,
            is_full=is_full,
            token=token,
            request_id=current_request_id(),
        )
    except DatabaseError as error:
        raise NotRecorded from error


class TooManyFullViews(Exception):
    """This person has seen as many identity numbers within the hour as FULL_VIEWS_PER_HOUR allows."""


@contextmanager
def full_views_left(user: User, *, first_of: Shown | None = None) -> Iterator[None]:
    """Record the reading inside. Raises TooManyFullViews where the hour's are used up, unless the reading is
    the hour's ``first_of`` its kind.
    """
    with transaction.atomic():
        # Two tabs count one after the other.
        User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        an_hour_ago = timezone.now() - timedelta(hours=1)
        views = AccessLog.objects.filter(user=user, is_full=True, at__gt=an_hour_ago)
        seen = views.aggregate(total=Sum("record_count"))["total"] or 0
        is_first = first_of is not None and not views.filter(shown=first_of).exists()
        if seen >= settings.FULL_VIEWS_PER_HOUR and not is_first:
            raise TooManyFullViews
        yield


def record_full_view(
    request: StaffRequest, *, reason: str, household_id: int, subject: str, member_ids: Iterable[int] = ()
) -> None:
    """Call before an identity number is shown in full. Raises TooManyFullViews, and then writes nothing.

    Without ``member_ids`` the number is the whole family's.
    """
    with full_views_left(request.user):
        record_reading(
            request,
            purpose=reason,
            shown=Shown.PERSON,
            household_ids=[household_id],
            member_ids=member_ids,
            subject=subject,
            is_full=True,
        )
