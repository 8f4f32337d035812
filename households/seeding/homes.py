"""A stream of invented households: the same seed gives the same stream, however long it is read."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from households.questionnaire.codes import MaritalStatus, Relationship, Sex
from households.seeding.distributions import (
    DISTRICT_WEIGHTS,
    OTHER_DISTRICT_WEIGHT,
    URBAN_VILLAGE_WEIGHT,
    Draw,
    hardship_of,
    place_of,
)
from households.seeding.names import misspelt
from households.seeding.people import Home, Numbers, Person, Seat, seats, settle
from registry.models import Area

TWINS = 0.01  # of all people are recorded a second time
REMEMBERED = 400  # people of a district from whom a twin may be taken; bounds the memory
LATEST_VISITS = 420  # days within which the households were visited; the first of them are stale by now
CARD_AGE = 4_000  # days


class Twin(NamedTuple):
    """Two records of one person, and how the second differs beside the spelling of the name."""

    first: int
    second: int
    difference: str


@dataclass(frozen=True, slots=True)
class Village:
    code: str
    district: str
    town: str
    weight: float


@dataclass(frozen=True, slots=True)
class Ids:
    """Where the next primary keys come from."""

    household: Callable[[], int]
    member: Callable[[], int]


def villages_of(areas: Sequence[Area]) -> list[Village]:
    """``areas`` are districts and their villages. Districts have their weight, shared by their villages."""
    towns = {area.code: area.name for area in areas if area.level == Area.Level.DISTRICT}
    places = [area for area in areas if area.level == Area.Level.VILLAGE]
    shares = {
        area.code: URBAN_VILLAGE_WEIGHT if area.kind == Area.Kind.URBAN_VILLAGE else 1 for area in places
    }
    totals = Counter[str]()
    for area in places:
        totals[area.district_code] += shares[area.code]
    return [
        Village(
            area.code,
            area.district_code,
            towns.get(area.district_code, ""),
            DISTRICT_WEIGHTS.get(area.district_code, OTHER_DISTRICT_WEIGHT)
            * shares[area.code]
            / totals[area.district_code],
        )
        for area in places
    ]


class Homes:
    """Iterate once; afterwards ``twins`` holds every pair that was planted."""

    def __init__(
        self,
        villages: Sequence[Village],
        *,
        count: int,
        seed: int,
        on: date,
        ids: Ids,
        numbers: Numbers | None = None,
    ) -> None:
        self.twins: list[Twin] = []
        self.rng = Random(seed)  # noqa: S311 - invented data needs no cryptographic chance
        self._villages, self._count, self._on, self._ids = villages, count, on, ids
        self._numbers = numbers or Numbers()
        self._next_in_village = Counter[str]()
        self._known: dict[str, deque[Person]] = {}

    def __iter__(self) -> Iterator[Home]:
        choose = Draw({place: village.weight for place, village in enumerate(self._villages)})
        for _household in range(self._count):
            yield self._home(self._villages[choose(self.rng)])

    def _home(self, village: Village) -> Home:
        rng, place = self.rng, place_of(village.district)
        self._next_in_village[village.code] += 1
        home = Home(
            id=self._ids.household(),
            village=village.code,
            district=village.district,
            place=place,
            number=f"{self._next_in_village[village.code]:04}",
            hardship=hardship_of(rng, place),
            assessed_on=self._on - timedelta(days=rng.randrange(LATEST_VISITS)),
        )
        known = self._known.setdefault(village.district, deque(maxlen=REMEMBERED))
        for seat in seats(rng):
            home.people.append(
                settle(rng, seat, home, id=self._ids.member(), numbers=self._numbers, town=village.town)
            )
        families = home.people[-1].seat.family + 1
        for _resident in range(len(home.people)):
            if known and rng.random() < TWINS:
                home.people.extend(self._twin(known, home))
        known.append(home.people[rng.randrange(len(home.people))])
        home.cards = [
            self._numbers.card(village.district, self._on - timedelta(days=rng.randrange(30, CARD_AGE)))
            for _family in range(families)
        ]
        return home

    def _twin(self, known: deque[Person], home: Home) -> Iterator[Person]:
        """One of ``known`` once more, a relative in another household, the name written by another clerk."""
        rng = self.rng
        place = rng.randrange(len(known))
        person = known[place]
        swapped = _swapped(person.birth_date)
        is_swapped = swapped is not None and rng.random() < 0.5
        birth_date = swapped if swapped is not None and is_swapped else person.birth_date
        age = _age(birth_date, home.assessed_on)
        if age < 0:
            return  # this household was visited before the child was born
        del known[place]
        twin = Person(
            id=self._ids.member(),
            seat=_as_relative(person, age),
            name=misspelt(rng, person.name),
            birth_date=birth_date,
            birth_place=person.birth_place,
            nik=self._numbers.nik(home.district, birth_date, is_female=person.is_female)
            if is_swapped
            else "",
            nik_missing="" if is_swapped else "card_lost",
            sex=Sex.FEMALE if person.is_female else Sex.MALE,
        )
        self.twins.append(Twin(person.id, twin.id, "day_and_month_swapped" if is_swapped else "nik_missing"))
        yield twin


def _as_relative(person: Person, age: int) -> Seat:
    marital = MaritalStatus.NEVER_MARRIED if age < 19 else person.seat.marital
    return Seat(0, Relationship.OTHER, Relationship.OTHER, age, person.is_female, marital)


def _swapped(birth_date: date) -> date | None:
    """Day and month exchanged, where that is another date."""
    if birth_date.day > 12 or birth_date.day == birth_date.month:
        return None
    return birth_date.replace(month=birth_date.day, day=birth_date.month)


def _age(birth_date: date, day: date) -> int:
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
