import pytest

from programs.models import Program
from registry.models import AuditEvent
from tests.admin_pages import errors_of, offered, page, send, shown, sign_in

URL = "programs_program_change"


@pytest.fixture
def program(agency):
    return Program.objects.create(
        code="rtlh",
        name="Rumah layak huni",
        agency=agency,
        cluster=1,
        strategy=1,
        unit="household",
        year=2026,
    )


@pytest.fixture
def typed(agency):
    return {
        "code": "bedah-rumah",
        "name": "Bedah rumah",
        "agency": agency.pk,
        "cluster": 1,
        "strategy": 1,
        "unit": "household",
        "year": 2026,
        "budget_ceiling": "1500000000",
        "criteria-TOTAL_FORMS": 2,
        "criteria-0-position": 1,
        "criteria-0-fact": "status",
        "criteria-0-comparison": "one_of",
        "criteria-0-value": "very_poor, poor",
        "criteria-1-position": 2,
        "criteria-1-fact": "floor_area",
        "criteria-1-comparison": "at_most",
        "criteria-1-value": "36",
        "district_quotas-TOTAL_FORMS": 1,
        "district_quotas-0-area": "64.02.06",
        "district_quotas-0-quota": "1.200",
    }


def test_a_programme_with_criteria_and_quotas_is_one_audit_row(fia, village, typed):
    client = sign_in(fia)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "id"
    answer = send(client, page("programs_program_add"), **typed)
    assert answer.status_code == 302, errors_of(answer)
    program = Program.objects.get()
    assert [str(rule.fact) for rule in program.rules()] == ["status", "floor_area"]
    assert program.district_quotas.get().quota == 1200
    event = AuditEvent.objects.get()
    assert (event.verb, event.by, event.subject) == ("add_program", fia, f"program:{program.pk}")
    assert {"criteria", "district_quotas", "name"} <= set(event.details["fields"])


def test_a_criterion_is_changed_and_taken_away_in_one_audit_row(fia, program):
    program.criteria.create(position=1, fact="decile", comparison="at_most", value="2")
    program.criteria.create(position=2, fact="floor_area", comparison="at_most", value="36")
    sent = {"criteria-0-value": "4", "criteria-1-DELETE": "on"}
    assert send(sign_in(fia), page(URL, program.pk), **sent).status_code == 302
    assert program.criteria.get().value == "4"
    assert (AuditEvent.objects.get().verb, AuditEvent.objects.get().details) == (
        "change_program",
        {"fields": ["criteria"]},
    )


@pytest.mark.parametrize(
    ("fact", "comparison", "value"),
    [("status", "one_of", "rich"), ("floor_area", "is", "36"), ("decile", "at_most", "many")],
)
def test_a_criterion_that_cannot_be_asked_is_refused(fact, comparison, value, fia, program, typed):
    sent = {name: typed[name] for name in typed if name.startswith("criteria")} | {"criteria-TOTAL_FORMS": 1}
    sent |= {"criteria-0-fact": fact, "criteria-0-comparison": comparison, "criteria-0-value": value}
    answer = send(sign_in(fia), page(URL, program.pk), **sent)
    assert answer.status_code == 200
    assert errors_of(answer)
    assert not program.criteria.exists()


def test_age_is_a_criterion_like_any_other(fia, program, typed):
    sent = {name: typed[name] for name in typed if name.startswith("criteria")} | {"criteria-TOTAL_FORMS": 1}
    sent |= {"criteria-0-fact": "age", "criteria-0-comparison": "at_least", "criteria-0-value": "60"}
    assert send(sign_in(fia), page(URL, program.pk), **sent).status_code == 302
    assert program.criteria.get().fact == "age"


def test_saving_what_did_not_change_records_nothing(fia, program):
    program.criteria.create(position=1, fact="decile", comparison="at_most", value="2")
    assert send(sign_in(fia), page(URL, program.pk)).status_code == 302
    assert not AuditEvent.objects.exists()


def test_the_same_code_twice_in_a_year_is_a_sentence(fia, program, typed):
    answer = send(sign_in(fia), page("programs_program_add"), **typed | {"code": program.code})
    assert errors_of(answer)
    assert Program.objects.count() == 1


def test_an_auditor_reads_programmes_and_their_criteria_only(chi, program):
    program.criteria.create(position=1, fact="decile", comparison="at_most", value="2")
    client = sign_in(chi)
    assert shown(client.get(page("programs_program_changelist"))) == [program]
    answer = client.get(page(URL, program.pk))
    assert "decile" in answer.content.decode()
    assert offered(answer) == set()
    assert client.post(page(URL, program.pk), {"name": "x"}).status_code == 403


@pytest.mark.parametrize("name", ["ana", "eka", "dee"])
def test_others_do_not_steer_programmes_here(name, request, program):
    client = sign_in(request.getfixturevalue(name))
    assert client.get(page("programs_program_changelist"), follow=True).status_code == 403


def test_quotas_are_offered_districts_only(fia, village, far_village):
    question = {"app_label": "programs", "model_name": "districtquota", "field_name": "area", "term": ""}
    found = sign_in(fia).get(page("autocomplete"), question).json()["results"]
    assert [each["id"] for each in found] == ["64.02.06", "64.02.12"]


def test_a_missing_programme_is_not_there(fia, db):
    assert sign_in(fia).get(page(URL, 999_999)).status_code == 404


def test_a_list_of_ten_costs_as_much_as_a_list_of_one(fia, agency, django_assert_num_queries):
    for number in range(10):
        Program.objects.create(
            code=f"p{number}",
            name="Sampel",
            agency=agency,
            cluster=1,
            strategy=1,
            unit="household",
            year=2026,
        )
    client = sign_in(fia)
    with django_assert_num_queries(6):
        assert len(shown(client.get(page("programs_program_changelist")))) == 10
