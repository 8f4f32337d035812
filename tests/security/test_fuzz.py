"""The API against its own OpenAPI document, as two peers who must not see each other's people.

Each pair is served a small registry and pulled at by schemathesis: well-formed and ill-formed ones, chains of
requests, requests without credentials, and the objects of one peer asked for by the other.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.servers.basehttp import WSGIRequestHandler
from django.test import Client
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from households.api.viewsets import HouseholdViewSet
from households.models.household import StatusChoice
from households.services import record_assessment
from programs.models import Criterion, Program
from programs.services import approve_target_list, build_target_list, report_realisation
from registry.models import Agency
from registry.roles import Role
from registry.services import issue_token
from tests import factories

pytestmark = [pytest.mark.fuzz, pytest.mark.django_db(transaction=True)]

CASES = 2_500  # sent for each pair, at the least
EXAMPLES = 60  # of each operation and phase
SEED = 20261124
DAY = date(2026, 11, 1)
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "response_headers_conformance,negative_data_rejection,unsupported_method,ignored_auth,use_after_free,"
    "object_level_authorization"
)


@pytest.fixture(autouse=True)
def no_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sends thousands of requests a minute; here the answers count, not the rate."""
    cache.clear()
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"user": None})


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test server sends head and body apart; waiting for an acknowledgement between costs 40 ms each."""
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)


@pytest.fixture
def villages(village, next_village, bps14):
    """Two operators, each with judged households in a village of her own: the headers of their sessions."""
    operators = {
        name: factories.user(name, Role.VILLAGE_OPERATOR, area=place)
        for name, place in (("ana", village), ("ben", next_village))
    }
    for operator in operators.values():
        for _number in range(3):
            home = factories.household(operator.area, address="Jalan Contoh")
            factories.member(home)
            answers = {pk: factories.POOR_HEAD for pk in home.members.values_list("pk", flat=True)}
            record_assessment(
                household=home,
                assessed_on=DAY,
                answers=factories.POOR_ANSWERS,
                member_answers=answers,
                by=operator,
            )
    return {name: {"Cookie": session_of(operator)} for name, operator in operators.items()}


@pytest.fixture
def agencies(village):
    """Two offices, each with a programme, an approved list and one report: the headers of their tokens."""
    fia = factories.user("fia", Role.SECRETARIAT)
    for _number in range(4):
        home = factories.household(village, status=StatusChoice.POOR, decile=1)
        factories.assessment(home, fia, **factories.POOR_ANSWERS)
    headers = {}
    for code in ("disperkim", "dkp"):
        agency = Agency.objects.create(code=code, name=f"Dinas {code}", short_name=code)
        officer = factories.user(f"kantor-{code}", Role.AGENCY_OFFICE, agency=agency)
        frozen = approved_list(agency, fia)
        report_realisation(
            target_row=frozen.rows.first(), outcome="refused", realised_on=DAY, reference="BAST-1", by=officer
        )
        _token, key = issue_token(by=officer, name="skrip", purpose="Uji", expires_on=timezone.localdate())
        headers[code] = {"Authorization": f"Bearer {key}"}
    return headers


def session_of(user) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def approved_list(agency, by):
    program = Program.objects.create(
        code=f"bantuan-{agency.code}",
        name=f"Bantuan {agency.code}",
        agency=agency,
        cluster=Program.Cluster.FAMILY,
        strategy=Program.Strategy.POCKETS,
        unit=Program.Unit.HOUSEHOLD,
        year=2026,
    )
    Criterion.objects.create(program=program, fact="status", comparison="one_of", value="poor,very_poor")
    for _version in range(2):  # so that "changes since" has something to answer
        built = build_target_list(program=program, by=by, on=DAY)
        frozen = approve_target_list(target_list=built, by=by)
    return frozen


def run(url: str, folder: Path, peers: Mapping[str, Mapping[str, str]], *options: str) -> dict[str, Any]:
    """The report of schemathesis; its words about what failed are printed, for whoever reads the failure."""
    identities = [
        {"name": peer, "fixedHeaders": [{"name": name, "value": value} for name, value in headers.items()]}
        for peer, headers in peers.items()
    ]
    (folder / "peers.json").write_text(json.dumps({"auth": identities}))
    (folder / "schemathesis.toml").write_text(
        f"[auth.wfc]\npath = {json.dumps(str(folder / 'peers.json'))}\npeers = {json.dumps(list(peers))}\n"
    )
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={folder / 'schemathesis.toml'}",
        "run",
        f"{url}/api/v1/openapi.json",
        f"--seed={SEED}",
        "--report=json",
        f"--report-json-path={folder / 'report.json'}",
        "--no-color",
        *options,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr)
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


@pytest.mark.parametrize("pair", ["villages", "agencies"])
def test_no_request_breaks_the_api_or_shows_a_peers_object(live_server, tmp_path, request, pair) -> None:
    peers = request.getfixturevalue(pair)
    report = run(live_server.url, tmp_path, peers, f"--checks={CHECKS}", f"--max-examples={EXAMPLES}")
    assert report["failures"] == report["errors"] == []
    assert report["exit_code"] == 0
    assert report["test_cases"]["generated"] >= CASES
    assert report["operations"]["tested"] == report["operations"]["total"] >= 20
    states = {phase: report["phases"][phase]["status"] for phase in ("coverage", "fuzzing", "stateful")}
    assert set(states.values()) == {"success"}, states


def test_a_forgotten_owner_would_have_been_found(live_server, tmp_path, villages, monkeypatch) -> None:
    """The same run against a detail page that does not ask whose household it is."""

    def forgetful(view: HouseholdViewSet, request: Request, pk: str) -> Response:
        return Response({"id": int(pk), "number": f"KK-{pk}"})

    monkeypatch.setattr(HouseholdViewSet, "retrieve", forgetful)
    report = run(
        live_server.url,
        tmp_path,
        villages,
        "--checks=object_level_authorization",
        "--include-path-regex=/households/",
        "--max-examples=40",
    )
    assert report["exit_code"] == 1
    assert {failure["type"] for failure in report["failures"]} == {"ObjectLevelAuthorizationViolation"}
