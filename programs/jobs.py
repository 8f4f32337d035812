"""Long work of this room: what the worker calls."""

from django.utils import timezone
from django.utils.translation import override

from programs.models import Program
from programs.services import build_target_list
from registry.jobs import Run, handler


@handler("build_target_list")
def build(run: Run) -> None:
    """Safe to run twice: a second run replaces the draft of the first."""
    program = Program.objects.get(pk=run.arguments["program"])
    with override(run.arguments["language"]):
        build_target_list(program=program, by=run.by, on=timezone.localdate())
