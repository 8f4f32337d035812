from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from households.models.household import StatusChoice
from programs.models import Criterion, DistrictQuota, Program, Realisation
from programs.services import approve_target_list, build_target_list, checksum, report_realisation
from registry.errors import Conflict
from registry.models import AuditEvent
from tests import factories

DAY = date(2026, 11, 1)


@pytest.fixture
def program(agency):
    program = Program.objects.create(
        code="baiki-rumah",
        name="Yok Baiki Rumah",
        agency=agency,
        cluster=Program.Cluster.FAMILY,
        strategy=Program.Strategy.POCKETS,
        unit=Program.Unit.HOUSEHOLD,
        year=2026,
    )
    Criterion.objects.create(program=program, fact="status", comparison="one_of", value="poor,very_poor")
    return program


@pytest.fixture
def poor(ana, village):
    """Three poor households; the second is the poorest by decile."""
    homes = [factories.household(village, status=StatusChoice.POOR, decile=decile) for decile in (2, 1, None)]
    for home in homes:
        factories.assessment(home, ana, **factories.POOR_ANSWERS)
    return homes


def test_a_list_holds_the_eligible_poorest_first(program, poor, fia, household):
    built = build_target_list(program=program, by=fia, on=DAY)
    assert [row.household for row in built.rows.all()] == [poor[1], poor[0], poor[2]]
    assert (built.eligible_count, built.row_count, built.version) == (3, 3, 1)


def test_a_programme_without_criteria_builds_no_list(program, fia):
    program.criteria.all().delete()
    with pytest.raises(Conflict) as conflict:
        build_target_list(program=program, by=fia, on=DAY)
    assert conflict.value.code == "no_criteria"


def test_the_quota_of_a_district_is_kept(program, poor, fia, far_village, ana):
    far = factories.household(far_village, status=StatusChoice.POOR)
    factories.assessment(far, ana, **factories.POOR_ANSWERS)
    DistrictQuota.objects.create(program=program, area_id="64.02.06", quota=1)
    DistrictQuota.objects.create(program=program, area_id="64.02.12", quota=5)
    built = build_target_list(program=program, by=fia, on=DAY)
    assert [row.household for row in built.rows.all()] == [poor[1], far]


def test_building_again_replaces_the_draft(program, poor, fia):
    build_target_list(program=program, by=fia, on=DAY)
    again = build_target_list(program=program, by=fia, on=DAY)
    assert list(program.target_lists.all()) == [again]


def test_an_approved_list_never_changes(program, poor, fia):
    built = approve_target_list(target_list=build_target_list(program=program, by=fia, on=DAY), by=fia)
    row = built.rows.first()
    for change in (
        lambda: built.rows.update(name="somebody else"),
        lambda: built.rows.all().delete(),
        lambda: type(row).objects.create(
            target_list=built, rank=99, household=row.household, area=row.area, name="x", status="poor"
        ),
        lambda: type(built).objects.filter(pk=built.pk).update(row_count=0),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert checksum(built) == built.sha256


def test_a_changed_household_leaves_the_frozen_list_as_it_was(program, poor, fia):
    built = approve_target_list(target_list=build_target_list(program=program, by=fia, on=DAY), by=fia)
    poor[0].members.update(name="Nama Baru")
    newer = build_target_list(program=program, by=fia, on=DAY)
    assert checksum(built) == built.sha256
    assert newer.version == 2
    assert newer.rows.filter(name="Nama Baru").exists()


def test_approving_twice_is_a_conflict(program, poor, fia):
    built = approve_target_list(target_list=build_target_list(program=program, by=fia, on=DAY), by=fia)
    with pytest.raises(Conflict) as conflict:
        approve_target_list(target_list=built, by=fia)
    assert conflict.value.code == "already_frozen"


def test_a_draft_takes_no_realisation(program, poor, fia, eka):
    row = build_target_list(program=program, by=fia, on=DAY).rows.first()
    with pytest.raises(Conflict) as conflict:
        report_realisation(
            target_row=row, outcome="delivered", realised_on=DAY, amount=Decimal(1), reference="1", by=eka
        )
    assert conflict.value.code == "not_frozen"


def test_the_same_reference_twice_is_the_same_delivery(program, poor, fia, eka):
    row = _frozen_row(program, fia)
    report = {"target_row": row, "outcome": "delivered", "realised_on": DAY, "reference": "BAST-1", "by": eka}
    first = report_realisation(**report, amount=Decimal(20_000_000))
    assert report_realisation(**report, amount=Decimal(20_000_000)) == first
    with pytest.raises(Conflict, match="BAST-1"):
        report_realisation(**report, amount=Decimal(15_000_000))
    assert Realisation.objects.count() == 1
    assert AuditEvent.objects.filter(verb="report_realisation").count() == 1


def test_the_same_reference_with_another_correction_is_another_report(program, poor, fia, eka):
    row = _frozen_row(program, fia)
    report = {"target_row": row, "outcome": "delivered", "realised_on": DAY, "amount": 1, "by": eka}
    first = report_realisation(**report, reference="1")
    second = report_realisation(**report, reference="2", replaces="1")
    assert report_realisation(**report, reference="2", replaces="1") == second
    with pytest.raises(Conflict) as conflict:
        report_realisation(**report, reference="1", replaces="2")
    assert conflict.value.code == "reference_taken"
    assert Realisation.objects.count() == 2
    assert Realisation.objects.current().get() == second != first


def test_an_office_reports_on_its_own_programmes_only(program, poor, fia, eka, other_agency):
    row = _frozen_row(program, fia)
    eka.agency = other_agency
    with pytest.raises(PermissionDenied):
        report_realisation(target_row=row, outcome="refused", realised_on=DAY, reference="1", by=eka)


def test_a_family_programme_has_a_row_for_each_family(program, poor, fia):
    program.unit = Program.Unit.FAMILY
    program.save()
    second = factories.family(poor[0], card_number="9902060101200009")
    head = factories.member(poor[0], family=second, family_relationship=1)
    built = build_target_list(program=program, by=fia, on=DAY)
    assert built.row_count == 4
    row = built.rows.get(family=second)
    assert (row.name, row.nik, row.card_number) == (head.name, head.nik, second.card_number)


def test_a_member_programme_targets_the_members_who_meet_the_criteria(program, poor, fia, ana):
    program.unit = Program.Unit.MEMBER
    program.save()
    Criterion.objects.create(program=program, fact="age", comparison="at_least", value="60")
    elder = factories.member(poor[0], birth_date=date(1960, 1, 1))
    factories.assessment(poor[0], ana, **factories.POOR_ANSWERS)
    built = build_target_list(program=program, by=fia, on=DAY)
    assert [row.member for row in built.rows.all()] == [elder]


def _frozen_row(program, by):
    built = approve_target_list(target_list=build_target_list(program=program, by=by, on=DAY), by=by)
    return built.rows.first()


def test_deliveries_add_up_and_a_correction_replaces(program, poor, fia, eka):
    row = _frozen_row(program, fia)
    report = {"target_row": row, "realised_on": DAY, "by": eka}
    for number, amount in (("1", 5_000_000), ("2", 5_000_000)):
        report_realisation(**report, outcome="delivered", amount=Decimal(amount), reference=number)
    correction = report_realisation(**report, outcome="failed", reference="3", replaces="2")
    assert [one.reference for one in Realisation.objects.delivered()] == ["1"]
    assert correction.replaces.reference == "2"
    with pytest.raises(Conflict) as conflict:
        report_realisation(**report, outcome="failed", reference="4", replaces="2")
    assert conflict.value.field == "replaces"


@pytest.mark.parametrize(
    ("day", "amount", "field"),
    [
        (date(2999, 1, 1), 1, "realised_on"),
        (date(2025, 12, 31), 1, "realised_on"),
        (DAY, 100_000_001, "amount"),
    ],
)
def test_an_impossible_report_is_refused_since_it_cannot_be_taken_back(
    program, poor, fia, eka, day, amount, field
):
    program.budget_ceiling = 100_000_000
    program.save()
    row = _frozen_row(program, fia)
    with pytest.raises(Conflict) as conflict:
        report_realisation(
            target_row=row,
            outcome="delivered",
            realised_on=day,
            amount=Decimal(amount),
            reference="1",
            by=eka,
        )
    assert conflict.value.field == field


@pytest.mark.parametrize(
    ("fact", "comparison", "value"),
    [
        ("area", "within", "xx"),
        ("targeted", "not_targeted_by", "tidak-ada"),
        ("decile", "at_least", "99"),
        ("age", "at_least", "2500"),
        ("household_size", "at_most", "99999999999999999999"),
    ],
)
def test_a_criterion_that_could_never_be_right_is_refused(program, fact, comparison, value):
    with pytest.raises(ValidationError):
        Criterion(program=program, fact=fact, comparison=comparison, value=value).full_clean()


def test_a_criterion_that_makes_sense_is_taken(program, village):
    for fact, comparison, value in (
        ("area", "within", "64.02.06"),
        ("targeted", "not_targeted_by", program.code),
        ("age", "at_most", "17"),
    ):
        Criterion(program=program, fact=fact, comparison=comparison, value=value).full_clean()
