"""Who runs a command that touches people's data, and why: it goes into the deed like everything else."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from registry.models import User


def add_officer(parser: CommandParser, *, is_required: bool = True) -> None:
    parser.add_argument("--by", metavar="USERNAME", required=is_required, help="Who answers for it.")
    parser.add_argument(
        "--why", metavar="TEXT", required=is_required, help="The reason, for the audit trail."
    )


def officer(options: dict[str, Any], *, permission: str) -> tuple[User, str]:
    """Raises CommandError for an unknown user or one without the right."""
    by = User.objects.filter(username=options["by"] or "").first()
    if by is None or not by.has_perm(permission):
        raise CommandError(_("Name with --by a user who may do this."))
    if not (options["why"] or "").strip():
        raise CommandError(_("Say with --why for what reason."))
    return by, options["why"]
