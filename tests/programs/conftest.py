"""An agency's programme with its approved list, another agency's, and a script that pulls with a token."""

from datetime import date

import pytest
from django.core.cache import cache
from django.utils import timezone

from households.models import Member
from households.models.household import StatusChoice
from programs.models import Criterion, Program
from programs.services import approve_target_list, build_target_list
from registry.services import issue_token
from tests import factories

DAY = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def fresh_rates():
    cache.clear()


def make_program(agency, code):
    program = Program.objects.create(
        code=code,
        name=f"Program {code}",
        agency=agency,
        cluster=Program.Cluster.FAMILY,
        strategy=Program.Strategy.POCKETS,
        unit=Program.Unit.HOUSEHOLD,
        year=2026,
    )
    Criterion.objects.create(program=program, fact="status", comparison="one_of", value="poor,very_poor")
    return program


@pytest.fixture
def program(agency):
    return make_program(agency, "baiki-rumah")


@pytest.fixture
def poor(village, ana):
    homes = [factories.household(village, status=StatusChoice.POOR, decile=n % 4 + 1) for n in range(12)]
    for home in homes:
        factories.assessment(home, ana, **factories.POOR_ANSWERS)
    homes[0].members.update(name='=HYPERLINK("http://x","klik")')
    family = homes[0].families.get()
    family.card_number = "9902061705800001"
    family.save()
    return homes


@pytest.fixture
def person(poor) -> Member:
    return poor[3].members.get()


@pytest.fixture
def frozen(program, poor, fia):
    return approve_target_list(target_list=build_target_list(program=program, by=fia, on=DAY), by=fia)


@pytest.fixture
def others_list(other_agency, poor, fia):
    program = make_program(other_agency, "bantuan-nelayan")
    return approve_target_list(target_list=build_target_list(program=program, by=fia, on=DAY), by=fia)


@pytest.fixture
def as_eka(client, eka):
    """eka's script, with a token of her agency."""
    _token, key = issue_token(
        by=eka, name="skrip", purpose="Verifikasi rumah", expires_on=timezone.localdate()
    )
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client
