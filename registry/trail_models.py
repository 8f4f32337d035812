"""The two trails, what was changed and what was read, and the seals that prove neither was touched since.

In the database both trails are partitioned by month and their key is (id, at); their rows and the seals'
are kept from change, removal and emptying by triggers of the migration 0002_trails. Those are plain
triggers on purpose: pgtrigger's own can be switched off by a setting of the owner's session.
"""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _


def by_deed(name: str) -> dict[str, Any]:
    """Options of an event table: an index called ``name`` that finds the rows a deed has changed."""
    return {"indexes": [models.Index(KT("pgh_context__deed"), name=name)]}


# No row of ours is from before or after. Python cannot even read every moment that the database holds.
EARLIEST, LATEST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def can_be_true(key: str = "id", at: str = "at") -> models.Q:
    return models.Q(**{f"{key}__gt": 0, f"{at}__gte": EARLIEST, f"{at}__lt": LATEST})


class Shown(models.TextChoices):
    """What a reader was shown of the people in one reading: the widest kind that the page holds."""

    LINE = "line", _("line of a list")
    PERSON = "person", _("identity of a person")
    RECORD = "record", _("whole record of a household")
    ANSWERS = "answers", _("answers of an assessment")
    STATUS = "status", _("poverty status with its reasons")
    IMPORT = "import", _("rows of a workbook")
    TARGET = "target", _("rows of a target list")
    FILE = "file", _("target list as a file")
    REALISATION = "realisation", _("realisations")
    CHANGES = "changes", _("values before and after a change")
    REPORT = "report", _("all that is held")


class AuditEvent(models.Model):
    """One deed: who changed what, why, in which request. Row history (pghistory) points here by ``deed``."""

    deed = models.UUIDField()  # drawn at random; a partitioned table cannot promise that it is unique
    at = models.DateTimeField(_("at"), auto_now_add=True)
    verb = models.CharField(_("deed"), max_length=60)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("by"),
    )
    role = models.CharField(_("role"), max_length=20, blank=True)
    why = models.TextField(_("reason"), blank=True)
    subject = models.CharField(_("subject"), max_length=100, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["at"], name="audit_at"),
            models.Index(fields=["by", "at"], name="audit_by_at"),
            models.Index(fields=["deed"], name="audit_deed"),
            models.Index(fields=["subject"], name="audit_subject"),
        ]
        constraints = [models.CheckConstraint(condition=can_be_true(), name="audit_can_be_true")]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}".strip()


class AccessLog(models.Model):
    """One reading of people's data: who looked, when, why, at whom. Lists write one row per page.

    ``member_ids`` names the persons shown; where it is empty, all of the households' people count as shown.
    """

    at = models.DateTimeField(_("at"), auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("user"),
    )
    role = models.CharField(_("role"), max_length=20)
    purpose = models.CharField(_("purpose"), max_length=200)
    route = models.CharField(_("page"), max_length=100)
    subject = models.CharField(_("subject"), max_length=100, blank=True)
    household_ids = ArrayField(models.BigIntegerField(), verbose_name=_("households"), default=list)
    member_ids = ArrayField(models.BigIntegerField(), verbose_name=_("members"), default=list)
    shown = models.CharField(_("shown"), max_length=12, choices=Shown, default=Shown.RECORD)
    record_count = models.PositiveIntegerField(_("number of records"))
    is_full = models.BooleanField(_("full identity numbers"), default=False)
    token = models.ForeignKey(
        "registry.ApiToken",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("API token"),
    )
    request_id = models.CharField(_("request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["at"], name="access_at"),
            models.Index(fields=["user", "at"], name="access_user_at"),
            models.Index(fields=["token", "at"], name="access_token_at"),
            # Who looked at this person: by household, then the few rows found by member.
            GinIndex(fields=["household_ids"], name="access_households"),
            # The rows of a workbook may be people whom no household holds yet: these are found by the import.
            models.Index(
                fields=["subject"], condition=models.Q(shown=Shown.IMPORT), name="access_import_subject"
            ),
        ]
        constraints = [models.CheckConstraint(condition=can_be_true(), name="access_can_be_true")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.route}"


class TrailSeal(models.Model):
    """One trail's rows of one day (WITA), sealed when the day was over. See registry/trails.py.

    ``trail`` is one of the two, or the name of a history (registry/trail_sources.py).
    """

    class Trail(models.TextChoices):
        AUDIT = "audit", _("audit events")
        ACCESS = "access", _("readings")

    trail = models.CharField(_("trail"), max_length=40)
    day = models.DateField(_("day"))
    form = models.PositiveSmallIntegerField(
        help_text="Which columns the leaves cover: registry/trail_sources.py."
    )
    columns = ArrayField(
        models.CharField(max_length=63), default=list, help_text="The same of a history, by name."
    )
    first_id = models.BigIntegerField(null=True)
    last_id = models.BigIntegerField(null=True)
    rows = models.PositiveIntegerField(_("rows"))
    leaves = models.BinaryField(help_text="For each row its id (8 bytes) and 16 bytes of its SHA-256.")
    previous = models.BinaryField(
        max_length=32, help_text="The digest of the day before; empty for the first."
    )
    digest = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("seal of a trail")
        verbose_name_plural = _("seals of the trails")
        ordering = ["trail", "day"]
        constraints = [models.UniqueConstraint(fields=["trail", "day"], name="one_seal_a_day")]

    def __str__(self) -> str:
        return f"{self.trail} {self.day}"
