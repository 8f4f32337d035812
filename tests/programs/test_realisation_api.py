"""What an agency reports back: each delivery once, a batch whole or not at all, on its own approved lists."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from programs.models import Realisation
from programs.services import build_target_list, report_realisation
from registry.models import AuditEvent
from registry.roles import Role
from tests import factories

REALISATIONS = "/api/v1/realisations/"
DAY = date(2026, 11, 1)


def report(client, data, **headers):
    return client.post(REALISATIONS, data, content_type="application/json", headers=headers)


def delivery(row, **fields):
    said = {"target_row": row.pk, "outcome": "delivered", "realised_on": "2026-11-02", "amount": "20000000"}
    return said | {"reference": "BAST-1"} | fields


def test_a_delivery_is_reported_once_however_often_it_is_sent(as_eka, frozen, eka):
    row = frozen.rows.first()
    first, again = report(as_eka, delivery(row)), report(as_eka, delivery(row))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["amount"] == "20000000"
    assert Realisation.objects.get().reported_by == eka
    assert AuditEvent.objects.filter(verb="report_realisation").count() == 1


def test_a_reference_used_for_something_else_is_a_conflict(as_eka, frozen):
    row = frozen.rows.first()
    report(as_eka, delivery(row))
    answer = report(as_eka, delivery(row, amount="1"))
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == "/reference"
    assert Realisation.objects.count() == 1


def test_a_batch_is_recorded_whole_or_not_at_all(as_eka, frozen):
    rows = list(frozen.rows.all())
    wrong = [delivery(row) for row in rows[:3]]
    wrong[1]["amount"] = "1"
    report(as_eka, delivery(rows[1]))
    answer = report(as_eka, wrong)
    assert answer.status_code == 409
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/1/reference"]
    assert Realisation.objects.count() == 1
    right = report(as_eka, [delivery(row) for row in rows])
    assert right.status_code == 201
    assert len(right.json()) == Realisation.objects.count() == 12
    assert report(as_eka, [delivery(row) for row in rows]).status_code == 200


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"amount": None}, "/amount"),
        ({"amount": "-1"}, "/amount"),
        ({"amount": "0.5"}, "/amount"),
        ({"amount": "NaN"}, "/amount"),
        ({"outcome": "refused"}, "/amount"),
        ({"outcome": "lost"}, "/outcome"),
        ({"realised_on": "31/02/2026"}, "/realised_on"),
        ({"reference": ""}, "/reference"),
        ({"reference": "x" * 61}, "/reference"),
        ({"note": "\0"}, "/note"),
        ({"target_row": 10**30}, "/target_row"),
        ({"target_row": "9" * 18}, "/target_row"),
        ({"household": 1}, "/household"),
        ({"area": "64.02.12.2001"}, "/area"),
        ({"reported_by": 1}, "/reported_by"),
    ],
)
def test_a_report_with_errors_points_at_the_field(as_eka, frozen, fields, pointer):
    row = frozen.rows.first()
    single = report(as_eka, delivery(row, **fields))
    assert single.status_code == 400
    assert {error["pointer"] for error in single.json()["errors"]} == {pointer}
    batch = report(as_eka, [delivery(row), delivery(row, **fields)])
    assert {error["pointer"] for error in batch.json()["errors"]} == {f"/1{pointer}"}
    assert not Realisation.objects.exists()


@pytest.mark.parametrize("body", ["[]", "{", '"x"', "[1]", "null", "[null]"])
def test_a_body_that_is_no_report_is_400(as_eka, frozen, body):
    answer = as_eka.post(REALISATIONS, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_batch_has_a_thousand_reports_at_most(as_eka, frozen):
    assert report(as_eka, [delivery(frozen.rows.first())] * 1001).status_code == 400


def test_only_json_is_taken(as_eka, frozen):
    assert as_eka.post(REALISATIONS, {"outcome": "refused"}).status_code == 415


def test_nobody_reports_on_anothers_list_or_on_a_draft(as_eka, frozen, others_list, program, fia):
    draft = build_target_list(program=program, by=fia, on=DAY)
    for row in (others_list.rows.first(), draft.rows.first()):
        answer = report(as_eka, delivery(row))
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "/target_row"
    assert not Realisation.objects.exists()


def test_who_may_not_report_gets_403(client, chi, frozen):
    client.force_login(chi)
    assert report(client, delivery(frozen.rows.first())).status_code == 403


def test_a_session_needs_its_csrf_token_to_report(eka, frozen):
    client = Client(enforce_csrf_checks=True)
    client.force_login(eka)
    assert report(client, delivery(frozen.rows.first())).status_code == 403


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("outcome=delivered", 1),
        ("outcome=delivered&outcome=refused", 2),
        ("area=64.02.12", 0),
        ("realised_from=2026-11-03", 0),
        ("target_list=1234567", 0),
    ],
)
def test_realisations_are_filtered(as_eka, frozen, eka, query, count):
    first, second = frozen.rows.all()[:2]
    report_realisation(
        target_row=first,
        outcome="delivered",
        realised_on=DAY,
        amount=Decimal(1),
        reference="1",
        by=eka,
    )
    report_realisation(target_row=second, outcome="refused", realised_on=DAY, reference="1", by=eka)
    assert len(as_eka.get(f"{REALISATIONS}?{query}").json()["results"]) == count


def test_another_agencys_realisations_are_not_listed(client, frozen, eka, other_agency):
    report_realisation(
        target_row=frozen.rows.first(), outcome="refused", realised_on=DAY, reference="1", by=eka
    )
    client.force_login(factories.user("zed", Role.AGENCY_OFFICE, agency=other_agency))
    assert client.get(REALISATIONS).json()["results"] == []
