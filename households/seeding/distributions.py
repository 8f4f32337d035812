"""How answers are spread: by place, and by the hardship of the household that gives them.

Every question has two tables, one for households that are well off and one for those in hardship; a
household draws from the second as often as its hardship (0 to 1) says. So the poor are poor in many ways
at once, and every poverty status occurs.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import accumulate
from random import Random


class Place(StrEnum):
    TOWN = "town"
    COAST = "coast"
    INLAND = "inland"


# How many people live where, very roughly. These numbers only spread invented records over the districts;
# they are not a source for anything else.
DISTRICT_WEIGHTS: Mapping[str, int] = {
    "64.02.01": 18288, "64.02.02": 49377, "64.02.03": 67471, "64.02.04": 34747, "64.02.05": 45720,
    "64.02.06": 115213, "64.02.07": 41148, "64.02.08": 22110, "64.02.09": 10973, "64.02.10": 25603,
    "64.02.11": 42062, "64.02.12": 10973, "64.02.13": 35104, "64.02.14": 41561, "64.02.15": 19728,
    "64.02.16": 68579, "64.02.17": 26517, "64.02.18": 9144, "64.02.19": 13551, "64.02.20": 31513,
}  # fmt: skip
OTHER_DISTRICT_WEIGHT = 36_000
URBAN_VILLAGE_WEIGHT = 2  # a kelurahan holds about twice the people of a desa

INLAND = frozenset(
    ("64.02.01", "64.02.08", "64.02.09", "64.02.10", "64.02.11", "64.02.12", "64.02.18", "64.02.19")
)
COAST = frozenset(("64.02.04", "64.02.05", "64.02.13", "64.02.14", "64.02.15", "64.02.17"))


def place_of(district: str) -> Place:
    if district in INLAND:
        return Place.INLAND
    return Place.COAST if district in COAST else Place.TOWN


class Draw:
    """A weighted choice among codes; the weights need not add up to anything."""

    __slots__ = ("bounds", "codes")

    def __init__(self, weights: Mapping[int, float]) -> None:
        self.codes = tuple(weights)
        self.bounds = tuple(accumulate(weights.values()))

    def __call__(self, rng: Random) -> int:
        return self.codes[bisect_right(self.bounds, rng.random() * self.bounds[-1])]


@dataclass(frozen=True, slots=True)
class Spread:
    """``sharpness`` above 1 keeps the second table for the hardest off."""

    well: Draw
    hard: Draw
    sharpness: float = 1.0

    def __call__(self, rng: Random, hardship: float) -> int:
        return (self.hard if rng.random() < hardship**self.sharpness else self.well)(rng)


def spread(well: Mapping[int, float], hard: Mapping[int, float], sharpness: float = 1.0) -> Spread:
    return Spread(Draw(well), Draw(hard), sharpness)


def everywhere(one: Spread) -> Mapping[Place, Spread]:
    return dict.fromkeys(Place, one)


# Share of households, and from where to where their hardship lies.
HARDSHIP_TIERS = Draw({0: 2.8, 1: 7.8, 2: 11.4, 3: 22.0, 4: 56.0})
HARDSHIP_BOUNDS = ((0.93, 1.0), (0.72, 0.86), (0.5, 0.66), (0.22, 0.45), (0.0, 0.22))
INLAND_EXTRA = 0.04


def hardship_of(rng: Random, place: Place) -> float:
    low, high = HARDSHIP_BOUNDS[HARDSHIP_TIERS(rng)]
    extra = INLAND_EXTRA if place is Place.INLAND else 0.0
    return min(1.0, low + (high - low) * rng.random() + extra)


@cache
def _decile_bounds() -> tuple[float, ...]:
    """Where the deciles of hardship lie, hardest first, from a fixed sample."""
    rng = Random(0)  # noqa: S311 - invented data needs no cryptographic chance
    sample = sorted((hardship_of(rng, Place.TOWN) for _household in range(5_000)), reverse=True)
    return tuple(-sample[len(sample) * tenth // 10] for tenth in range(1, 10))


def decile_of(rng: Random, hardship: float) -> int:
    """1 is the poorest tenth. Near the hardship, not equal to it: the centre ranks by a model of its own."""
    seen = hardship + rng.gauss(0, 0.06)
    return bisect_right(_decile_bounds(), -seen) + 1


FAMILY_SIZE = Draw({1: 18.9, 2: 18.6, 3: 20.6, 4: 20.4, 5: 13.3, 6: 5.3, 7: 1.9, 8: 0.6, 9: 0.3, 10: 0.1})
FAMILIES = Draw({1: 91.0, 2: 8.0, 3: 1.0})

# Regsosek 2022.K codes from here on, with the weights of each answer.
TENURE = spread({1: 82, 2: 8, 3: 6, 4: 3, 5: 1}, {1: 62, 2: 6, 3: 27, 4: 1, 5: 4})
LAND_PROOF = spread({1: 58, 2: 4, 3: 3, 4: 8, 5: 22, 6: 5}, {1: 12, 2: 3, 3: 10, 4: 1, 5: 44, 6: 30})
FLOOR = {
    Place.TOWN: spread({2: 52, 6: 15, 3: 5, 4: 6, 5: 19, 1: 3}, {8: 30, 7: 34, 6: 18, 5: 18}, 1.6),
    Place.COAST: spread({2: 46, 6: 18, 3: 5, 4: 5, 5: 24, 1: 2}, {8: 30, 7: 32, 6: 12, 5: 26}, 1.6),
    Place.INLAND: spread({2: 20, 6: 9, 3: 4, 4: 2, 5: 64, 1: 1}, {8: 18, 7: 42, 6: 4, 5: 36}, 1.6),
}
WALL = {
    Place.TOWN: spread({1: 66, 3: 32, 2: 1, 7: 1}, {3: 58, 4: 14, 5: 8, 6: 8, 1: 6, 7: 6}),
    Place.COAST: spread({1: 58, 3: 40, 2: 1, 7: 1}, {3: 62, 4: 14, 5: 8, 6: 8, 1: 3, 7: 5}),
    Place.INLAND: spread({1: 25, 3: 73, 2: 1, 7: 1}, {3: 70, 4: 10, 5: 10, 6: 6, 1: 1, 7: 3}),
}
ROOF = everywhere(spread({3: 93, 2: 4, 1: 2, 4: 1}, {3: 80, 7: 15, 4: 2, 5: 3}))
WATER = {
    Place.TOWN: spread({2: 62, 3: 26, 4: 5, 5: 3, 1: 3, 7: 1}, {6: 34, 9: 30, 10: 26, 2: 4, 3: 6}),
    Place.COAST: spread({2: 64, 3: 18, 4: 8, 5: 5, 1: 3, 10: 2}, {6: 38, 10: 34, 9: 20, 2: 4, 5: 4}),
    Place.INLAND: spread({2: 48, 3: 16, 4: 6, 5: 5, 9: 16, 10: 8, 1: 1}, {9: 66, 10: 26, 6: 4, 2: 2, 8: 2}),
}
LIGHTING = {
    Place.TOWN: spread({1: 97, 2: 2.5, 3: 0.5}, {4: 62, 2: 22, 3: 6, 1: 10}, 3.4),
    Place.COAST: spread({1: 96, 2: 3, 3: 1}, {4: 64, 2: 20, 3: 8, 1: 8}, 3.4),
    Place.INLAND: spread({1: 84, 2: 8, 3: 8}, {4: 66, 2: 14, 3: 16, 1: 4}, 3.4),
}
POWER = spread({2: 55, 3: 30, 4: 10, 5: 2, 1: 3}, {1: 62, 2: 36, 3: 2})
FUEL = {
    Place.TOWN: spread({4: 82, 5: 6, 3: 5, 2: 3, 1: 2, 12: 2}, {10: 76, 7: 8, 9: 6, 4: 10}, 1.2),
    Place.COAST: spread({4: 80, 5: 9, 3: 5, 2: 3, 1: 2, 12: 1}, {10: 76, 7: 10, 9: 6, 4: 8}, 1.2),
    Place.INLAND: spread({4: 84, 3: 3, 2: 3, 7: 2, 10: 8}, {10: 90, 7: 4, 9: 2, 4: 4}, 1.2),
}
TOILET = {
    Place.TOWN: spread({1: 97, 2: 3}, {2: 42, 6: 26, 3: 10, 4: 16, 5: 4, 1: 2}),
    Place.COAST: spread({1: 95, 2: 5}, {2: 40, 6: 32, 3: 8, 4: 14, 5: 4, 1: 2}),
    Place.INLAND: spread({1: 84, 2: 12, 3: 4}, {2: 42, 6: 28, 3: 14, 4: 12, 5: 2, 1: 2}),
}
CLOSET = spread({1: 95, 2: 4, 3: 1}, {1: 22, 2: 14, 3: 20, 4: 44})
WASTE = {
    Place.TOWN: spread({1: 93, 2: 3, 3: 2, 4: 2}, {1: 24, 4: 40, 3: 26, 5: 10}),
    Place.COAST: spread({1: 88, 2: 2, 3: 6, 4: 4}, {1: 18, 4: 34, 3: 34, 5: 14}),
    Place.INLAND: spread({1: 62, 2: 1, 3: 30, 4: 7}, {1: 8, 3: 70, 4: 16, 5: 6}),
}
PROTEIN = spread({2: 14, 3: 24, 4: 22, 5: 16, 6: 8, 7: 16}, {0: 40, 1: 55, 2: 5})
CLOTHES = spread({2: 30, 3: 30, 4: 22, 5: 10, 6: 8}, {0: 42, 1: 54, 2: 4})
MEALS = spread({3: 97, 2: 3}, {2: 78, 1: 12, 3: 10}, 1.5)
INTERNET = spread({3: 72, 2: 12, 1: 12, 0: 4}, {0: 58, 3: 40, 2: 2})
BANK_ACCOUNT = spread({2: 66, 3: 12, 1: 4, 4: 18}, {4: 66, 2: 33, 1: 1})
