"""Commands that show people's data: who asks and why is told, and recorded like any other reading."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from registry.models import User


def ask_who_and_why(parser: ArgumentParser) -> None:
    parser.add_argument("--by", required=True, metavar="USERNAME", help="the officer who asks")
    parser.add_argument("--why", required=True, help="the request or case it is for; it stands in the record")


def officer(username: str, permission: str) -> User:
    """The active user of that name who may do it. Raises CommandError."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None or not user.has_perm(permission):
        raise CommandError(_("There is no active user %(name)s who may do this.") % {"name": username})
    return user
