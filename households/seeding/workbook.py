"""The workbook of a village as villages send it: mostly right, with mistakes that real files have."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from households.imports import fill_template
from households.questionnaire.blocks import QUESTIONS
from households.questionnaire.codes import Bitmask, Relationship
from households.seeding import home_answers, person_answers
from households.seeding.homes import Homes, Ids, Village
from households.seeding.names import street
from households.seeding.people import Home, Numbers, Person
from registry.models import Area

HOUSEHOLDS = 150
NUMBERS_BEGIN = 90  # far from those of the seeded registry
SEED = 1228
FIRST_FAULT, BETWEEN_FAULTS = 4, 9  # households

Row = dict[str, Any]


def write_workbook(
    path: Path,
    *,
    village: Area,
    on: date,
    households: int = HOUSEHOLDS,
    taken_nik: str = "",
    misspelling: str = "",
) -> None:
    """``taken_nik`` is that of somebody who is in the registry already, elsewhere; ``misspelling`` another
    name of the village. Without them those two mistakes are left out. Same arguments, same rows.
    """
    homes = list(_homes(village, on, households))
    rng = Random(SEED)  # noqa: S311 - invented data needs no cryptographic chance
    sheets = [_rows(rng, home, village) for home in homes]
    for place, fault in enumerate(_faults(taken_nik, misspelling)):
        at = FIRST_FAULT + place * BETWEEN_FAULTS
        if at < len(sheets):
            fault(*sheets[at])
    path.parent.mkdir(parents=True, exist_ok=True)
    members = [member for _household, people in sheets for member in people]
    fill_template(path, [household for household, _people in sheets], members)


def _homes(village: Area, on: date, households: int) -> Iterator[Home]:
    keys = count(1)
    place = Village(village.code, village.district_code, "Tenggarong", 1.0)
    ids = Ids(household=keys.__next__, member=keys.__next__)
    numbers = Numbers(begun=NUMBERS_BEGIN)
    yield from Homes([place], count=households, seed=SEED, on=on, ids=ids, numbers=numbers)


def _rows(rng: Random, home: Home, village: Area) -> tuple[Row, list[Row]]:
    number = f"V-{home.number}"
    said = [person_answers.answers_of(rng, person, home) for person in home.people]
    household: Row = {
        "household_number": number,
        "village": village.name,
        "address": street(rng),
        "rt": f"{rng.randrange(1, 9):03}",
        "assessed_on": home.assessed_on,
        "enumerator": "Petugas Contoh",
    }
    people = [
        _member(number, position, person, home, answers)
        for position, (person, answers) in enumerate(zip(home.people, said, strict=True), start=1)
    ]
    return household | _as_typed(home_answers.answers_of(rng, home, said[0])), people


def _member(number: str, position: int, person: Person, home: Home, answers: Mapping[str, int | None]) -> Row:
    return {
        "household_number": number,
        "family_number": person.seat.family + 1,
        "card_number": home.cards[person.seat.family],
        "member_number": position,
        "name": person.name,
        "nik": person.nik,
        "nik_missing": person.nik_missing,
        "sex": person.sex and person.sex.value,
        "birth_place": person.birth_place,
        "birth_date": person.birth_date,
        "household_relationship": person.seat.in_household.value,
        "family_relationship": person.seat.in_family.value,
        **_as_typed(answers),
    }


def _as_typed(answers: Mapping[str, int | None]) -> Row:
    """As people fill in a workbook: ticked boxes one beside the other, not their sum."""
    typed: Row = dict(answers)
    for name, value in answers.items():
        codes = QUESTIONS[name].answers
        if value is not None and codes and issubclass(codes, Bitmask):
            typed[name] = "; ".join(str(box.value) for box in codes.decode(value))
    return typed


Fault = Callable[[Row, list[Row]], None]


def _faults(taken_nik: str, misspelling: str) -> list[Fault]:
    """Each spoils one household, but for those a good reader forgives: another spelling, another order."""
    faults: list[Fault] = [
        _impossible_date,
        _nik_as_number,
        _nik_too_short,
        _unknown_village,
        _unknown_code,
        _members_before_head,
        _without_head,
        _month_first,
        _zero_before_codes,
        _other_household_number,
        _area_out_of_range,
    ]
    if taken_nik:
        faults.append(lambda _household, people: people[0].update(nik=taken_nik, nik_missing=""))
    if misspelling:
        faults.append(lambda household, _people: household.update(village=misspelling))
    return faults


def _impossible_date(_household: Row, people: list[Row]) -> None:
    people[0]["birth_date"] = "31/02/1988"


def _nik_as_number(_household: Row, people: list[Row]) -> None:
    people[0]["nik"] = int(people[0]["nik"] or "9906010101880001")
    people[0]["nik_missing"] = ""


def _nik_too_short(_household: Row, people: list[Row]) -> None:
    people[0]["nik"] = (people[0]["nik"] or "9906010101880002")[:15]
    people[0]["nik_missing"] = ""


def _unknown_village(household: Row, _people: list[Row]) -> None:
    household["village"] = f"Desa {household['village']} Baru"


def _unknown_code(household: Row, _people: list[Row]) -> None:
    household["floor"] = 12


def _members_before_head(_household: Row, people: list[Row]) -> None:
    people.reverse()


def _without_head(_household: Row, people: list[Row]) -> None:
    people[0]["household_relationship"] = Relationship.OTHER.value


def _month_first(household: Row, _people: list[Row]) -> None:
    household["assessed_on"] = "10/31/2026"


def _zero_before_codes(household: Row, _people: list[Row]) -> None:
    household.update(floor="02", roof="03")


def _other_household_number(_household: Row, people: list[Row]) -> None:
    people[-1]["household_number"] = "V-9999"


def _area_out_of_range(household: Row, _people: list[Row]) -> None:
    household["floor_area"] = 5400
