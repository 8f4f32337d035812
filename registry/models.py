"""Who acts, and where: users, agencies, areas, tokens, jobs; and, from its own file, what changed."""

import hashlib
import secrets
from datetime import date
from typing import Any, Self

import pghistory
import pgtrigger
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from registry.roles import GRANTS, Role
from registry.sign_in_models import FormerPassword, SecondFactor, SignInTries
from registry.trail_models import AccessLog, AuditEvent, Shown, TrailSeal, by_deed

__all__ = [
    "APPEND_ONLY",
    "AccessLog",
    "Agency",
    "AgencyQuerySet",
    "ApiToken",
    "Area",
    "AreaAlias",
    "AreaQuerySet",
    "AuditEvent",
    "FormerCode",
    "FormerPassword",
    "Job",
    "SecondFactor",
    "Shown",
    "SignInTries",
    "TrailSeal",
    "User",
]

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
# Through whichever door: a form, a shell, SQL. Otherwise the moment stays, whatever a stale row says it was.
ENDS_WITH_RIGHTS = pgtrigger.Trigger(
    name="ends_with_rights",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func="""
        NEW.rights_changed_at = OLD.rights_changed_at;
        IF (NEW.role, NEW.area_id, NEW.agency_id, NEW.is_active)
            IS DISTINCT FROM (OLD.role, OLD.area_id, OLD.agency_id, OLD.is_active)
        THEN
            NEW.rights_changed_at = clock_timestamp();
            UPDATE registry_apitoken SET revoked_at = clock_timestamp()
                WHERE user_id = OLD.id AND revoked_at IS NULL;
        END IF;
        RETURN NEW;
    """,
)


class AreaQuerySet(models.QuerySet["Area"]):
    def within(self, code: str) -> Self:
        """The area ``code`` and everything beneath it: one prefix match on the key."""
        return self.filter(code__startswith=code)

    def districts(self) -> Self:
        return self.filter(level=Area.Level.DISTRICT)

    def villages(self) -> Self:
        return self.filter(level=Area.Level.VILLAGE)


@pghistory.track(meta=by_deed("area_changes_by_deed"))
class Area(models.Model):
    """A province, regency, district (kecamatan) or village (desa, kelurahan), keyed by its Kemendagri
    code.
    """

    class Level(models.TextChoices):
        PROVINCE = "province", _("province")
        REGENCY = "regency", _("regency")
        DISTRICT = "district", _("district")
        VILLAGE = "village", _("village")

    class Kind(models.TextChoices):
        REGENCY = "kabupaten", _("regency")
        CITY = "kota", _("city")
        RURAL_VILLAGE = "desa", _("rural village")
        URBAN_VILLAGE = "kelurahan", _("urban village")
        CUSTOMARY_VILLAGE = "desa_adat", _("customary village")

    code = models.CharField(
        _("area code"),
        primary_key=True,
        max_length=13,
        validators=[RegexValidator(r"^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$")],
        help_text=_("Kemendagri code, such as 64.02.06.1001."),
    )
    name = models.CharField(_("name"), max_length=100)
    level = models.CharField(_("level"), max_length=10, choices=Level)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, blank=True)
    bps_code = models.CharField(_("BPS code"), max_length=10, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def parent_code(self) -> str:
        return self.code.rpartition(".")[0]

    @property
    def district_code(self) -> str:
        """The first eight characters, ``64.02.06``; shorter for a regency or province."""
        return self.code[:8]


class FormerCode(models.Model):
    """A code the area bore before a district was split. NIKs and old files still carry it."""

    area = models.ForeignKey(
        Area, on_delete=models.CASCADE, related_name="former_codes", verbose_name=_("area")
    )
    code = models.CharField(_("former code"), max_length=13, db_index=True)
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("former code")
        verbose_name_plural = _("former codes")
        constraints = [models.UniqueConstraint(fields=["area", "code"], name="former_code_once_per_area")]

    def __str__(self) -> str:
        return self.code


class AreaAlias(models.Model):
    """Another spelling of an area's name, as it is met in files."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="aliases", verbose_name=_("area"))
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("area alias")
        verbose_name_plural = _("area aliases")
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="alias_once_per_area")]

    def __str__(self) -> str:
        return self.name


class AgencyQuerySet(models.QuerySet["Agency"]):
    def on(self, day: date) -> Self:
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=day)).filter(
            Q(valid_to=None) | Q(valid_to__gte=day)
        )


@pghistory.track(meta=by_deed("agency_changes_by_deed"))
class Agency(models.Model):
    """A regional agency (SKPD, today perangkat daerah); its predecessor is another row, so old years keep
    their names.
    """

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=150)
    short_name = models.CharField(_("short name"), max_length=40)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    predecessor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        verbose_name=_("predecessor"),
    )

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="agency_ends_after_it_begins",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            )
        ]

    def __str__(self) -> str:
        return self.short_name


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(username, password, role=Role.SUPERADMIN, **fields)


def _in_one_area(role: Role) -> Q:
    """Whoever has this role works in an area no wider than it may be given."""
    return ~Q(role=role) | Q(GreaterThanOrEqual(Length("area_id"), GRANTS[role].widest_area))


@pghistory.track(
    # What rights rest on; never the password.
    fields=["username", "first_name", "last_name", "email", "is_active", "role", "area", "agency"],
    model_name="UserEvent",
    meta=by_deed("user_changes_by_deed"),
)
class User(AbstractUser):
    """A person with one role. What the role may do is code (registry/roles.py); where, is the area or
    agency here.
    """

    role = models.CharField(_("role"), max_length=20, choices=Role)
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("area")
    )
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        verbose_name=_("agency"),
    )
    # When she chose it herself; empty while it is one that somebody else gave her.
    password_chosen_at = models.DateTimeField(_("password chosen at"), null=True, editable=False)
    second_factor_at = models.DateTimeField(_("second factor since"), null=True, editable=False)
    # When what she may do was last changed: older sessions are over, also if it is changed back.
    # Written by the trigger below alone, so that no door can forget it.
    rights_changed_at = models.DateTimeField(null=True, editable=False)
    # Django's own permission columns are unused: the role decides (registry/permissions.py).
    groups = None  # type: ignore[assignment]
    user_permissions = None  # type: ignore[assignment]

    objects = UserManager()  # type: ignore[misc,assignment]  # our manager knows roles, not flags

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]
        triggers = [ENDS_WITH_RIGHTS]
        constraints = [
            models.CheckConstraint(
                name="area_roles_have_an_area",
                condition=~Q(role__in=[Role.VILLAGE_OPERATOR, Role.DISTRICT_VERIFIER])
                | Q(area__isnull=False),
            ),
            models.CheckConstraint(
                name="area_roles_work_in_one_area",
                condition=_in_one_area(Role.VILLAGE_OPERATOR) & _in_one_area(Role.DISTRICT_VERIFIER),
            ),
            models.CheckConstraint(
                name="agency_offices_have_an_agency",
                condition=~Q(role=Role.AGENCY_OFFICE) | Q(agency__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_chosen_at = timezone.now()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's own covers the password only. A session ends with any of these at its next request."""
        rights = (self.role, self.area_id, self.agency_id, self.rights_changed_at)
        words = "|".join(map(str, (self.password, self.second_factor_at, *rights)))
        return salted_hmac("registry.User.session", words, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_superuser(self) -> bool:  # type: ignore[override]  # never stored
        """Nobody: Django would give a superuser every permission, also those that no grant names."""
        return False

    @property
    def is_staff(self) -> bool:  # type: ignore[override]  # who may open the admin forms
        return self.has_perm("registry.open_admin")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self) -> Self:
        """What was revoked is so for good: it is when its user's rights change (``ENDS_WITH_RIGHTS``)."""
        return self.filter(
            revoked_at=None, expires_on__gte=timezone.localdate(), user__is_active=True
        ).filter(agency=F("user__agency"), user__role=Role.AGENCY_OFFICE)

    def revoke(self) -> list[int]:
        """All at once; the ids of those that were not revoked before."""
        revoked = list(self.filter(revoked_at=None).order_by("pk").values_list("pk", flat=True))
        self.filter(pk__in=revoked).update(revoked_at=timezone.now())
        return revoked


class ApiToken(models.Model):
    """A key for one agency and one purpose. Only its SHA-256 is kept: the key has 256 random bits, so no
    salt is needed.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens", verbose_name=_("user"))
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="tokens", verbose_name=_("agency")
    )
    name = models.CharField(_("name"), max_length=60)
    purpose = models.CharField(_("purpose"), max_length=200)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_on = models.DateField(_("expires on"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(key: str) -> str:
        return hashlib.sha256(key.encode()).hexdigest()

    @staticmethod
    def new_key() -> str:
        return "simpul_" + secrets.token_urlsafe(32)


class Job(models.Model):
    """Long work: a name and JSON, run by the worker under a lease, its cursor committed with each chunk."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    name = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    cursor = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    queued_at = models.DateTimeField(auto_now_add=True)
    leased_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["leased_until", "id"], name="job_open", condition=Q(state__in=["queued", "running"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"
