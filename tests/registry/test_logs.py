"""What the log holds: a line of JSON for each record, in UTC, and nothing about people."""

import json
import logging
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.utils.functional import SimpleLazyObject
from hypothesis import given
from hypothesis import strategies as st

from households.models import Household
from registry.logs import MASKED, JsonLine
from registry.middleware import log_request
from registry.models import AccessLog

NIK = "9902061705800001"


def line(message="x", *arguments, **fields):
    record = logging.LogRecord("simpul.test", logging.INFO, __file__, 1, message, arguments, None)
    vars(record).update(fields)
    text = JsonLine().format(record)
    assert "\n" not in text
    assert "\r" not in text
    return json.loads(text)


@pytest.fixture
def requests_log(caplog):
    """The lines of the requests, as production writes them."""
    caplog.set_level(logging.INFO, logger="simpul.requests")

    def lines():
        records = [record for record in caplog.records if record.name == "simpul.requests"]
        return [json.loads(JsonLine().format(record)) for record in records]

    return lines


def test_the_time_is_utc_and_says_so():
    told = datetime.fromisoformat(line()["ts"])
    assert told.utcoffset() == timedelta(0)
    assert abs(told - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_request_is_one_line_without_its_path(client, ana, household, requests_log):
    client.force_login(ana)
    client.get(household.get_absolute_url(), headers={"x-request-id": "complaint-0017"})
    (told,) = requests_log()
    assert (told["route"], told["method"], told["status"]) == ("household-detail", "GET", 200)
    assert (told["user"], told["role"]) == (ana.pk, ana.role)
    assert told["bytes"] > 1_000
    assert 0 < told["ms"] < 60_000
    assert household.get_absolute_url() not in json.dumps(told)
    assert set(told) == {
        *("ts", "level", "logger", "message", "request_id"),
        *("user", "role", "route", "method", "status", "ms", "bytes"),
    }


def test_a_line_is_no_reason_to_ask_the_database_who_it_is(rf, requests_log):
    request = rf.get("/healthz")
    request.user = SimpleLazyObject(lambda: pytest.fail("asked"))
    log_request(request, HttpResponse("ok"), seconds=0.01)
    assert (requests_log()[0]["user"], requests_log()[0]["bytes"]) == (None, 2)


@given(st.text(), st.text(alphabet="0123456789", min_size=16, max_size=40), st.text())
def test_no_run_of_sixteen_digits_is_written(before, digits, after):
    told = line(
        "%s", f"{before}{digits}{after}", facts={"note": digits, "deep": [{digits: int(f"1{digits}")}]}
    )
    assert digits not in json.dumps(told, ensure_ascii=False)
    assert told["note"] == MASKED


@given(st.text())
def test_what_a_user_sends_cannot_begin_a_line_of_its_own(text):
    assert "message" in line("%s", f"{text}\r\n2026-01-01 forged\u2028{text}")


def test_an_exception_is_told_without_its_words():
    try:
        raise ValueError(f"duplicate key (nik)=({NIK}) Budi Rekaan")
    except ValueError:
        told = line("failed", exc_info=sys.exc_info())
    assert told["exception"] == "ValueError"
    assert "test_logs.py" in told["raised_in"][0]
    assert "Budi" not in json.dumps(told)


def test_django_s_own_words_about_a_request_lose_its_path(rf):
    request = rf.get("/members/17/change/")
    assert line("Not Found: %s", request.path, request=request)["message"] == "Not Found: -"


@pytest.mark.parametrize("given", [NIK, f"a-{NIK}", "short", "x" * 65, "with space", "a\tb-long-enough"])
def test_a_request_cannot_be_named_after_a_person(client, ana, household, requests_log, given):
    client.force_login(ana)
    answer = client.get("/households/", headers={"x-request-id": given})
    assert answer.headers["X-Request-ID"] != given
    assert AccessLog.objects.get().request_id == answer.headers["X-Request-ID"]
    assert given not in json.dumps(requests_log())


def test_a_nik_that_is_searched_for_comes_into_no_log(client, ana, household, requests_log, caplog):
    client.force_login(ana)
    client.get("/households/", {"q": NIK})
    client.get(f"/households/{NIK}/")
    client.get("/api/v1/households/", {"q": NIK})
    client.get(f"/{NIK}/", headers={"referer": f"http://testserver/?q={NIK}"})
    assert len(requests_log()) == 4
    written = "".join(JsonLine().format(record) for record in caplog.records)
    assert NIK not in written
    assert Household.objects.count() == 1
