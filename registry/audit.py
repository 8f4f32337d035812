"""The two trails: what was changed (deeds) and what was read (readings)."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from django.db import models, transaction

from registry.middleware import current_request_id
from registry.models import AccessLog, AuditEvent, User
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
    history.
    """
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
    request: StaffRequest, *, purpose: str, household_ids: Iterable[int], is_full: bool = False
) -> None:
    """Written before the bytes leave; an empty page of results is not a reading."""
    ids = list(household_ids)
    if not ids:
        return
    route = request.resolver_match.view_name if request.resolver_match else ""
    AccessLog.objects.create(
        user=request.user,
        role=request.user.role,
        purpose=purpose,
        route=route,
        household_ids=ids,
        record_count=len(ids),
        is_full=is_full,
        token=getattr(request, "auth", None),
        request_id=current_request_id(),
    )
