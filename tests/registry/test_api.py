"""What every address of the API does: problem documents, strict parameters, pages, its description."""

import json
import re
from base64 import b64encode

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import IntegrityError, OperationalError
from django.test import RequestFactory

from registry.api.errors import problem
from registry.api.throttling import TokenThrottle
from registry.errors import Conflict
from tests import factories
from tests.security.walk import addresses

AREAS = "/api/v1/areas/"


@pytest.fixture(autouse=True)
def fresh_rates():
    cache.clear()


@pytest.fixture
def signed_in(client, ana):
    client.force_login(ana)
    return client


@pytest.fixture
def villages(village):
    return [factories.area(f"64.02.06.2{number:03}", f"Desa {number}") for number in range(1, 13)]


def get_problem(client, path, **headers):
    answer = client.get(path, headers={"Accept-Language": "en", **headers})
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["instance"] == f"urn:simpul:request:{answer['X-Request-ID']}"
    return body


def test_nobody_reads_without_a_token(client, village):
    answer = client.get(AREAS)
    assert answer.status_code == 401
    assert "Bearer" in answer["WWW-Authenticate"]
    assert 'Basic realm="Simpul"' in answer["WWW-Authenticate"]


def test_refusals_are_indonesian_unless_english_is_asked_for(client):
    assert get_problem(client, AREAS)["title"] == "Sign in"
    answer = client.get(AREAS)
    assert answer["Content-Language"] == "id"
    assert answer.json()["title"] == "Masuk"
    assert client.get(AREAS, headers={"Accept-Language": "en"})["Content-Language"] == "en"


def test_an_area_is_found_by_its_code_with_its_former_codes(signed_in, village):
    village.former_codes.create(code="64.03.06.1001")
    assert signed_in.get(f"{AREAS}{village.code}/").json() == {
        "code": "64.02.06.1001",
        "name": "Timbau",
        "level": "village",
        "kind": "",
        "bps_code": "",
        "former_codes": ["64.03.06.1001"],
    }


def test_missing_things_are_a_problem_document(signed_in):
    body = get_problem(signed_in, f"{AREAS}99.99/")
    assert (body["status"], body["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_other_methods_are_405(signed_in, village, method):
    answer = getattr(signed_in, method)(AREAS)
    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"
    assert "GET" in answer["Allow"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("nama=Timbau", "/nama"),
        ("code__startswith=64", "/code__startswith"),
        ("users__username=ana", "/users__username"),
        ("ordering=-name", "/ordering"),
        ("format=api", "/format"),
        ("within=64.02.0", "/within"),
        ("within=64%00", "/within"),
        ("level=planet", "/level"),
        ("limit=0", "/limit"),
        ("limit=1001", "/limit"),
        ("limit=-5", "/limit"),
        ("limit=ten", "/limit"),
        ("cursor=", "/cursor"),
        ("cursor=abc", "/cursor"),
        ("cursor=%ff%fe", "/cursor"),
        (f"cursor={b64encode(b'p=x%00').decode()}", "/cursor"),
    ],
)
def test_a_parameter_that_is_unknown_or_ill_formed_is_400(signed_in, village, query, pointer):
    body = get_problem(signed_in, f"{AREAS}?{query}")
    assert body["status"] == 400
    assert {error["pointer"] for error in body["errors"]} == {pointer}


def test_a_parameter_on_a_single_object_is_400(signed_in, village):
    assert get_problem(signed_in, f"{AREAS}{village.code}/?level=village")["status"] == 400


@pytest.mark.parametrize("number", ["1.5", "9" * 30, "x"])
def test_a_cursor_for_another_kind_of_column_is_400(signed_in, household, number):
    cursor = b64encode(f"p={number}".encode()).decode()
    assert get_problem(signed_in, f"/api/v1/households/?cursor={cursor}")["status"] == 400


def test_pages_walk_all_rows_exactly_once(signed_in, villages, village):
    seen, url, pages = [], f"{AREAS}?limit=5&level=village", 0
    while url:
        answer = signed_in.get(url)
        page = answer.json()
        seen += [area["code"] for area in page["results"]]
        url, pages = page["next"], pages + 1
        assert not url or answer["Link"] == f'<{url}>; rel="next"'
        assert not url or url.startswith("http://testserver/")
    assert seen == [village.code, *(area.code for area in villages)]
    assert pages == 3


def test_areas_within_a_district_cost_the_same_however_many(signed_in, villages, django_assert_num_queries):
    with django_assert_num_queries(4):  # session, user, areas, former codes
        answer = signed_in.get(f"{AREAS}?within=64.02.06")
    assert len(answer.json()["results"]) == 14


def test_answers_are_json_only(signed_in, village):
    assert get_problem(signed_in, AREAS, Accept="text/html")["status"] == 406


def test_what_a_signed_in_person_saw_is_not_cached(signed_in, village):
    answer = signed_in.get(AREAS)
    assert {"no-store", "private"} <= set(re.split(r", *", answer["Cache-Control"]))
    assert {"Authorization", "Cookie"} <= set(re.split(r", *", answer["Vary"]))


def test_too_many_requests_are_told_when_to_come_back(signed_in, village, monkeypatch):
    monkeypatch.setattr(TokenThrottle, "rate", "3/min", raising=False)
    for _request in range(3):
        assert signed_in.get(AREAS).status_code == 200
    answer = signed_in.get(AREAS)
    assert answer.status_code == 429
    assert answer["Content-Type"] == "application/problem+json"
    assert 0 < int(answer["Retry-After"]) <= 60


def test_the_rate_is_600_a_minute():
    assert TokenThrottle().rate == "600/min"


def test_every_address_of_the_api_has_it():
    views = {each.name: each.view.cls for each in addresses() if each.is_api and "openapi" not in each.name}
    assert {"report-data", "api-household-list"} <= set(views)
    assert [name for name, view in views.items() if TokenThrottle not in view.throttle_classes] == ["swagger"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Conflict("taken", code="nik_taken", field="nik"), 409, "nik_taken"),
        (IntegrityError('duplicate key violates "nik_once" 9902061705800001'), 409, "conflict"),
        (OperationalError("no connection to 10.0.0.7"), 503, "unavailable"),
        (ZeroDivisionError("secret"), 500, "error"),
    ],
)
def test_what_broke_is_told_without_its_words(db, error, status, code):
    request = RequestFactory().get(AREAS)
    request.user = AnonymousUser()
    answer = problem(error, {"request": request})
    assert (answer.status_code, answer.data["code"]) == (status, code)
    text = json.dumps(answer.data)
    for secret in ("nik_once", "990206", "10.0.0.7", "secret"):
        assert secret not in text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("[" * 200_000, 400, "parse_error"),
        ('{"a":' * 200_000, 400, "parse_error"),
        ('"' + "x" * 5 * 1024 * 1024 + '"', 413, "too_large"),
    ],
    ids=["lists", "objects", "large"],
)
def test_a_body_too_deep_or_too_large_is_the_clients_fault(client, eka, caplog, body, status, code):
    client.force_login(eka)
    answer = client.post("/api/v1/realisations/", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_the_description_is_complete_and_public(client, db):
    answer = client.get("/api/v1/openapi.json", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    document = json.loads(answer.content)
    assert set(document["components"]["securitySchemes"]) >= {"token", "basic"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/v1/reports/"):
                continue
            problems = {"400", "401", "403", "404", "429"} | ({"409", "415"} if method == "post" else set())
            assert problems <= set(operation["responses"]), (path, method)
    for kind in ("json", "csv", "xlsx"):
        assert f"/api/v1/target-lists/{{target_list}}/rows.{kind}" in document["paths"]


def test_the_page_about_the_api_asks_no_other_host(client, db):
    page = client.get("/api/").content.decode()
    assert "swagger-ui-bundle.js" in page
    sources = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert sources
    assert all(source.startswith("/") and not source.startswith("//") for source in sources)
    assert not re.search(r"https?://(?!testserver)", page)
