"""The demonstration, filled once for the tests of this module: complete, signed, harmless to run again."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoDbBlocker

from households.imports.layout import HOUSEHOLDS, LANGUAGES
from households.models import Household, ImportBatch
from programs.models import DistrictQuota, Program, Realisation, TargetList
from programs.seeding.lists import DELIVERED, LEFT_AS_DRAFT
from programs.seeding.programmes import PLANS
from programs.seeding.users import VILLAGE
from registry.models import User

pytestmark = pytest.mark.usefixtures("demo", "db")


def run_demo() -> None:
    call_command("demo", households=300, no_serve=True, verbosity=0)


@pytest.fixture(scope="module")
def demo(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Undone at the end of the module: each test runs inside a savepoint of this transaction."""
    files = tmp_path_factory.mktemp("demo") / "files"
    with override_settings(MEDIA_ROOT=files), django_db_blocker.unblock(), transaction.atomic():
        run_demo()
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


def everything() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_the_demo_has_programmes_of_every_cluster_strategy_and_unit() -> None:
    programmes = Program.objects.all()
    assert programmes.count() == len(PLANS) == 9
    assert {program.cluster for program in programmes} == set(Program.Cluster)
    assert {program.strategy for program in programmes} == set(Program.Strategy)
    assert {program.unit for program in programmes} == set(Program.Unit)
    for program in programmes:
        assert program.budget_ceiling == program.quota * program.unit_cost
        for criterion in program.criteria.all():
            assert str(criterion)
            criterion.rule().q(date(program.year, 12, 31))


def test_every_list_but_one_is_approved_and_within_its_quotas() -> None:
    lists = TargetList.objects.select_related("program")
    assert {made.program.code for made in lists} == {plan.code for plan in PLANS}
    assert [made.program.code for made in lists if not made.is_frozen and made.row_count] == [LEFT_AS_DRAFT]
    for made in lists:
        assert made.row_count <= made.program.quota
    for quota in DistrictQuota.objects.all():
        targeted = lists.get(program=quota.program).rows.filter(area__code__startswith=quota.area_id)
        assert targeted.count() <= quota.quota


def test_most_rows_of_two_lists_are_reported_and_only_deliveries_have_an_amount() -> None:
    for target_list in TargetList.objects.filter(program__code__in=DELIVERED):
        reports = Realisation.objects.filter(target_row__target_list=target_list)
        assert reports.count() / target_list.row_count == pytest.approx(0.7, abs=0.2)
        signed_on = timezone.localdate(target_list.approved_at)
        assert all(report.realised_on >= signed_on for report in reports)
    assert Realisation.objects.delivered().exists()
    assert (
        not Realisation.objects.exclude(outcome=Realisation.Outcome.DELIVERED).exclude(amount=None).exists()
    )


def titles_of_the_household_sheet() -> list[str]:
    titles = []
    for language in LANGUAGES:
        with override(language):
            titles.append(str(HOUSEHOLDS.title))
    return titles


def test_the_village_sees_its_workbook_imported_with_some_rows_rejected() -> None:
    batch = ImportBatch.objects.visible_to(User.objects.get(username="desa")).get()
    assert batch.state == ImportBatch.State.CONFIRMED
    assert batch.rows_rejected > 9
    assert batch.rows_new > 400
    imported = Household.objects.filter(area_id=VILLAGE, number__startswith="V-")
    assert (
        imported.count()
        == batch.rows.filter(sheet__in=titles_of_the_household_sheet(), verdict="new").count()
        > 130
    )


def test_a_second_run_changes_nothing() -> None:
    before = everything()
    run_demo()
    assert everything() == before
