"""What the product refuses to run with."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from registry.seals import newest_version


def database_role_is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        (is_superuser,) = cursor.fetchone()
    return bool(is_superuser)


def refuse_unsafe_database_role() -> None:
    """In production a superuser role would walk past every guard the database keeps. One query, at start."""
    if settings.IS_PRODUCTION and database_role_is_superuser():
        raise ImproperlyConfigured(
            "The database role is a superuser or bypasses row security. Give DATABASE_URL an ordinary role."
        )


def refuse_unreadable_keys() -> None:
    """Without its keys the site would start, and fail at the first person it shows. Reads the key file."""
    newest_version()
