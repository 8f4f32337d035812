from datetime import date

import pytest
from django.utils import timezone

from households.imports import confirm
from households.models import Family, Household
from households.questionnaire.codes import Relationship
from households.rights.requests import receive_request
from households.services import add_member, change_household, change_member, record_assessment
from tests import factories
from tests.households.imports import files as workbooks
from tests.households.rights.forgotten import CARD, NAME, NIK, OLD_NAME, STREET
from tests.programs.conftest import make_program


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def home(village, ana, bps14):
    """A household with a history: renamed, moved, assessed, judged, and a request about its data."""
    home = Household.objects.create(area=village, number="ZQ-7", address="Gang Lama")
    family = Family.objects.create(household=home, area=village, position=1, card_number=CARD)
    details = {
        "nik": NIK,
        "birth_date": date(1990, 1, 1),
        "sex": 2,
        "household_relationship": Relationship.HEAD,
        "family_relationship": Relationship.HEAD,
    }
    head = add_member(family=family, by=ana, name=OLD_NAME, **details)
    change_member(member=head, by=ana, name=NAME)
    change_household(household=home, by=ana, address=STREET)
    factories.member(home, name="Anak Tinggal", family=family)
    record_assessment(
        household=home,
        assessed_on=timezone.localdate(),
        answers=factories.POOR_ANSWERS,
        member_answers={head.pk: factories.POOR_HEAD | {"monthly_income": 777_001}},
        by=ana,
    )
    receive_request(
        household=home, member=head, kind="correction", asker=NAME, asked=f"{NAME} salah tulis", by=ana
    )
    return home


@pytest.fixture
def head(home):
    return home.members.with_nik(NIK).get()


@pytest.fixture
def files(tmp_path):
    return workbooks.Files(tmp_path)


@pytest.fixture
def imported(files, ana, village, django_capture_on_commit_callbacks):
    """RT-001 with three people, taken in from a workbook."""
    batch = files.check(files.write(workbooks.home(1)), ana)
    return confirm(batch, by=ana)


@pytest.fixture
def program(agency):
    return make_program(agency, "p")
