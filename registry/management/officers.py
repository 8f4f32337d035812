"""Commands that touch people's data: who answers for it and why is told and recorded."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from registry.checks import refuse_bound_database_role
from registry.models import AccessLog, User
from registry.numbers import IDENTITY_NUMBER


def ask_who_and_why(parser: ArgumentParser, *, is_required: bool = True) -> None:
    parser.add_argument("--by", required=is_required, metavar="USERNAME", help="the officer who asks")
    parser.add_argument(
        "--why", required=is_required, help="the request or case it is for; it stands in the record"
    )


def officer(options: dict[str, Any], permission: str) -> tuple[User, str]:
    """The active user who may do it, and the reason. Raises CommandError, also where no row could be seen."""
    refuse_bound_database_role()
    by = User.objects.filter(username=options["by"] or "", is_active=True).first()
    if by is None or not by.has_perm(permission):
        raise CommandError(_("Name with --by an active user who may do this."))
    why = (options["why"] or "").strip()
    longest = AccessLog._meta.get_field("purpose").max_length or 0
    if not why or len(why) > longest:
        raise CommandError(
            _("Say with --why for what reason, in %(count)s characters at most.") % {"count": longest}
        )
    if IDENTITY_NUMBER.search(why):
        raise CommandError(_("Do not write a NIK or family card number here."))
    return by, why
