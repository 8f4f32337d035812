"""What people ask of the registry about their own data, and what remains of whom it has forgotten."""

from datetime import datetime, timedelta
from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from households.models.household import Event, Household, Member, VisibleToQuerySet
from households.models.scheme import PovertyStatus
from registry.models import Area
from registry.numbers import IdentityNumber

TIME_TO_ANSWER = timedelta(hours=72)  # 3 x 24 hours of UU 27/2022 (Pasal 30, 32): running, not office hours
HOUR = timedelta(hours=1)


class SubjectRequestQuerySet(VisibleToQuerySet["SubjectRequest"]):
    def open(self) -> Self:
        """Those still to be answered, the most urgent first."""
        return self.filter(state=SubjectRequest.State.OPEN).order_by("due_at", "pk")

    def to_carry_out(self) -> Self:
        """Erasures that were granted and wait for the purge, which takes the words of the request along."""
        granted = self.filter(kind=SubjectRequest.Kind.ERASURE, state=SubjectRequest.State.GRANTED)
        return granted.exclude(asked="")

    def unfinished(self) -> Self:
        return self.open() | self.to_carry_out()

    def decided(self) -> Self:
        return self.exclude(state=SubjectRequest.State.OPEN).order_by("-decided_at", "-pk")


@pghistory.track(base_model=Event)
class SubjectRequest(models.Model):
    """A person uses a right of UU 27/2022; a human answers before the clock runs out."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("see the data and who read it")
        CORRECTION = "correction", _("correct the data")
        OBJECTION = "objection", _("object to the poverty status")
        ERASURE = "erasure", _("erase the data")

    class State(models.TextChoices):
        OPEN = "open", _("waiting for an answer")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")

    kind = models.CharField(_("what is asked"), max_length=12, choices=Kind)
    # Empty once the household is erased: the request stays as the proof that it was answered.
    household = models.ForeignKey(
        Household,
        on_delete=models.SET_NULL,
        null=True,
        related_name="requests",
        verbose_name=_("household"),
    )
    member = models.ForeignKey(
        Member,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("member"),
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", verbose_name=_("village"))
    objected = models.ForeignKey(
        PovertyStatus,
        on_delete=models.SET_NULL,
        null=True,
        related_name="objections",
        verbose_name=_("status objected to"),
    )
    asker = models.CharField(_("who asks"), max_length=100, blank=True)
    asked = models.TextField(_("what the person says"), max_length=2000, blank=True)
    received_at = models.DateTimeField(_("received at"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("received by")
    )
    due_at = models.DateTimeField(_("answer due by"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    outcome = models.TextField(_("answer to the person"), max_length=2000, blank=True)

    objects = SubjectRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("citizen's request")
        verbose_name_plural = _("citizens' requests")
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="request_due_in_72_hours", condition=Q(due_at=F("received_at") + TIME_TO_ANSWER)
            ),
            models.CheckConstraint(
                name="request_decided_by_somebody",
                condition=Q(state="open", decided_by=None, decided_at=None)
                | ~Q(state="open") & Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="only_an_objection_names_a_status", condition=Q(objected=None) | Q(kind="objection")
            ),
            models.CheckConstraint(
                name="objection_and_erasure_take_two_people",
                condition=Q(kind__in=["access", "correction"])
                | Q(decided_by=None)
                | ~Q(decided_by=F("received_by")),
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="request_open", condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("request-detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_to_carry_out(self) -> bool:
        """See ``SubjectRequestQuerySet.to_carry_out``."""
        return self.kind == self.Kind.ERASURE and self.state == self.State.GRANTED and bool(self.asked)

    def hours_left(self, now: datetime) -> int:
        """Hours begun until the answer is due; negative, the hours begun since it was."""
        left = self.due_at - now
        begun = -(-abs(left) // HOUR)
        return begun if left >= timedelta(0) else -begun


class TombstoneQuerySet(models.QuerySet["Tombstone"]):
    def of_nik(self, nik: str | IdentityNumber) -> Self:
        return self.filter(nik_index=Member.nik.index_of(nik)) if nik else self.none()


class Tombstone(models.Model):
    """Somebody with this NIK was erased. Only the keyed index of the number: who reads it cannot read who."""

    class Ground(models.TextChoices):
        REQUEST = "request", _("the person's own request")
        RETENTION = "retention", _("the time for keeping the data is over")
        REPLAY = "replay", _("erased before a backup was restored")

    nik_index = models.CharField(max_length=32, unique=True)
    erased_on = models.DateField(_("erased on"))
    ground = models.CharField(_("ground"), max_length=10, choices=Ground)
    deed = models.UUIDField(_("deed"))

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.erased_on}"

    @property
    def sentence(self) -> str:
        """What whoever enters the NIK again is told; form and import say the same."""
        return gettext("This person's data were erased on %(day)s. Ask the social affairs office.") % {
            "day": f"{self.erased_on:%d/%m/%Y}"
        }
