"""Long work on households: what the worker calls."""

from django.utils.translation import override

from households import imports
from households.models import ImportBatch
from registry.jobs import Run, handler


@handler("check_import")
def check_import(run: Run) -> None:
    with override(run.arguments["language"]):
        imports.check(ImportBatch.objects.get(pk=run.arguments["batch"]), progress=run.progress)


@handler("confirm_import")
def confirm_import(run: Run) -> None:
    """Under the name of whoever asked for it, with the rights they have by now."""
    by = run.job.requested_by
    if by is None:
        raise LookupError("An import is confirmed by somebody.")
    with override(run.arguments["language"]):
        imports.confirm(ImportBatch.objects.get(pk=run.arguments["batch"]), by=by)
