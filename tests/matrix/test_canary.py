"""No answer, header, log line or letter holds a value of people whom the reader may not see."""

import re
from collections import defaultdict
from collections.abc import Iterable

import pytest
from django.db import models

from households.models import Household, Member
from tests.matrix import expectations
from tests.matrix.bodies import Body
from tests.matrix.canaries import Value, people_tables
from tests.matrix.cases import ROLES, Answer, Asker, Case, cases, patterns
from tests.matrix.world import AREAS, YEAR, World

pytestmark = pytest.mark.canary

# Whose people a role may read; every other role reads nobody's, but for what stands on its own lists.
READS = {
    "village_operator": {"own"},
    "district_verifier": {"own", "sibling"},
    "social_office": set(AREAS),
    "secretariat": set(AREAS),
    "auditor": set(AREAS),
    "superadmin": set(AREAS),
}
# Trails name rows by id, which is no reading of people.
TRAILS = re.compile(r"admin:registry_(auditevent|accesslog)_")

TOO_FEW_ANSWERS = "a code, a tick or a small count: many households share it"
NO_CANARY = {
    r"\.(area|village)_id$": "a public place",
    r"\.(rw|rt)$": TOO_FEW_ANSWERS,
    r"\.(PovertyStatus|TargetRow)\.(score|missing)$": TOO_FEW_ANSWERS,
    r"\.(ImportRow\.(number|sheet)|TargetRow\.rank|ImportBatch\.rows_\w+)$": "a place or a count",
    r"_(sealed|index)$": "opened: the number itself is watched under its own name",
    r"\.SubjectRequest(Event)?\.(objected_id|member_id|received_by_id|decided_by_id)$": TOO_FEW_ANSWERS,
    r"\.SubjectRequestEvent\.outcome$": "the row as it was before the answer, which the row itself bears",
    r"_at$": "a moment of the test itself, the same everywhere",
    r"\.(status_on|judged_on)$": "today, the same everywhere",
    r"\.(recorded_by|uploaded_by|reported_by|scheme|job|target_list|replaces|family|pgh_context)_id$": (
        "a key of staff, methods, lists and work; the rows it joins are watched themselves"
    ),
    r"\.pgh_(context|label)$": "who did it and why, as the trail of deeds says it",
    r"\.ImportBatch\.(file|sha256)$": "a random name and a checksum, which say nothing of anybody",
    r"\.ImportBatch\.refusal$": "the product's own sentence",
}
MUST_HAVE = {  # what identifies or exposes a person has a canary, whatever the patterns above say
    "households.Household": {"id", "number", "address", "hamlet", "latitude", "longitude", "closed_evidence"},
    "households.Member": {"id", "name", "nik", "birth_place", "birth_date"},
    "households.Family": {"id", "card_number"},
    "households.Assessment": {"id", "enumerator", "farm_land_area", "other_land_area", "poultry"},
    "households.MemberAssessment": {"id", "monthly_income"},
    "households.ImportRow": {"household_number", "packed", "errors", "warnings", "changes"},
    "households.WelfareDecile": {"source", "as_of"},
    "households.SubjectRequest": {"id", "asker", "asked", "outcome"},
    "programs.TargetRow": {"id", "name", "nik", "card_number", "address", "facts"},
    "programs.Realisation": {"amount", "note", "reference", "realised_on"},
}


def may_see(world: World, role: str, value: Value) -> bool:
    canary = world.canaries[value]
    if canary.areas & {AREAS[whose] for whose in READS.get(role, ())}:
        return True
    return world.agency_of.get(role) in canary.agencies


def foreign(world: World, role: str, values: Iterable[Value]) -> dict[Value, set[str]]:
    """What must not be there, with the columns it comes from."""
    return {value: world.canaries[value].columns for value in values if not may_see(world, role, value)}


def unread(world: World, answer: Answer) -> dict[tuple[int, int], list[Value]]:
    """Households, and members of them, whose words or numbers are in the answer and in no reading of it.

    A reading that names no member is one of the whole household.
    """
    whole = {each for reading in answer.readings if not reading.member_ids for each in reading.household_ids}
    partly = {each for reading in answer.readings for each in reading.household_ids}
    members = {each for reading in answer.readings for each in reading.member_ids} | {0}
    shown: defaultdict[tuple[int, int], list[Value]] = defaultdict(list)
    for value in answer.canaries:
        canary = world.canaries[value]
        is_hers = len(canary.households) == 1 and 0 not in canary.households
        if is_hers and not is_key(canary.columns) and not is_day(value):
            member = min(canary.members) if len(canary.members) == 1 else 0
            shown[min(canary.households), member].append(value)
    return {
        (household, member): values
        for (household, member), values in shown.items()
        if household not in whole and not (household in partly and member in members)
    }


def is_day(value: Value) -> bool:
    """Also as a workbook counts days: another household may have had a visit on it too."""
    return not isinstance(value, str) or re.fullmatch(r"[1-4]\d{4}", value) is not None


def is_key(columns: set[str]) -> bool:
    return all(column.endswith(("id", "obj_id")) for column in columns)


def has_few_answers(column: models.Field) -> bool:
    """Of these no value can be one area's own."""
    small = (models.BooleanField, models.SmallIntegerField, models.PositiveSmallIntegerField)
    return bool(column.choices) or isinstance(column, small)


def test_every_column_of_people_has_a_canary_or_a_reason(world: World):
    """A text, a day or an amount of the questionnaire has no excuse, whatever its table is called."""
    covered = {column for canary in world.canaries.values() for column in canary.columns}
    columns = {
        f"{model._meta.label}.{column.attname}"
        for model in people_tables()
        for column in model._meta.concrete_fields
        if not has_few_answers(column)
    }
    bare = {name for name in columns - covered if not any(re.search(reason, name) for reason in NO_CANARY)}
    needed = {f"{table}.{column}" for table, names in MUST_HAVE.items() for column in names}
    assert (bare, needed - covered) == (set(), set())
    idle = {reason for reason in NO_CANARY if not any(re.search(reason, name) for name in columns - covered)}
    assert idle == set(), "excuses nothing any more"


def test_every_area_has_canaries_of_every_kind(world: World):
    for code in AREAS.values():
        mine = [value for value, canary in world.canaries.items() if canary.areas == {code}]
        assert sum(isinstance(value, str) and value.startswith("ZQ") for value in mine) > 100
        assert sum(isinstance(value, str) and value.isdigit() for value in mine) > 100
        assert sum(not isinstance(value, str) for value in mine) > 10


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: pattern.name)
def test_an_answer_holds_only_whom_its_reader_may_see(asker: Asker, pattern, role: str):
    for case in cases_of(pattern.name, role):
        answer = asker.ask(case)
        assert foreign(asker.world, role, answer.canaries) == {}, case
        assert answer.logged == set(), (case, "people stand in the log")
        assert answer.request_lines == 1, case
        check_numbers(case, answer)
        if answer.status == 200 and not TRAILS.match(pattern.name):
            assert unread(asker.world, answer) == {}, (case, "shown and not recorded as read")


@pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: pattern.name)
def test_a_reading_says_what_was_shown(asker: Asker, pattern):
    """The report on a breach takes from it which data of a person were exposed."""
    readings = [each for case in cases() if case.pattern == pattern for each in asker.ask(case).readings]
    expected = {kind for kind, names in expectations.SHOWN.items() if pattern.name in names}
    assert {each.shown for each in readings} == expected


def cases_of(name: str, role: str) -> list[Case]:
    return [case for case in cases() if case.pattern.name == name and case.role == role]


def check_numbers(case: Case, answer: Answer) -> None:
    """Whole identity numbers only where the page exists for them, and then the reading says so."""
    if not answer.has_identity_number:
        return
    assert case.role in expectations.FULL_NUMBERS.get(case.pattern.name, ()), (case, "a whole number")
    assert any(reading.is_full for reading in answer.readings), (case, "not recorded as a full reading")


@pytest.mark.parametrize(
    ("role", "codes"), [("village_operator", ["own"]), ("district_verifier", ["own", "sibling"])]
)
def test_totals_are_those_of_the_own_area_alone(asker: Asker, role: str, codes: list[str]):
    areas = [AREAS[whose] for whose in codes]
    homes = Household.objects.filter(area__in=areas)
    people = Member.objects.filter(area__in=areas, closed_on=None, household__closed_on=None)
    client = asker.client(role)
    assert client.get("/households/?closed=all").context["page"].paginator.count == homes.count()
    assert client.get("/members/").context["page"].paginator.count == people.count()
    assert client.get("/admin/households/household/").context["cl"].result_count == homes.count()
    assert len(all_pages(client, "/api/v1/households/?closed=all&limit=3")) == homes.count()
    assert len(all_pages(client, "/api/v1/members/?limit=7")) == people.count()
    if role == "district_verifier":
        page = client.get("/dashboard/")
        assert [card["value"] for card in page.context["cards"]][:2] == [
            homes.active().count(),
            people.count(),
        ]
        lines = client.get("/api/v1/reports/coordination/").json()["rows"]
        assert sum(line["poor"] for line in lines) == homes.active().poor().count()
        counted = client.get(f"/coverage/?measure=poor&year={YEAR}").context["page"].paginator.count
        assert counted == homes.active().poor().count()


def all_pages(client, address: str) -> list[dict]:
    rows: list[dict] = []
    while address:
        answer = client.get(address).json()
        rows, address = rows + answer["results"], answer["next"]
    return rows


def test_an_agency_counts_only_its_own_approved_rows(asker: Asker):
    for role in ("agency_token", "other_agency_token"):
        client = asker.client(role)
        for target_list in all_pages(client, "/api/v1/target-lists/"):
            assert target_list["state"] == "frozen"
            rows = all_pages(client, f"/api/v1/target-lists/{target_list['id']}/rows/?limit=2")
            assert len(rows) == target_list["row_count"]
    program = asker.world.thing("program", "own", "agency_office")
    states = {
        role: {each.state for each in asker.client(role).get(f"/programs/{program}/").context["lists"]}
        for role in ("agency_office", "secretariat")
    }
    assert states == {"agency_office": {"frozen"}, "secretariat": {"frozen", "draft"}}


@pytest.mark.skipif(
    "admin:households_household_change" not in {pattern.name for pattern in patterns()},
    reason="it sends this very form",
)
def test_a_second_id_in_the_body_opens_nothing(asker: Asker):
    """The address names a household of hers, the body a member of somebody else's."""
    world = asker.world
    mine, theirs = (world.thing("household", whose, "village_operator") for whose in ("own", "other"))
    stolen = world.thing("member", "other", "village_operator")
    address = f"/admin/households/household/{mine}/change/"
    case = next(
        case
        for case in cases_of("admin:households_household_change", "village_operator")
        if (case.method, case.whose) == ("POST", "own")
    )
    asker.ask(case)
    body = asker.bodies["admin:households_household_change", "own", "village_operator"]
    first = str(Member.objects.filter(household=mine).order_by("position").first().pk).encode()
    swapped = Body(body.data.replace(first, str(stolen).encode()), body.content_type)
    assert swapped != body
    answer = asker.send("village_operator", "POST", address, swapped)
    assert answer.status == 200, "the form must come back with an error"
    assert foreign(world, "village_operator", answer.canaries) == {}
    assert Member.objects.get(pk=stolen).household_id == theirs
