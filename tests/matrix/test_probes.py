"""Filters, searches and pages that would widen what is shown, asked by roles of every reach."""

import re

import pytest

from tests.matrix.cases import TOKENS, WHOSE, Answer, Asker
from tests.matrix.test_canary import foreign, unread
from tests.matrix.world import YEAR

pytestmark = pytest.mark.canary

VILLAGE, DISTRICT, TKPK = "village_operator", "district_verifier", "tkpk_member"
OFFICE, OTHER_TOKEN = "agency_office", "other_agency_token"
PROBED = (VILLAGE, DISTRICT, TKPK, OFFICE, OTHER_TOKEN)
READERS, FIGURES, OFFICES = {VILLAGE, DISTRICT}, {DISTRICT, TKPK}, {OFFICE, OTHER_TOKEN}
# Who is answered with 200; for every other role see ``wanted``.
PROBES: dict[str, set[str]] = {
    "/households/?closed=all": READERS,
    "/households/?closed=all&area=64.02.12": READERS,
    "/households/?closed=all&q=ZQX": READERS,
    "/households/?page=999": READERS,
    "/members/?closed=all": READERS,
    "/members/?closed=all&area=64.02.06.1002": READERS,
    "/members/?household={household}&closed=all": READERS,
    "/coverage/?measure=poor&year={year}&area=64.02.12": {DISTRICT},
    "/coverage/?measure=eligible&year={year}&program={program}": {DISTRICT},
    "/reports/coordination/?area=64.02.12&level=program": FIGURES,
    "/reports/coordination.xlsx?area=64.02.12&level=program": FIGURES,
    "/reports/coordination.csv?level=cluster": FIGURES,
    "/imports/{batch}/?show=same": READERS,
    "/imports/{batch}/?show=changed": READERS,
    "/imports/{batch}/?show=rejected": READERS,
    "/imports/{batch}/?show=warnings": READERS,
    "/imports/?page=999": READERS,
    "/api/v1/households/?closed=all&limit=1000": READERS,
    "/api/v1/households/?area=64.02.12.2001": READERS,
    "/api/v1/members/?household={household}": READERS,
    "/api/v1/members/?closed=all&limit=1000": READERS,
    "/api/v1/assessments/?household={household}": READERS,
    "/api/v1/statuses/?household={household}": READERS,
    "/api/v1/realisations/?target_list={target_list}": OFFICES,
    "/api/v1/target-lists/?state=draft": OFFICES,
    "/api/v1/target-lists/{target_list}/rows/?area=64.02.12": OFFICES,
    "/api/v1/target-lists/{target_list}/changes/?since=1": OFFICES,
    "/admin/households/household/?q=ZQX": READERS,
    "/admin/households/household/?state=closed": READERS,
    "/admin/households/member/?q=ZQ": READERS,
    "/admin/households/member/?district=64.02.12": READERS,
    "/admin/households/assessment/?source=workbook": READERS,
    "/admin/autocomplete/?app_label=households&model_name=family&field_name=household&term=ZQ": READERS,
    "/admin/autocomplete/?app_label=households&model_name=member&field_name=family&term=ZQ": READERS,
    "/admin/autocomplete/?app_label=programs&model_name=districtquota&field_name=area&term=6": READERS,
}
# Meant to be refused: 400, also for whoever may open the page.
REFUSED: dict[str, set[str]] = {
    "/households/?members__nik__startswith=99": READERS,
    "/members/?household__area=64.02.12": READERS,
    "/imports/{batch}/?uploaded_by=1": READERS,
    "/api/v1/households/?members__nik__startswith=99": READERS,
    "/api/v1/members/?household__area=64.02.12": READERS,
    "/api/v1/target-lists/?program__agency=1": OFFICES,
    "/admin/households/household/?members__nik__startswith=99": READERS,
}
OF_ONE = re.compile(r"/\{(batch|target_list)\}/")


def ask(asker: Asker, probe: str, role: str, whose: str) -> Answer:
    things = {kind: asker.world.thing(kind, whose, role) for kind in asker.world.things}
    answer = asker.send(role, "GET", probe.format(year=YEAR, **things), known=True)
    assert foreign(asker.world, role, answer.canaries) == {}
    assert (answer.logged, answer.request_lines) == (set(), 1)
    assert not answer.has_identity_number
    return answer


def denied(probe: str, role: str) -> int:
    is_stranger = probe.startswith("/admin/") or (role in TOKENS and not probe.startswith("/api/"))
    return 302 if is_stranger else 403


def wanted(probe: str, role: str, whose: str) -> int:
    if role not in PROBES[probe]:
        return denied(probe, role)
    return 404 if whose != "own" and OF_ONE.search(probe) else 200


@pytest.mark.parametrize("role", PROBED)
@pytest.mark.parametrize("probe", PROBES)
def test_no_filter_search_or_page_reaches_further(asker: Asker, probe: str, role: str):
    for whose in WHOSE[:3]:
        answer = ask(asker, probe, role, whose)
        assert answer.status == wanted(probe, role, whose), whose
        if answer.status == 200:
            assert unread(asker.world, answer) == {}


@pytest.mark.parametrize("role", PROBED)
@pytest.mark.parametrize("probe", REFUSED)
def test_a_path_into_the_tables_is_refused(asker: Asker, probe: str, role: str):
    answer = ask(asker, probe, role, "own")
    assert answer.canaries == set()
    allowed = {400} if role in REFUSED[probe] else {400, denied(probe, role)}
    assert answer.status in allowed
