"""Long work on households: what the worker calls."""

from django.utils import timezone
from django.utils.translation import override

from households import imports
from households.models import ImportBatch
from households.services import rejudge
from registry.jobs import Run, handler


@handler("check_import")
def check_import(run: Run) -> None:
    with override(run.arguments["language"]):
        imports.check(_batch(run), progress=run.progress)


@handler("confirm_import")
def confirm_import(run: Run) -> None:
    with override(run.arguments["language"]):
        imports.confirm(_batch(run), by=run.by)


def _batch(run: Run) -> ImportBatch:
    return ImportBatch.objects.visible_to(run.by).get(pk=run.arguments["batch"])


@handler("rejudge")
def rejudge_all(run: Run) -> None:
    """After a scheme has changed. Safe to run twice: a verdict that would repeat itself is not written."""
    rejudge(by=run.by, on=timezone.localdate(), why=run.arguments["why"])
