"""Three villages full of invented people whose every field says whose it is, and a user of each role.

``own`` and ``sibling`` lie in one district, ``other`` in another; ``none`` is what does not exist. The rows
are made through the services and the import, as the product makes them.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import connection
from django.utils import timezone

from households import imports, services
from households.models import Assessment, Family, Household, ImportBatch, Member, PovertyStatus, WelfareDecile
from households.questionnaire.codes import Presence, Relationship, Sex
from households.rights.requests import decide_request, receive_request
from programs.models import Criterion, Program, TargetList
from programs.services import approve_target_list, build_target_list, report_realisation
from registry.models import AccessLog, Agency, ApiToken, Area, AuditEvent, Shown, User
from registry.roles import Role
from registry.services import issue_token, revoke_token
from tests import factories
from tests.matrix.canaries import Canary, Value, collect, people_tables

AREAS = {"own": "64.02.06.1001", "sibling": "64.02.06.1002", "other": "64.02.12.2001"}
LETTERS = {"own": "O", "sibling": "S", "other": "X"}
NOTHING = 999_999_999
YEAR = timezone.localdate().year
serials = count(1)


@dataclass
class World:
    """``things[kind][whose]`` are keys for URLs; a user's own differ for some roles: ``thing`` knows."""

    users: dict[str, User] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    own_things: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    area_of_batch: dict[int, str] = field(default_factory=dict)
    agency_of: dict[str, int] = field(default_factory=dict)
    canaries: dict[Value, Canary] = field(default_factory=dict)
    folder: Path = Path()

    def thing(self, kind: str, whose: str, role: str) -> Any:
        return self.own_things.get((kind, role), self.things[kind])[whose]


@dataclass
class Place:
    """One village being filled; every word, number and day it gives is its own."""

    whose: str
    area: Area
    operator: User
    offset: int
    numbers: Any = field(default_factory=lambda: count(1))

    def word(self) -> str:
        return f"ZQ{LETTERS[self.whose]}{next(self.numbers):04}"

    def number(self, digits: int) -> int:
        """Seven digits: 4100001, 4200002 … by area."""
        return (40 + self.offset) * 10 ** (digits - 2) + next(self.numbers)

    def born(self) -> date:
        return date(1951 + self.offset, 1, 1) + timedelta(days=next(self.numbers))

    def day(self) -> date:
        """A day of this year, at most 210 days back, that no other area has."""
        return timezone.localdate() - timedelta(days=70 * self.offset + 1 + next(self.numbers) % 69)

    def nik(self, born: date, sex: int) -> str:
        day = born.day + 40 * (sex == Sex.FEMALE)
        return f"9902{self.offset:02}{day:02}{born:%m%y}{self.offset}{next(self.numbers):03}"

    def card(self) -> str:
        return f"9903{self.offset:02}010126{self.offset}{next(self.numbers):03}"

    def coordinate(self, whole: int) -> Decimal:
        return Decimal(f"{whole}.{self.number(6)}")


def build(folder: Path) -> World:
    world = World(folder=folder)
    villages = {whose: factories.area(code, f"Desa {LETTERS[whose]}") for whose, code in AREAS.items()}
    factories.scheme("bps14", parameters={"near_poor_at": 7, "very_poor_at": 12}, sets_status=True)
    factories.scheme("kepmensos262")
    _make_users(world, villages)
    operators = {"own": "village_operator", "sibling": "next_operator", "other": "far_operator"}
    places = {
        whose: Place(whose, villages[whose], world.users[operators[whose]], offset)
        for offset, whose in enumerate(AREAS, start=1)
    }
    for place in places.values():
        _number_rows_from(place)
        _fill(world, place)
    _make_programmes(world, places)
    _make_imports(world, places)
    _make_requests(world, places)
    _make_tokens(world)
    _make_trails(world, places)
    _list_the_rest(world)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    world.canaries = collect(world.area_of_batch, {LETTERS[whose]: code for whose, code in AREAS.items()})
    return world


def _make_users(world: World, villages: dict[str, Area]) -> None:
    """The log names users by id: low, in whatever database, so that none is taken for somebody's number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('registry_user', 'id'), 1)")
    district = Area.objects.get(code=AREAS["own"][:8])
    agencies = [
        Agency.objects.create(code="disperkim", name="Dinas Perumahan", short_name="Disperkim"),
        Agency.objects.create(code="dkp", name="Dinas Kelautan dan Perikanan", short_name="DKP"),
    ]
    cast: dict[str, tuple[str, dict[str, Any]]] = {
        "village_operator": (Role.VILLAGE_OPERATOR, {"area": villages["own"]}),
        "next_operator": (Role.VILLAGE_OPERATOR, {"area": villages["sibling"]}),
        "far_operator": (Role.VILLAGE_OPERATOR, {"area": villages["other"]}),
        "disabled": (Role.VILLAGE_OPERATOR, {"area": villages["own"]}),
        "district_verifier": (Role.DISTRICT_VERIFIER, {"area": district}),
        "social_office": (Role.SOCIAL_OFFICE, {}),
        "secretariat": (Role.SECRETARIAT, {}),
        "tkpk_member": (Role.TKPK_MEMBER, {}),
        "agency_office": (Role.AGENCY_OFFICE, {"agency": agencies[0]}),
        "agency_colleague": (Role.AGENCY_OFFICE, {"agency": agencies[0]}),
        "other_agency_office": (Role.AGENCY_OFFICE, {"agency": agencies[1]}),
        "auditor": (Role.AUDITOR, {}),
        "superadmin": (Role.SUPERADMIN, {}),
    }
    for name, (role, fields) in cast.items():
        world.users[name] = factories.user(name, role, first_name="Petugas", **fields)
    world.agency_of = {
        "agency_office": agencies[0].pk,
        "agency_token": agencies[0].pk,
        "other_agency_office": agencies[1].pk,
        "other_agency_token": agencies[1].pk,
    }
    world.things["agency"] = _everywhere(agencies[0].pk)
    world.things["area"] = {whose: village.pk for whose, village in villages.items()} | {"none": "64.99"}
    world.things["user"] = _by_area(
        own=world.users["village_operator"].pk,
        sibling=world.users["next_operator"].pk,
        other=world.users["far_operator"].pk,
    )


def _number_rows_from(place: Place) -> None:
    """The ids of people's rows are canaries too: each area's begin at a million of their own."""
    with connection.cursor() as cursor:
        for model in people_tables():
            column = model._meta.pk.column
            first = 7_000_000 + place.offset * 100_000 + next(serials) * 500
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [model._meta.db_table, column, first]
            )


def _fill(world: World, place: Place) -> None:
    """A poor household of two families, a comfortable one, and one that is closed."""
    poor = _household(place, poor=True)
    _household(place, poor=False)
    closed = _household(place, poor=True)
    services.close_household(
        household=closed, on=place.day(), reason="moved", evidence=place.word(), by=place.operator
    )
    services.change_household(
        household=closed, by=place.operator, closed_on=place.day(), closed_evidence=place.word()
    )
    member = poor.members.order_by("position").first()
    services.change_household(household=poor, by=place.operator, why=place.word(), address=place.word())
    services.change_member(member=member, by=place.operator, name=place.word(), birth_place=place.word())
    second = poor.families.last()
    services.change_family(family=second, by=place.operator, card_number=place.card())
    for kind, thing in {
        "household": poor,
        "family": poor.families.first(),
        "member": member,
        "assessment": poor.current_assessment,
        "status": poor.statuses.first(),
    }.items():
        world.things.setdefault(kind, {"none": NOTHING})[place.whose] = thing.pk


def _household(place: Place, *, poor: bool) -> Household:
    household = services.register_household(
        area=place.area,
        number=place.word(),
        address=place.word(),
        hamlet=place.word(),
        rw="001",
        rt="002",
        latitude=place.coordinate(0),
        longitude=place.coordinate(116),
        by=place.operator,
    )
    first, second = (
        services.add_family(household=household, by=place.operator, card_number=place.card())
        for _number in range(2)
    )
    head = _member(place, first, Relationship.HEAD)
    _member(place, first, Relationship.CHILD)
    _member(place, second, Relationship.CHILD, nik="", nik_missing="infant")
    gone = _member(place, second, Relationship.CHILD)
    services.change_member(
        member=gone, by=place.operator, closed_on=place.day(), closed_reason=Presence.values[1]
    )
    services.change_member(member=gone, by=place.operator, closed_on=place.day())
    answers = factories.POOR_ANSWERS if poor else factories.COMFORTABLE_ANSWERS
    head_answers = factories.POOR_HEAD if poor else factories.COMFORTABLE_HEAD
    WelfareDecile.objects.create(
        household=household, area=place.area, decile=2, source=place.word(), as_of=place.day()
    )
    services.record_assessment(
        household=household,
        assessed_on=place.day(),
        enumerator=place.word(),
        answers=answers
        | {
            "farm_land_area": place.number(7),
            "has_other_land": True,
            "other_land_area": place.number(7),
            "poultry": place.number(5),
        },
        member_answers={head.pk: head_answers | {"monthly_income": place.number(6 if poor else 8)}},
        by=place.operator,
    )
    household.refresh_from_db()
    return household


def _member(place: Place, family: Family, relationship: int, **fields: Any) -> Member:
    born, sex = place.born(), Sex.MALE
    details = {
        "name": place.word(),
        "nik": place.nik(born, sex),
        "sex": sex,
        "birth_place": place.word(),
        "birth_date": born,
        "household_relationship": relationship,
        "family_relationship": Relationship.HEAD if relationship == Relationship.HEAD else Relationship.CHILD,
    }
    return services.add_member(family=family, by=place.operator, **(details | fields))


def _make_programmes(world: World, places: dict[str, Place]) -> None:
    """Two agencies: each with an approved list and a draft that holds a household more."""
    secretariat, today = world.users["secretariat"], timezone.localdate()
    for role, code, statuses in (
        ("agency_office", "baiki-rumah", "very_poor,poor"),
        ("other_agency_office", "bantuan-nelayan", "near_poor,vulnerable,not_poor"),
    ):
        office = world.users[role]
        program = Program.objects.create(
            code=code,
            name=f"Program {code}",
            agency=office.agency,
            cluster=Program.Cluster.FAMILY,
            strategy=Program.Strategy.POCKETS,
            unit=Program.Unit.MEMBER,
            year=YEAR,
        )
        Criterion.objects.create(program=program, fact="status", comparison="one_of", value=statuses)
        Criterion.objects.create(program=program, fact="farm_land_area", comparison="at_least", value="1")
        _first, second = (
            approve_target_list(
                target_list=build_target_list(program=program, by=secretariat, on=today), by=secretariat
            )
            for _version in range(2)
        )
        _report(second, office, places)
        world.own_things["program", role] = {"own": program.pk}
        world.own_things["target_list", role] = {"own": second.pk}
    for place in places.values():
        _household(place, poor=True)
        _household(place, poor=False)
    offices = ("agency_office", "other_agency_office")
    for role, stranger in (offices, offices[::-1]):
        program = Program.objects.get(pk=world.own_things["program", role]["own"])
        draft = build_target_list(program=program, by=secretariat, on=today)
        for kind, mine in (("program", program.pk), ("target_list", draft.pk)):
            world.own_things[kind, role] |= {
                "sibling": mine,
                "other": world.own_things[kind, stranger]["own"],
                "none": NOTHING,
            }
    for kind in ("program", "target_list"):
        world.things[kind] = world.own_things[kind, "agency_office"]
        for role in offices:
            world.own_things[kind, role.replace("office", "token")] = world.own_things[kind, role]
    for role in (*offices, "agency_token", "other_agency_token"):
        lists = world.own_things["target_list", role]
        world.own_things["target_row", role] = {
            whose: _first_row(lists[whose]) if whose != "none" else NOTHING for whose in lists
        }
    world.things["target_row"] = world.own_things["target_row", "agency_office"]


def _first_row(target_list: int) -> int:
    """A row that nothing was reported on, where there is one."""
    return TargetList.objects.get(pk=target_list).rows.order_by("-rank").first().pk


def _report(target_list: TargetList, office: User, places: dict[str, Place]) -> None:
    for place in places.values():
        row = target_list.rows.filter(area=place.area).order_by("rank").first()
        report_realisation(
            target_row=row,
            outcome="delivered",
            realised_on=place.day(),
            amount=Decimal(place.number(8)),
            note=place.word(),
            reference=place.word(),
            by=office,
        )


def _make_imports(world: World, places: dict[str, Place]) -> None:
    """Of each operator: a confirmed file, and a checked one with rows of every verdict."""
    for place in places.values():
        world.things.setdefault("batch", {"none": NOTHING})[place.whose] = _import(
            world, place, place.operator
        )
    verifier = world.users["district_verifier"]
    batch = _import(world, places["own"], verifier)
    world.own_things["batch", "district_verifier"] = world.things["batch"] | {
        "own": batch,
        "sibling": world.things["batch"]["sibling"],
    }


def _import(world: World, place: Place, by: User) -> int:
    same, changed = _sheet_home(place), _sheet_home(place)
    first = _check(world, place, by, [same, changed])
    imports.confirm(first, by=by)
    moved = (changed[0] | {"address": place.word(), "farm_land_area": place.number(7)}, changed[1])
    odd, wrong = _sheet_home(place), _sheet_home(place, village=place.word())
    odd[1][0]["birth_date"] = place.born()  # not the one in the NIK: a warning that quotes it
    second = _check(world, place, by, [same, moved, odd, wrong])
    verdicts = set(second.rows.values_list("verdict", flat=True))
    assert verdicts == {"new", "changed", "same", "rejected"}, verdicts
    return second.pk


def _check(world: World, place: Place, by: User, homes: list[Any]) -> ImportBatch:
    path = world.folder / f"{place.word()}.xlsx"
    imports.fill_template(
        path, [home for home, _people in homes], [row for _home, rows in homes for row in rows]
    )
    with path.open("rb") as stream:
        batch = imports.upload(File(stream), name=path.name, by=by)
    world.area_of_batch[batch.pk] = place.area.pk
    return imports.check(batch)


def _sheet_home(place: Place, **answers: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    number, born = place.word(), place.born()
    home = {
        "household_number": number,
        "village": place.area.pk,
        "address": place.word(),
        "hamlet": place.word(),
        "latitude": place.coordinate(0),
        "longitude": place.coordinate(116),
        "assessed_on": place.day(),
        "enumerator": place.word(),
        "household_size": 1,
        "floor": 8,
        "farm_land_area": place.number(7),
        "decile": 3,
        "decile_source": place.word(),
        "decile_on": place.day(),
    }
    head = {
        "household_number": number,
        "card_number": place.card(),
        "member_number": 1,
        "name": place.word(),
        "nik": place.nik(born, Sex.MALE),
        "sex": "L",
        "birth_place": place.word(),
        "birth_date": born,
        "household_relationship": 1,
        "family_relationship": 1,
        "works": "Ya",
        "monthly_income": place.number(7),
    }
    return home | answers, [head]


def _make_requests(world: World, places: dict[str, Place]) -> None:
    """Of each village: one that waits, and one that was answered."""
    for whose, place in places.items():
        household = Household.objects.get(pk=world.things["household"][whose])
        waiting, answered = (
            receive_request(
                household=household, kind=kind, asker=place.word(), asked=place.word(), by=place.operator
            )
            for kind in ("correction", "objection")
        )
        office = world.users["social_office"]
        decide_request(request=answered, is_granted=False, outcome=place.word(), by=office)
        world.things.setdefault("request", {"none": NOTHING})[whose] = waiting.pk


def _make_tokens(world: World) -> None:
    """A key for each office, one of a colleague, and one that was revoked."""
    until = timezone.localdate() + timedelta(days=30)
    made: dict[str, ApiToken] = {}
    for name, role in (
        ("agency_token", "agency_office"),
        ("colleague", "agency_colleague"),
        ("other_agency_token", "other_agency_office"),
        ("revoked_token", "agency_office"),
    ):
        made[name], world.keys[name] = issue_token(
            by=world.users[role], name=name.replace("_", "-"), purpose=f"Verifikasi {name}", expires_on=until
        )
    revoke_token(token=made["revoked_token"], by=world.users["agency_office"])
    world.things["token"] = _by_area(
        own=made["agency_token"].pk, sibling=made["colleague"].pk, other=made["other_agency_token"].pk
    )
    world.own_things["token", "other_agency_office"] = _by_area(
        own=made["other_agency_token"].pk, sibling=made["colleague"].pk, other=made["agency_token"].pk
    )
    User.objects.filter(pk=world.users["disabled"].pk).update(is_active=False)


def _make_trails(world: World, places: dict[str, Place]) -> None:
    readings, deeds = {}, {}
    for whose, place in places.items():
        household = world.things["household"][whose]
        readings[whose] = AccessLog.objects.create(
            user=place.operator,
            role=place.operator.role,
            purpose="household page",
            route="household-detail",
            shown=Shown.RECORD,
            household_ids=[household],
            record_count=1,
        ).pk
        changed = AuditEvent.objects.filter(subject=f"household:{household}", verb="change_household")
        deeds[whose] = changed.latest("pk").pk
    world.things["reading"], world.things["deed"] = _by_area(**readings), _by_area(**deeds)


def _list_the_rest(world: World) -> None:
    scheme = PovertyStatus.objects.first().scheme_id
    world.things["scheme"] = _everywhere(scheme)
    world.things["report"] = _everywhere("coordination") | {"none": "no-such-report"}
    world.things["room"] = _everywhere("households")
    assert Assessment.objects.count() >= 12


def _everywhere(thing: Any) -> dict[str, Any]:
    """For what belongs to no area: one is as good as another."""
    return _by_area(own=thing, sibling=thing, other=thing)


def _by_area(**things: Any) -> dict[str, Any]:
    return things | {"none": NOTHING}
