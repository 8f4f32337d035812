"""Who lives where: household > family > member."""

from datetime import date
from typing import Self, TypeVar

import pghistory
import pghistory.models
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from households.poverty import Status
from households.questionnaire.codes import Presence, Relationship, Sex
from registry.models import Area, User
from registry.numbers import HoldsNumbers, IdentityNumber, SealedNumber, no_identity_number
from registry.permissions import scope_of, within
from registry.scope import PeopleQuerySet
from registry.trail_models import by_deed

M = TypeVar("M", bound=models.Model)


class StatusChoice(models.TextChoices):
    """The poverty statuses with their labels, poorest first; the words belong to households.poverty."""

    VERY_POOR = Status.VERY_POOR.value, _("very poor")
    POOR = Status.POOR.value, _("poor")
    NEAR_POOR = Status.NEAR_POOR.value, _("near poor")
    VULNERABLE = Status.VULNERABLE.value, _("vulnerable")
    NOT_POOR = Status.NOT_POOR.value, _("not poor")
    UNKNOWN = Status.UNKNOWN.value, _("not known yet")


POOR = (StatusChoice.VERY_POOR, StatusChoice.POOR)


class VisibleToQuerySet(PeopleQuerySet[M]):
    """Rows that carry ``area``; ``visible_to`` is the only door for people's data."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.scoped(scope_of(user).q())


class Event(pghistory.models.Event):
    """Earlier states of people's rows: seen by whoever may see the rows themselves."""

    objects = VisibleToQuerySet.as_manager()  # type: ignore[assignment, misc]  # narrower than theirs

    class Meta:
        abstract = True


class HouseholdQuerySet(VisibleToQuerySet["Household"]):
    def active(self) -> Self:
        return self.filter(closed_on=None)

    def within(self, code: str) -> Self:
        return self.filter(within(code))

    def poor(self) -> Self:
        return self.filter(status__in=POOR)

    def for_list(self) -> Self:
        """With the head's name and the number of members: two subqueries, no join that multiplies."""
        members = Member.objects.filter(household=OuterRef("pk"), closed_on=None).order_by()
        head = members.filter(household_relationship=Relationship.HEAD).values("name")[:1]
        size = members.values("household").annotate(n=Count("pk")).values("n")
        return self.select_related("area").annotate(
            head_name=Coalesce(Subquery(head), models.Value("")),
            size=Coalesce(Subquery(size), 0, output_field=models.IntegerField()),
        )


@pghistory.track(
    exclude=["status", "decile", "status_on", "current_assessment"],
    base_model=Event,
    meta=by_deed("household_changes_by_deed"),
)
class Household(models.Model):
    """One dwelling, one kitchen; holds one or more families. Closed, never deleted."""

    class ClosedReason(models.TextChoices):
        DIED = "died", _("all members died")
        MOVED = "moved", _("moved away")
        DUPLICATE = "duplicate", _("recorded twice")
        NOT_FOUND = "not_found", _("not found")
        NO_LONGER_POOR = "no_longer_poor", _("no longer poor")
        ERASED = "erased", _("personal data erased")  # by households.rights.erasure, never by hand

    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="households", verbose_name=_("village")
    )
    number = models.CharField(
        _("household number"),
        max_length=30,
        validators=[no_identity_number],
        help_text=_("The village's own number for this household, unique in the village."),
    )
    address = models.CharField(_("address"), max_length=200, blank=True, validators=[no_identity_number])
    hamlet = models.CharField(_("hamlet"), max_length=60, blank=True, validators=[no_identity_number])
    rw = models.CharField(_("RW"), max_length=3, blank=True)
    rt = models.CharField(_("RT"), max_length=3, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    # Mirrors of the newest assessment and of the verdict of the scheme that sets the status.
    # Written by households.services only, so that dashboards count columns and not subqueries.
    current_assessment = models.ForeignKey(
        "households.Assessment",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("current assessment"),
    )
    status = models.CharField(
        _("poverty status"),
        max_length=12,
        choices=StatusChoice,
        default=StatusChoice.UNKNOWN,
        editable=False,
    )
    status_on = models.DateField(_("status as of"), null=True, editable=False)
    decile = models.PositiveSmallIntegerField(_("welfare decile"), null=True, editable=False)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    closed_reason = models.CharField(_("reason for closing"), max_length=20, choices=ClosedReason, blank=True)
    closed_evidence = models.CharField(
        _("evidence"), max_length=200, blank=True, validators=[no_identity_number]
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        ordering = ["area", "number"]
        constraints = [
            models.UniqueConstraint(fields=["area", "number"], name="household_number_once_per_village"),
            # What the parts of a household point at, so that their area cannot drift from its.
            models.UniqueConstraint(fields=["id", "area"], name="household_with_its_area"),
            models.CheckConstraint(
                name="household_closed_with_a_reason",
                condition=Q(closed_on=None, closed_reason="")
                | Q(closed_on__isnull=False) & ~Q(closed_reason=""),
            ),
            models.CheckConstraint(
                name="household_decile_from_1_to_10", condition=Q(decile=None) | Q(decile__range=(1, 10))
            ),
        ]
        indexes = [
            models.Index(fields=["area", "status", "decile"], name="household_area_status_decile"),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} / {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("household-detail", args=[self.pk])

    @property
    def is_closed(self) -> bool:
        return self.closed_on is not None


class FamilyQuerySet(VisibleToQuerySet["Family"]):
    def with_card(self, number: str | IdentityNumber) -> Self:
        return self.filter(card_number_index=Family.card_number.index_of(number))


@pghistory.track(base_model=Event, meta=by_deed("family_changes_by_deed"))
class Family(HoldsNumbers):
    """One family card (kartu keluarga). A household may hold several; the card number may be missing."""

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="families", verbose_name=_("household")
    )
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="+", editable=False, verbose_name=_("village")
    )
    position = models.PositiveSmallIntegerField(_("family number in the household"), default=1)
    card_number_sealed = models.BinaryField(null=True)
    card_number_index = models.CharField(max_length=32, blank=True, default="", editable=False)
    card_number = SealedNumber("card", _("family card number"))

    objects = FamilyQuerySet.as_manager()

    class Meta:
        verbose_name = _("family")
        verbose_name_plural = _("families")
        ordering = ["household", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "position"], name="family_position_once_per_household"
            ),
            models.UniqueConstraint(
                fields=["card_number_index"],
                name="family_card_number_once",
                condition=~Q(card_number_index=""),
            ),
            models.CheckConstraint(
                name="card_number_sealed_with_its_index",
                condition=Q(card_number_index="", card_number_sealed=None)
                | ~Q(card_number_index="") & Q(card_number_sealed__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} / {self.position}"


class MemberQuerySet(VisibleToQuerySet["Member"]):
    def active(self) -> Self:
        return self.filter(closed_on=None)

    def heads(self) -> Self:
        return self.filter(household_relationship=Relationship.HEAD)

    def with_nik(self, number: str | IdentityNumber) -> Self:
        """Closed rows too: a person who moved is another row."""
        return self.filter(nik_index=Member.nik.index_of(number))

    def without_nik(self) -> Self:
        return self.filter(nik_index="")


@pghistory.track(base_model=Event, meta=by_deed("member_changes_by_deed"))
class Member(HoldsNumbers):
    """A person. The NIK may be missing, then with a reason: the poorest often lack papers."""

    class NikMissing(models.TextChoices):
        NOT_REGISTERED = "not_registered", _("not yet registered")
        CARD_LOST = "card_lost", _("card lost")
        INFANT = "infant", _("infant without papers")
        NOT_SHOWN = "not_shown", _("card not shown")
        OTHER = "other", _("other")

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="members", verbose_name=_("household")
    )
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, related_name="members", verbose_name=_("family")
    )
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="+", editable=False, verbose_name=_("village")
    )
    position = models.PositiveSmallIntegerField(_("member number"))
    name = models.CharField(_("name"), max_length=100, validators=[no_identity_number])
    nik_sealed = models.BinaryField(null=True)
    nik_index = models.CharField(max_length=32, blank=True, default="", editable=False)
    nik = SealedNumber("nik", _("NIK"))
    nik_missing = models.CharField(_("why the NIK is missing"), max_length=20, choices=NikMissing, blank=True)
    sex = models.PositiveSmallIntegerField(_("sex"), choices=Sex, null=True, blank=True)
    birth_place = models.CharField(
        _("place of birth"), max_length=60, blank=True, validators=[no_identity_number]
    )
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    household_relationship = models.PositiveSmallIntegerField(
        _("relationship to the head of household"), choices=Relationship
    )
    family_relationship = models.PositiveSmallIntegerField(
        _("relationship to the head of family"), choices=Relationship
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    closed_reason = models.PositiveSmallIntegerField(
        _("reason for closing"), choices=Presence, null=True, blank=True
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["household", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "position"], name="member_position_once_per_household"
            ),
            models.UniqueConstraint(
                fields=["nik_index"], name="nik_once", condition=~Q(nik_index="") & Q(closed_on=None)
            ),
            models.CheckConstraint(
                name="nik_or_a_reason",
                condition=~Q(nik_index="") & Q(nik_missing="") | Q(nik_index="") & ~Q(nik_missing=""),
            ),
            models.CheckConstraint(
                name="nik_sealed_with_its_index",
                condition=Q(nik_index="", nik_sealed=None) | ~Q(nik_index="") & Q(nik_sealed__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["household"],
                name="one_head_per_household",
                condition=Q(household_relationship=Relationship.HEAD, closed_on=None),
            ),
        ]
        indexes = [models.Index(fields=["birth_date"], name="member_birth_date")]

    def __str__(self) -> str:
        return self.name

    def age_on(self, day: date) -> int | None:
        """Completed years; ``None`` without a birth date."""
        if self.birth_date is None:
            return None
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (0 if had_birthday else 1)
