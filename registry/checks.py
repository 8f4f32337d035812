"""What the product refuses to run with."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import connection
from django.utils.translation import gettext as _

from registry.seals import newest_version

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


def database_role_is_unsafe() -> bool:
    """Whether row security does not bind it: a superuser, an owner of tables, or one that bypasses it."""
    with connection.cursor() as cursor:
        cursor.execute(UNSAFE_ROLE)
        (is_unsafe,) = cursor.fetchone()
    return bool(is_unsafe)


def refuse_unsafe_database_role() -> None:
    """In production such a role would walk past every guard the database keeps. One query, at start."""
    if settings.IS_PRODUCTION and database_role_is_unsafe():
        raise ImproperlyConfigured(
            "The database role is a superuser, owns the tables or bypasses row security. "
            "Serve as simpul_web and simpul_worker: see docs/installation.md."
        )


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
