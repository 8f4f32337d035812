"""A workbook on its way into the registry: uploaded, checked, confirmed; every row accounted for."""

import json
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import Area, Job, User
from registry.numbers import SealedText
from registry.permissions import grant_of
from registry.roles import Sees
from registry.scope import PeopleQuerySet
from registry.sealed_files import SealedStorage


class ImportBatchQuerySet(PeopleQuerySet["ImportBatch"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own uploads since one's rights were last changed; roles that see everybody see all."""
        return self.scoped(_uploaded_by(user, ""))


class ImportRowQuerySet(PeopleQuerySet["ImportRow"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.scoped(_uploaded_by(user, "batch__"))


def _uploaded_by(user: User | AnonymousUser, path: str) -> Q | None:
    grant = grant_of(user)
    if not isinstance(user, User) or "households.view_importbatch" not in grant.may:
        return None
    if grant.sees is Sees.EVERYBODY:
        return Q()
    own = Q(**{f"{path}uploaded_by_id": user.pk})
    # An upload of another area holds people of there.
    return own & Q(**{f"{path}uploaded_at__gte": user.rights_changed_at}) if user.rights_changed_at else own


class ImportBatch(models.Model):
    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        REFUSED = "refused", _("refused")
        CHECKED = "checked", _("checked")
        CONFIRMED = "confirmed", _("confirmed")

    file = models.FileField(_("workbook"), upload_to="imports/%Y/%m/", storage=SealedStorage())
    file_name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    refusal = models.TextField(_("why the file was refused"), blank=True)
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="import_batches", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, related_name="+")
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    rows_new = models.PositiveIntegerField(_("new"), default=0)
    rows_changed = models.PositiveIntegerField(_("changed"), default=0)
    rows_same = models.PositiveIntegerField(_("same"), default=0)
    rows_rejected = models.PositiveIntegerField(_("rejected"), default=0)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="import_counts_add_up",
                condition=Q(
                    rows_read=F("rows_new") + F("rows_changed") + F("rows_same") + F("rows_rejected")
                ),
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("import-detail", args=[self.pk])


class ImportRow(models.Model):
    """One row of the workbook, with its verdict and, when rejected, every error of the row."""

    class Verdict(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        SAME = "same", _("same")
        REJECTED = "rejected", _("rejected")

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    sheet = models.CharField(_("sheet"), max_length=31)
    number = models.PositiveIntegerField(_("row"))
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    household_number = models.CharField(_("household number"), max_length=30, blank=True)
    village = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+")
    packed_sealed = models.BinaryField(null=True)
    packed = SealedText()
    errors = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    changes = models.JSONField(default=list)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "sheet", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "sheet", "number"], name="import_row_once"),
            models.CheckConstraint(
                name="rejected_rows_have_errors",
                condition=Q(verdict="rejected") & ~Q(errors=[]) | ~Q(verdict="rejected") & Q(errors=[]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.number}"

    @property
    def cells(self) -> dict[str, Any]:
        """What the row held, by field name; see ``imports.rows.cell_from_json``."""
        return json.loads(self.packed or "{}")
