"""What the product refuses to run with."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import connection
from django.utils.translation import gettext as _

from registry.seals import newest_version
from registry.triggers import OPEN_TRIGGERS

UNSAFE_ROLE = """
    SELECT rolsuper OR rolbypassrls
        OR pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'MEMBER')
        OR EXISTS (
            SELECT FROM pg_class
            WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
                AND pg_has_role(relowner, 'MEMBER')
        )
    FROM pg_roles WHERE rolname = current_user
"""


# The areas beneath one lie between its code and "/" (registry.permissions.within). A database that sorts by
# a language passes over the points: there every area above a village would hold nothing.
FOREIGN_ORDER = """
    SELECT NOT (
        '64.02.06' < '64.02.06.1001' AND '64.02.06.1001' < '64.02.06/' AND '64.02.06/' < '64.02.07'
    )
"""
UNSAFE = {
    "role": (
        UNSAFE_ROLE,
        "The database role is a superuser, owns the tables or bypasses row security. "
        "Serve as simpul_web and simpul_worker: see docs/installation.md.",
    ),
    "order": (
        FOREIGN_ORDER,
        "The database sorts by the rules of a language. "
        "Make it anew from template0 with --locale C.UTF-8: see docs/installation.md.",
    ),
    "triggers": (
        OPEN_TRIGGERS,
        "A serving role could switch off history and the guards of what never changes. "
        "Run manage.py migrate as the owner of the tables.",
    ),
}


def unsafe_in_database() -> str:
    """The first key of ``UNSAFE`` that is true of the database, or "". One query each."""
    with connection.cursor() as cursor:
        for reason, (query, _sentence) in UNSAFE.items():
            cursor.execute(query)
            (is_unsafe,) = cursor.fetchone()
            if is_unsafe:
                return reason
    return ""


def refuse_unsafe_database() -> None:
    """In production: its guards would not hold, or its order would hide people. At start."""
    if settings.IS_PRODUCTION and (reason := unsafe_in_database()):
        raise ImproperlyConfigured(UNSAFE[reason][1])


def refuse_bound_database_role() -> None:
    """For commands that must reach every row: row security would show them none, and they would succeed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT bool_or(row_security_active(oid)) FROM pg_class WHERE relrowsecurity")
        (is_bound,) = cursor.fetchone()
    if is_bound:
        raise CommandError(
            _("Run this command as the owner of the tables (simpul): see docs/installation.md.")
        )


def refuse_unreadable_keys() -> None:
    """Without its keys the site would start, and fail at the first person it shows. Reads the key file."""
    newest_version()
