"""Two of everything that can be somebody else's, and somebody of every role.

Made once, in a transaction never committed; every test gets a savepoint and a copy of its own.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone, translation

from households.models import Assessment, Household, ImportBatch, ImportRow, SubjectRequest
from households.rights.requests import receive_request
from households.services import record_assessment
from programs.models import Criterion, Program, Realisation, TargetList
from programs.services import approve_target_list, build_target_list, report_realisation
from registry.models import Agency, ApiToken, Area, AuditEvent, User
from registry.roles import Role
from registry.services import issue_token
from tests import factories

DAY = date(2026, 11, 1)


@dataclass
class Side:
    """What belongs to one village and one agency."""

    area: Area
    agency: Agency
    household: Household
    assessment: Assessment
    program: Program
    target_list: TargetList
    realisation: Realisation
    batch: ImportBatch
    token: ApiToken
    request: SubjectRequest


@dataclass
class World:
    """``own`` is ana's and eka's; ``other`` is somebody else's in the next village and the other agency."""

    users: dict[str, User]
    own: Side
    other: Side
    known: dict[str, Any] = field(default_factory=dict)

    def client(self, role: str) -> Client:
        client = Client()
        if role:
            client.force_login(User.objects.get(pk=self.users[role].pk))  # as she is now
        return client


@pytest.fixture(autouse=True)
def fresh_rates():
    cache.clear()


@pytest.fixture(scope="package")
def made(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    quick = override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ERASURES_FILE=tmp_path_factory.mktemp("world") / "erasures.jsonl",
    )
    with django_db_blocker.unblock(), quick, translation.override("id"), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def world(made: World) -> Iterator[World]:
    with transaction.atomic():
        yield deepcopy(made)
        transaction.set_rollback(True)


def build() -> World:
    village = factories.area("64.02.06.1001", "Timbau")
    next_village = factories.area("64.02.06.1002", "Loa Ipuh")
    agency = Agency.objects.create(code="disperkim", name="Dinas Perumahan", short_name="Disperkim")
    other_agency = Agency.objects.create(code="dkp", name="Dinas Kelautan", short_name="DKP")
    factories.scheme("bps14", parameters={"near_poor_at": 7, "very_poor_at": 12}, sets_status=True)
    district = Area.objects.get(code=village.district_code)
    users = {
        user.role: user
        for user in (
            factories.user("ana", Role.VILLAGE_OPERATOR, area=village),
            factories.user("hana", Role.DISTRICT_VERIFIER, area=district),
            factories.user("chi", Role.AUDITOR),
            factories.user("dee", Role.TKPK_MEMBER),
            factories.user("eka", Role.AGENCY_OFFICE, agency=agency),
            factories.user("fia", Role.SECRETARIAT),
            factories.user("gus", Role.SUPERADMIN),
            factories.user("ida", Role.SOCIAL_OFFICE),
        )
    }
    ana, eka, fia = (users[role] for role in (Role.VILLAGE_OPERATOR, Role.AGENCY_OFFICE, Role.SECRETARIAT))
    ben = factories.user("ben", Role.VILLAGE_OPERATOR, area=next_village)
    zed = factories.user("zed", Role.AGENCY_OFFICE, agency=other_agency)
    homes = [home_of(ana, village), home_of(ben, next_village)]
    own = side(homes[0], agency, operator=ana, officer=eka, builder=fia)
    other = side(homes[1], other_agency, operator=ben, officer=zed, builder=fia)
    return World(users, own, other, known_of(own, users))


def home_of(operator: User, area: Area) -> Household:
    home = factories.household(area, address="Jalan Contoh", hamlet="Dusun Contoh", rt="001", rw="002")
    card = home.families.get()
    card.card_number = f"99020617058{home.pk:05}"
    card.save()
    factories.member(home)
    people = home.members.values_list("pk", flat=True)
    record_assessment(
        household=home,
        assessed_on=DAY,
        answers=factories.POOR_ANSWERS,
        member_answers={pk: factories.POOR_HEAD for pk in people},
        by=operator,
    )
    return Household.objects.get(pk=home.pk)


def side(home: Household, agency: Agency, *, operator: User, officer: User, builder: User) -> Side:
    program = Program.objects.create(
        code=f"bantuan-{agency.code}",
        name=f"Bantuan {agency.short_name}",
        agency=agency,
        cluster=Program.Cluster.FAMILY,
        strategy=Program.Strategy.POCKETS,
        unit=Program.Unit.HOUSEHOLD,
        year=2026,
    )
    Criterion.objects.create(program=program, fact="status", comparison="one_of", value="poor,very_poor")
    built = build_target_list(program=program, by=builder, on=DAY)
    frozen = approve_target_list(target_list=built, by=builder)
    token, _key = issue_token(by=officer, name="skrip", purpose="Uji", expires_on=timezone.localdate())
    return Side(
        area=home.area,
        agency=agency,
        household=home,
        assessment=home.current_assessment,
        program=program,
        target_list=frozen,
        realisation=report_realisation(
            target_row=frozen.rows.first(), outcome="refused", realised_on=DAY, reference="1", by=officer
        ),
        batch=checked_batch(operator, home),
        token=token,
        request=receive_request(
            household=home, kind="access", asker="Sampel", asked="Minta dilihat", by=operator
        ),
    )


def checked_batch(by: User, home: Household) -> ImportBatch:
    batch = ImportBatch.objects.create(
        file_name="desa.xlsx",
        sha256="0" * 64,
        state=ImportBatch.State.CHECKED,
        uploaded_by=by,
        rows_read=1,
        rows_rejected=1,
    )
    row = ImportRow.objects.create(
        batch=batch,
        sheet="Rumah tangga",
        number=2,
        verdict=ImportRow.Verdict.REJECTED,
        household_number=home.number,
        village=home.area,
        errors=[{"column": "address", "code": "x", "message": "Salah.", "value": ""}],
    )
    row.packed = json.dumps({"household_number": home.number, "address": home.address})
    row.save()
    return batch


def known_of(own: Side, users: dict[str, User]) -> dict[str, Any]:
    """Arguments that exist, for ``Address.url``. What is not here is a household's key."""
    family, member = own.household.families.first(), own.household.members.first()
    return {
        "family-change": family.pk,
        "family-number": family.pk,
        "member-number": member.pk,
        "request-detail": own.request.pk,
        "member-create": family.pk,
        "member-change": member.pk,
        "import-": own.batch.pk,
        "program-detail": own.program.pk,
        "target-list-build": own.program.pk,
        "target-list-": own.target_list.pk,
        "token-revoke": own.token.pk,
        "api-area-": own.area.pk,
        "api-assessment-": own.assessment.pk,
        "api-program-": own.program.pk,
        "api-target-": own.target_list.pk,
        "admin:registry_area_": own.area.pk,
        "admin:registry_agency_": own.agency.pk,
        "admin:registry_user_": users[Role.TKPK_MEMBER].pk,
        "admin:registry_auditevent_": AuditEvent.objects.first().pk,
        "admin:households_family_": family.pk,
        "admin:households_member_": member.pk,
        "admin:households_assessment_": own.assessment.pk,
        "admin:households_povertystatus_": own.household.statuses.first().pk,
        "admin:households_scheme_": own.household.statuses.first().scheme_id,
        "admin:programs_program_": own.program.pk,
        "pk": own.household.pk,
        "object_id": own.household.pk,
        "target_list": own.target_list.pk,
        "id": users[Role.TKPK_MEMBER].pk,
        "slug": "coordination",
        "extension": "csv",
        "app_label": "households",
    }
