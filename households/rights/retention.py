"""How long each class of data is kept, and the purge that ends it.

The law says that data end with their purpose and retention (UU 27/2022 Pasal 43 and 44) and names no number
of years for a registry: every period here is this installation's own default, until the regency's archive
retention schedule (JRA) sets another. Other rooms add their classes.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from households.imports.forgetting import delete_files, delete_unnamed, unnamed_files
from households.models import Household, ImportBatch, ImportRow, Member, SubjectRequest, Tombstone
from households.rights import ledger
from households.rights.erasure import erase_household, erase_member
from households.rights.requests import carry_out
from registry.audit import deed
from registry.models import Job, User
from registry.roles import Role

YEAR = timedelta(days=365, hours=6)
EVERYTHING = "*"  # among the keys that stayed: the class could not even be read

Text = str | Promise
Remove = Callable[[list[Any], User, str], None]


def own_default() -> Text:
    return _("this installation's own default; to be set by the regency's archive retention schedule (JRA)")


@dataclass(frozen=True, slots=True)
class Period:
    """A class of data and its time: ``keep`` counts from the moment in the column ``since`` of ``rows``.

    Without ``keep`` the class lasts as long as the registry; ``remove`` takes keys, who and why.
    """

    code: str
    label: Text
    event: Text
    ground: Text
    keep: Callable[[], timedelta] | None = None
    rows: Callable[[], QuerySet[Any]] | None = None
    since: str = ""
    remove: Remove | None = None
    chunk: int = 2_000

    @property
    def time(self) -> str:
        """In words, for the notice and the register."""
        days = self.keep().days if self.keep else None
        if days is None:
            return gettext("no fixed end")
        if days == 0:
            return gettext("until the night after")
        if days < 365:
            return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
        years = round(days / YEAR.days)
        return ngettext("%(count)s year", "%(count)s years", years) % {"count": years}

    def due(self, now: datetime) -> QuerySet[Any]:
        if self.keep is None or self.rows is None:
            raise LookupError(f"{self.code} has no end.")
        limit: Any = now - self.keep()
        column = self.rows().model._meta.get_field(self.since)
        if not isinstance(column, models.DateTimeField):
            limit = limit.date()
        return self.rows().filter(**{f"{self.since}__lt": limit})

    def found(self, now: datetime) -> "Found":
        counted = self.due(now).aggregate(rows=models.Count("pk"), oldest=models.Min(self.since))
        return Found(self, **counted)

    def keys(self, now: datetime, besides: Collection[Any]) -> list[Any]:
        """The next chunk to remove, the oldest first."""
        rows = self.due(now).exclude(pk__in=besides).order_by(self.since, "pk")
        return list(rows.values_list("pk", flat=True)[: self.chunk])

    def left(self, now: datetime, keys: list[Any]) -> list[Any]:
        return list(self.due(now).filter(pk__in=keys).values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class FilePeriod(Period):
    """A class of files: their names, and when each was written."""

    files: Callable[[], dict[str, datetime]] = dict

    def found(self, now: datetime) -> "Found":
        written = self._due(now)
        return Found(self, len(written), min(written.values(), default=None))

    def keys(self, now: datetime, besides: Collection[Any]) -> list[Any]:
        written = self._due(now)
        names = written.keys() - set(besides)
        return sorted(names, key=lambda name: (written[name], name))[: self.chunk]

    def left(self, now: datetime, keys: list[Any]) -> list[Any]:
        return list(self._due(now).keys() & set(keys))

    def _due(self, now: datetime) -> dict[str, datetime]:
        keep = self.keep() if self.keep else timedelta.max
        return {name: at for name, at in self.files().items() if now - at > keep}


class Purged(NamedTuple):
    """``stuck`` has for each key that stayed the kind of the error, never its text: that may quote a row."""

    period: Period
    removed: int
    stuck: dict[Any, str]


class Found(NamedTuple):
    period: Period
    rows: int
    oldest: Any


def rehearse(now: datetime) -> list[Purged]:
    """What a purge would remove now, by class: does it, in a transaction that is taken back. As long as the
    purge itself. One class takes rows of another along, so that counting each for itself would tell more.

    Files are left alone: only rows can be taken back.
    """
    with transaction.atomic(), ledger.rehearsal():
        by = User.objects.create(username=f"rehearsal-{uuid4()}", role=Role.SUPERADMIN)
        done = [
            Purged(period, period.found(now).rows, {})
            if isinstance(period, FilePeriod)
            else purge(period, now=now, by=by, why="dry run")
            for period in PERIODS
            if period.keep
        ]
        transaction.set_rollback(True)
    return done


def purge(period: Period, *, now: datetime, by: User, why: str) -> Purged:
    """In chunks, each a transaction under its own deed, so that it may be stopped and run again.

    Whatever goes wrong with one key, the time of the others is over too: it stays, and they go.
    """
    removed = 0
    stuck: dict[Any, str] = {}
    try:
        while keys := period.keys(now, stuck):
            stayed = _stayed(period, keys, now, by, why)
            removed += len(keys) - len(stayed)
            stuck |= stayed
    except Exception as error:
        stuck[EVERYTHING] = type(error).__name__
    return Purged(period, removed, stuck)


def _stayed(period: Period, keys: list[Any], now: datetime, by: User, why: str) -> dict[Any, str]:
    """Those of ``keys`` that could not be removed, alone after they could not together."""
    try:
        with deed("purge", by=by, why=why) as act:
            period.remove(keys, by, why)  # type: ignore[misc]  # whatever ends has a way to end
            left = period.left(now, keys)
            act.details = {"class": period.code, "rows": len(keys) - len(left)}
        return dict.fromkeys(left, "")
    except Exception as error:
        if len(keys) == 1:
            return {keys[0]: type(error).__name__}
    alone = [_stayed(period, [key], now, by, why) for key in keys]
    return {key: error for stuck in alone for key, error in stuck.items()}


def delete(rows: Callable[[], QuerySet[Any]], *guards: str) -> Remove:
    """A plain removal, with the guards of append-only rows lifted for this statement."""

    def remove(keys: list[Any], by: User, why: str) -> None:
        if not guards:
            rows().filter(pk__in=keys).delete()
            return
        with pgtrigger.ignore(*guards):
            rows().filter(pk__in=keys).delete()

    return remove


def _drop_batches(keys: list[Any], by: User, why: str) -> None:
    """Unconfirmed: nothing in the registry came from them."""
    _drop_rows_and_files(keys, by, why)
    ImportBatch.objects.filter(pk__in=keys).delete()


def _drop_rows_and_files(keys: list[Any], by: User, why: str) -> None:
    """The batch itself stays: it says where assessments came from, with numbers only."""
    delete_files(keys, is_read=False)
    ImportRow.objects.filter(batch__in=keys).delete()
    ImportBatch.objects.filter(pk__in=keys).update(job=None)


def _drop_requests(keys: list[Any], by: User, why: str) -> None:
    """With their history, which would keep the words."""
    SubjectRequest.objects.filter(pk__in=keys).delete()
    with pgtrigger.ignore("households.SubjectRequestEvent:append_only"):
        _history("subjectrequest").filter(pgh_obj_id__in=keys).delete()


def _erase_households(keys: list[Any], by: User, why: str) -> None:
    for household in Household.objects.filter(pk__in=keys):
        erase_household(household=household, by=by, ground=Tombstone.Ground.RETENTION, why=why)


def _erase_members(keys: list[Any], by: User, why: str) -> None:
    for member in Member.objects.filter(pk__in=keys).select_related("household"):
        erase_member(member=member, by=by, ground=Tombstone.Ground.RETENTION, why=why)


def _carry_out(keys: list[Any], by: User, why: str) -> None:
    for request in SubjectRequest.objects.filter(pk__in=keys).select_related("household", "member"):
        carry_out(request, by=by)


def _confirmed() -> QuerySet[ImportBatch]:
    batches = ImportBatch.objects.filter(state=ImportBatch.State.CONFIRMED)
    return batches.filter(~Q(file="") | Q(pk__in=ImportRow.objects.values("batch")))


def _finished_jobs() -> QuerySet[Job]:
    return Job.objects.filter(finished_at__isnull=False).exclude(
        pk__in=ImportBatch.objects.exclude(job=None).values("job")
    )


def _history(model: str) -> QuerySet[Any]:
    return apps.get_model("households", f"{model}event")._default_manager.all()


def _history_periods() -> Iterable[Period]:
    for model, label in (
        ("household", _("earlier versions of households")),
        ("family", _("earlier versions of families")),
        ("member", _("earlier versions of members")),
    ):
        yield Period(
            f"history-{model}",
            label,
            _("the change"),
            own_default(),
            keep=lambda: 5 * YEAR,
            rows=partial(_history, model),
            since="pgh_created_at",
            remove=delete(partial(_history, model), f"households.{model.capitalize()}Event:append_only"),
        )


PERIODS: list[Period] = [
    Period(
        "granted-erasures",
        _("people and households whose erasure was granted"),
        _("the decision"),
        _("the person's right (UU 27/2022 Pasal 8)"),
        keep=lambda: timedelta(0),
        rows=lambda: SubjectRequest.objects.to_carry_out(),
        since="decided_at",
        remove=_carry_out,
        chunk=1,
    ),
    Period(
        "active",
        _("active households, their members, assessments and statuses"),
        _("as long as the household is in the registry"),
        _("the registry's purpose (UU 27/2022 Pasal 43)"),
    ),
    Period(
        "imports-open",
        _("uploaded workbooks that were refused or never confirmed, with their rows"),
        _("the upload"),
        own_default(),
        keep=lambda: timedelta(days=30),
        rows=lambda: ImportBatch.objects.exclude(state=ImportBatch.State.CONFIRMED),
        since="uploaded_at",
        remove=_drop_batches,
    ),
    Period(
        "imports-confirmed",
        _("confirmed workbooks and their rows; where each assessment came from stays"),
        _("the confirmation"),
        own_default(),
        keep=lambda: timedelta(days=90),
        rows=_confirmed,
        since="confirmed_at",
        remove=_drop_rows_and_files,
    ),
    FilePeriod(
        "imports-left-over",
        _("uploaded workbooks that no import names any more, as when the machine stopped in between"),
        _("the day the file was written"),
        own_default(),
        keep=lambda: timedelta(days=1),
        files=unnamed_files,
        remove=delete_unnamed,
    ),
    Period(
        "closed-members",
        _("members who left a household that is still registered"),
        _("the day the person was closed"),
        own_default(),
        keep=lambda: settings.CLOSED_YEARS * YEAR,
        rows=lambda: Member.objects.filter(household__closed_on=None).exclude(name=""),
        since="closed_on",
        remove=_erase_members,
        chunk=100,
    ),
    Period(
        "closed-households",
        _("closed households with everything about them"),
        _("the day the household was closed"),
        own_default(),
        keep=lambda: settings.CLOSED_YEARS * YEAR,
        rows=lambda: Household.objects.exclude(closed_reason=Household.ClosedReason.ERASED),
        since="closed_on",
        remove=_erase_households,
        chunk=100,
    ),
    *_history_periods(),
    Period(
        "requests",
        _("citizens' requests and their answers"),
        _("the decision"),
        own_default(),
        keep=lambda: 5 * YEAR,
        rows=lambda: SubjectRequest.objects.decided(),
        since="decided_at",
        remove=_drop_requests,
    ),
    Period(
        "sessions",
        _("sessions of signed-in users"),
        _("the end of the session"),
        own_default(),
        keep=lambda: timedelta(0),
        rows=Session.objects.all,
        since="expire_date",
        remove=delete(Session.objects.all),
    ),
    Period(
        "jobs",
        _("finished jobs"),
        _("the end of the job"),
        own_default(),
        keep=lambda: YEAR,
        rows=_finished_jobs,
        since="finished_at",
        remove=delete(_finished_jobs),
    ),
    Period(
        "access-log",
        _("the record of who read whose data"),
        _("as long as the registry runs: the sealed chain of days is its proof"),
        own_default(),
    ),
    Period(
        "audit",
        _("the record of who changed what"),
        _("as long as the registry runs: the sealed chain of days is its proof"),
        own_default(),
    ),
    Period(
        "tombstones",
        _("the keyed index of an erased person's NIK, and the day"),
        _("as long as the registry runs: without it the next import would bring the person back"),
        _("so that an erasure holds (UU 27/2022 Pasal 43)"),
    ),
]
