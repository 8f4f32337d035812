"""Long work of this room."""

from django.utils import timezone

from programs.models import Program
from programs.services import build_target_list
from registry.jobs import Run, handler


@handler("build_target_list")
def build(run: Run) -> None:
    """Safe to run twice: a second run replaces the draft of the first."""
    program = Program.objects.get(pk=run.arguments["program"])
    assert run.job.requested_by is not None  # noqa: S101 - enqueued by a person only
    build_target_list(program=program, by=run.job.requested_by, on=timezone.localdate())
