"""Who lives in an invented household: families, ages and kinship that could be true, names and numbers."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import NamedTuple

from households.identifiers import FEMALE_DAY, SAMPLE_PREFIX
from households.questionnaire.codes import MaritalStatus, Relationship, Sex
from households.seeding.distributions import FAMILIES, FAMILY_SIZE, Draw, Place
from households.seeding.names import name_of

SERIALS = 9_999  # a NIK and a family card number end in 0001 to 9999

HEAD_AGE_ALONE = Draw({20: 14, 31: 20, 46: 26, 61: 40})
HEAD_AGE = Draw({24: 22, 35: 28, 45: 25, 55: 16, 65: 9})
BAND = 11  # years from the start of a band, so that neighbouring bands touch

ELDEST_AT_HOME = 34
MOTHER_FROM, MOTHER_TO = 19, 42
LEAST_AGE_WITH_GROWN_CHILD = 48

NIK_MISSING = 0.015
NIK_MISSING_INFANT = 0.14
WHY_MISSING = ("not_registered", "not_shown", "card_lost", "other")
WHY = Draw({0: 45, 1: 25, 2: 20, 3: 10})
SEX_BLANK = 0.02

# How the members of a child's own family stand to the head of the household.
AS_SEEN_BY_THE_HEAD = {
    Relationship.HEAD: Relationship.CHILD,
    Relationship.SPOUSE: Relationship.CHILD_IN_LAW,
    Relationship.CHILD: Relationship.GRANDCHILD,
}


class Seat(NamedTuple):
    """A place in a household before anybody with a name sits in it."""

    family: int
    in_household: Relationship
    in_family: Relationship
    age: int
    is_female: bool
    marital: MaritalStatus


@dataclass(slots=True)
class Person:
    """``age`` is that on the day of the assessment; ``sex`` what was recorded, None where left blank."""

    id: int
    seat: Seat
    name: str
    birth_date: date
    birth_place: str
    nik: str
    nik_missing: str
    sex: Sex | None

    @property
    def age(self) -> int:
        return self.seat.age

    @property
    def is_female(self) -> bool:
        return self.seat.is_female


@dataclass(slots=True)
class Home:
    """One household as it will be written."""

    id: int
    village: str
    district: str
    place: Place
    number: str
    hardship: float
    assessed_on: date
    people: list[Person] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)

    @property
    def head(self) -> Person:
        return self.people[0]


class Numbers:
    """NIKs and family card numbers, unique by construction: nobody in a district shares a running number.

    The digits are 99, two of the district, two that count up whenever the serial begins again, the date, and
    the serial. Room for 999,900 people and as many families in each district. Two sources that begin at
    different counts (``begun``, 0 to 99) do not meet before the first has used up the numbers between.
    """

    def __init__(self, begun: int = 0) -> None:
        self._begun = begun
        self._people = Counter[str]()
        self._families = Counter[str]()

    def nik(self, district: str, born: date, *, is_female: bool) -> str:
        day = born.day + (FEMALE_DAY if is_female else 0)
        return self._number(self._people, district, f"{day:02}{born:%m%y}")

    def card(self, district: str, issued: date) -> str:
        return self._number(self._families, district, f"{issued:%d%m%y}")

    def _number(self, counter: Counter[str], district: str, day: str) -> str:
        rounds, serial = divmod(counter[district], SERIALS)
        begun = self._begun + rounds
        if begun > 99:
            raise OverflowError(f"No sample numbers are left in {district}.")
        counter[district] += 1
        return f"{SAMPLE_PREFIX}{district[-2:]}{begun:02}{day}{serial + 1:04}"


def seats(rng: Random) -> Iterator[Seat]:
    """The head first; then the head's family, then the other families of the household."""
    sizes = [FAMILY_SIZE(rng) for _family in range(FAMILIES(rng))]
    head_age = _head_age(rng, sizes[0])
    if any(size > 1 for size in sizes[1:]):
        head_age = max(head_age, LEAST_AGE_WITH_GROWN_CHILD + rng.randrange(12))
    for relationship, age, is_female, marital in _family(rng, sizes[0], head_age):
        yield Seat(0, relationship, relationship, age, is_female, marital)
    for number, size in enumerate(sizes[1:], start=1):
        yield from _other_family(rng, number, size, head_age)


def _other_family(rng: Random, number: int, size: int, head_age: int) -> Iterator[Seat]:
    """A child's family; someone alone is a parent of the head, or a relative when too old for that."""
    if size == 1:
        age = head_age + rng.randrange(19, 31)
        is_parent = age <= 92
        relationship = Relationship.PARENT if is_parent else Relationship.OTHER
        age = age if is_parent else rng.randrange(40, 80)
        yield Seat(number, relationship, Relationship.HEAD, age, rng.random() < 0.7, MaritalStatus.WIDOWED)
        return
    oldest = min(45, head_age - MOTHER_FROM)
    age = rng.randrange(min(19 + 2 * size, oldest), oldest + 1)
    for relationship, years, is_female, marital in _family(rng, size, age, with_parents=False):
        in_household = AS_SEEN_BY_THE_HEAD.get(relationship, Relationship.OTHER)
        yield Seat(number, in_household, relationship, years, is_female, marital)


def _head_age(rng: Random, size: int) -> int:
    if size == 1:
        return HEAD_AGE_ALONE(rng) + rng.randrange(BAND + 6)
    return max(HEAD_AGE(rng) + rng.randrange(BAND), 22 + 2 * size)


def _family(
    rng: Random, size: int, head_age: int, *, with_parents: bool = True
) -> Iterator[tuple[Relationship, int, bool, MaritalStatus]]:
    """``size`` people, the head first: relationship, age, whether female, marital status."""
    has_spouse = size > 1 and rng.random() < (0.62 if size == 2 else 0.88)
    head_is_female = not has_spouse and rng.random() < (0.78 if size > 1 else 0.5)
    marital = MaritalStatus.MARRIED if has_spouse else _single(rng, head_age, is_parent=size > 1)
    yield Relationship.HEAD, head_age, head_is_female, marital
    left = size - 1
    mother_age = head_age if head_is_female else head_age - 2
    if has_spouse:
        mother_age = max(MOTHER_FROM, round(head_age - 3 + rng.gauss(0, 3.5)))
        yield Relationship.SPOUSE, mother_age, True, MaritalStatus.MARRIED
        left -= 1
    if with_parents and left and head_age < 62 and rng.random() < 0.1:
        age = head_age + rng.randrange(19, 33)
        yield Relationship.PARENT, age, rng.random() < 0.7, MaritalStatus.WIDOWED
        left -= 1
    younger = min(head_age, mother_age)
    for age in _ages_of_children(rng, left, younger):
        relationship = Relationship.CHILD if age <= younger - MOTHER_FROM else Relationship.OTHER
        yield relationship, age, rng.random() < 0.49, MaritalStatus.NEVER_MARRIED


def _single(rng: Random, age: int, *, is_parent: bool) -> MaritalStatus:
    if not is_parent and (age < 30 or rng.random() < 0.15):
        return MaritalStatus.NEVER_MARRIED
    return MaritalStatus.WIDOWED if rng.random() < (0.75 if age > 50 else 0.35) else MaritalStatus.DIVORCED


def _ages_of_children(rng: Random, count: int, parent_age: int) -> list[int]:
    """Eldest first, and apart from each other where the age of the younger parent leaves room."""
    youngest = max(0, parent_age - MOTHER_TO)
    eldest = max(youngest, min(parent_age - MOTHER_FROM, max(ELDEST_AT_HOME, youngest + 6)))
    years = range(youngest, eldest + 1)
    if count <= len(years):
        return sorted(rng.sample(years, count), reverse=True)
    return sorted((rng.choice(years) for _child in range(count)), reverse=True)


def born(rng: Random, day: date, age: int) -> date:
    """A date of birth of somebody who is ``age`` years old on ``day``."""
    is_leap_day = (day.month, day.day) == (2, 29)
    birthday = date(day.year - age, day.month, 28 if is_leap_day else day.day)
    return date.fromordinal(birthday.toordinal() - rng.randrange(365))


def settle(rng: Random, seat: Seat, home: Home, *, id: int, numbers: Numbers, town: str) -> Person:
    """Somebody to sit in the seat. ``town`` is where those from here were born."""
    birth_date = born(rng, home.assessed_on, seat.age)
    nik = numbers.nik(home.district, birth_date, is_female=seat.is_female)
    nik_missing = _why_nik_is_missing(rng, seat.age)
    return Person(
        id=id,
        seat=seat,
        name=name_of(rng, is_female=seat.is_female, age=seat.age),
        birth_date=birth_date,
        birth_place=town if rng.random() < 0.8 else "Samarinda",
        nik="" if nik_missing else nik,
        nik_missing=nik_missing,
        sex=None if rng.random() < SEX_BLANK else (Sex.FEMALE if seat.is_female else Sex.MALE),
    )


def _why_nik_is_missing(rng: Random, age: int) -> str:
    if age < 2 and rng.random() < NIK_MISSING_INFANT:
        return "infant"
    return WHY_MISSING[WHY(rng)] if rng.random() < NIK_MISSING else ""
