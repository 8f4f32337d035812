"""Where a record came from, with the database's own guard off: the page alone must hold it back."""

from datetime import date

import pytest

from households.models import ImportBatch
from tests import factories
from tests.admin_pages import page, sign_in


@pytest.fixture(autouse=True)
def serving_role() -> None:
    """Requests run as the owner of the tables, whom no policy binds."""


@pytest.fixture
def imported(household, ana):
    """An assessment of ana's village that fia's upload brought."""

    def by(uploader):
        batch = ImportBatch.objects.create(
            file_name="desa-tetangga.xlsx", sha256="0" * 64, uploaded_by=uploader
        )
        return factories.assessment(household, ana, assessed_on=date(2026, 11, 1), import_batch=batch)

    return by


@pytest.mark.parametrize(("uploader", "is_shown"), [("ana", True), ("fia", False)])
def test_the_file_of_an_assessment_is_named_to_whom_sees_the_upload(
    request, ana, imported, uploader, is_shown
):
    assessment = imported(request.getfixturevalue(uploader))
    answer = sign_in(ana).get(page("households_assessment_change", assessment.pk))
    assert answer.status_code == 200
    assert (b"desa-tetangga.xlsx" in answer.content) is is_shown
    assessment.refresh_from_db()
    assert assessment.import_batch
