"""Who is to get it, and what was delivered."""

from typing import Self

import pgtrigger
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from households.models import Family, Household, Member
from households.models.household import StatusChoice
from programs.models.program import Program
from registry.models import APPEND_ONLY, Area, User
from registry.numbers import HoldsNumbers, SealedNumber, no_identity_number
from registry.permissions import grant_of
from registry.scope import PeopleQuerySet


def _of_own_agency(user: User | AnonymousUser, permission: str, path: str) -> Q | None:
    """The filter on the agency at ``path``: everything, one's own agency's, or (``None``) nothing."""
    grant = grant_of(user)
    if permission not in grant.may:
        return None
    return Q(**{path: getattr(user, "agency_id", None)}) if grant.own_agency_only else Q()


class TargetListQuerySet(PeopleQuerySet["TargetList"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.scoped(_of_own_agency(user, "programs.view_targetlist", "program__agency_id"))

    def frozen(self) -> Self:
        return self.filter(state=TargetList.State.FROZEN)


class TargetList(models.Model):
    """A numbered version of a programme's recipients. Approval freezes it: from then on neither it nor its
    rows change.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        FROZEN = "frozen", _("approved and frozen")

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="target_lists", verbose_name=_("programme")
    )
    version = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    rules = models.JSONField(
        _("criteria"), default=list, help_text=_("The criteria as they stood when built.")
    )
    eligible_count = models.PositiveIntegerField(_("eligible"), default=0)
    row_count = models.PositiveIntegerField(_("targeted"), default=0)
    built_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("built by"))
    built_at = models.DateTimeField(_("built at"), auto_now_add=True)
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)

    objects = TargetListQuerySet.as_manager()

    class Meta:
        verbose_name = _("target list")
        verbose_name_plural = _("target lists")
        ordering = ["program", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["program", "version"], name="target_list_version_once"),
            models.UniqueConstraint(
                fields=["program"], name="one_draft_per_program", condition=Q(state="draft")
            ),
            models.CheckConstraint(
                name="frozen_lists_are_signed",
                condition=Q(state="draft", sha256="", approved_by=None, approved_at=None)
                | Q(state="frozen", approved_by__isnull=False, approved_at__isnull=False) & ~Q(sha256=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="frozen_never_changes",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="frozen"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.program} v{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("target-list-detail", args=[self.pk])

    @property
    def is_frozen(self) -> bool:
        return self.state == self.State.FROZEN


class TargetRowQuerySet(PeopleQuerySet["TargetRow"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        path = "target_list__program__agency_id"
        return self.scoped(_of_own_agency(user, "programs.view_targetrow", path))


class TargetRow(HoldsNumbers):
    """One recipient with rank and reasons, and the facts as they stood when the list was built."""

    target_list = models.ForeignKey(
        TargetList, on_delete=models.CASCADE, related_name="rows", verbose_name=_("target list")
    )
    rank = models.PositiveIntegerField(_("rank"))
    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="target_rows", verbose_name=_("household")
    )
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, null=True, related_name="target_rows", verbose_name=_("family")
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, related_name="target_rows", verbose_name=_("member")
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", verbose_name=_("village"))
    name = models.CharField(_("name"), max_length=100)
    nik_sealed = models.BinaryField(null=True)
    nik_index = models.CharField(max_length=32, blank=True, default="", editable=False)
    nik = SealedNumber("nik", _("NIK"))
    card_number_sealed = models.BinaryField(null=True)
    card_number_index = models.CharField(max_length=32, blank=True, default="", editable=False)
    card_number = SealedNumber("card", _("family card number"))
    address = models.CharField(_("address"), max_length=300, blank=True)
    status = models.CharField(_("poverty status"), max_length=12, choices=StatusChoice)
    decile = models.PositiveSmallIntegerField(_("welfare decile"), null=True)
    score = models.DecimalField(_("score"), max_digits=8, decimal_places=3, null=True)
    facts = models.JSONField(
        _("facts"),
        default=dict,
        help_text=_("What the facts named by the criteria were when the list was built."),
    )

    objects = TargetRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["target_list", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["target_list", "rank"], name="rank_once_per_list"),
            models.UniqueConstraint(fields=["id", "target_list"], name="target_with_its_list"),
            models.UniqueConstraint(
                fields=["target_list", "household", "family", "member"],
                name="recipient_once_per_list",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="target_numbers_sealed_with_their_indexes",
                condition=(Q(nik_index="", nik_sealed=None) | ~Q(nik_index="") & Q(nik_sealed__isnull=False))
                & (
                    Q(card_number_index="", card_number_sealed=None)
                    | ~Q(card_number_index="") & Q(card_number_sealed__isnull=False)
                ),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="rows_of_a_frozen_list",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                # The guard looks as the owner: whoever writes need not see the list (migration 0005).
                func=pgtrigger.Func(
                    """
                    IF TG_OP <> 'INSERT' AND NOT public.programs_list_is_draft(OLD.target_list_id)
                        OR TG_OP <> 'DELETE' AND NOT public.programs_list_is_draft(NEW.target_list_id)
                    THEN
                        RAISE EXCEPTION 'pgtrigger: rows of a frozen target list never change';
                    END IF;
                    RETURN COALESCE(NEW, OLD);
                    """
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.target_list_id} / {self.rank}"


class RealisationQuerySet(PeopleQuerySet["Realisation"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        path = "target_list__program__agency_id"
        return self.scoped(_of_own_agency(user, "programs.view_realisation", path))

    def current(self) -> Self:
        """Without the reports that a later one has replaced."""
        return self.filter(replaced_by=None)

    def delivered(self) -> Self:
        return self.current().filter(outcome=Realisation.Outcome.DELIVERED)


class Realisation(models.Model):
    """What came of one target: delivered on a day with an amount, or why not.

    Several deliveries to one target add up. A correction is a newer report that ``replaces`` an earlier one.
    """

    class Outcome(models.TextChoices):
        DELIVERED = "delivered", _("delivered")
        REFUSED = "refused", _("refused")
        MOVED = "moved", _("moved away")
        DIED = "died", _("died")
        NOT_FOUND = "not_found", _("not found")
        FAILED = "failed", _("delivery failed")

    target_row = models.ForeignKey(
        TargetRow, on_delete=models.PROTECT, related_name="realisations", verbose_name=_("target")
    )
    target_list = models.ForeignKey(
        TargetList, on_delete=models.PROTECT, related_name="realisations", editable=False
    )
    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="realisations", editable=False
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", editable=False)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    realised_on = models.DateField(_("date"))
    amount = models.DecimalField(_("amount (rupiah)"), max_digits=14, decimal_places=0, null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True, validators=[no_identity_number])
    reference = models.CharField(
        _("reference"),
        max_length=60,
        validators=[no_identity_number],
        help_text=_("The agency's own number of this delivery; the same number twice is the same delivery."),
    )
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )
    reported_by = models.ForeignKey(
        User, on_delete=models.PROTECT, editable=False, related_name="+", verbose_name=_("reported by")
    )
    reported_at = models.DateTimeField(_("reported at"), auto_now_add=True)

    objects = RealisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("realisation")
        verbose_name_plural = _("realisations")
        ordering = ["target_row", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["target_row", "reference"], name="realisation_reference_once"),
            models.CheckConstraint(
                name="amount_only_when_delivered",
                condition=Q(outcome="delivered", amount__isnull=False)
                | ~Q(outcome="delivered") & Q(amount=None),
            ),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.target_row_id}: {self.outcome}"
