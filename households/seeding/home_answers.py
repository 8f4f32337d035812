"""A household's answers: dwelling, food and means, assets, programmes."""

from random import Random

from households.questionnaire.codes import DwellingTenure, Lighting, PowerCapacity, VisitResult
from households.seeding.distributions import (
    BANK_ACCOUNT,
    CLOSET,
    CLOTHES,
    FLOOR,
    FUEL,
    INTERNET,
    LAND_PROOF,
    LIGHTING,
    MEALS,
    POWER,
    PROTEIN,
    ROOF,
    TENURE,
    TOILET,
    WALL,
    WASTE,
    WATER,
    Draw,
    Place,
)
from households.seeding.people import Home
from households.seeding.person_answers import Answers

NO_DWELLING = 0.04  # of those in the greatest hardship
GREAT_HARDSHIP = 0.93
INCOMPLETE = 0.047
FROM_GROUND = (4, 5, 6, 7, 8)
TOILETS_IN_USE = (1, 2, 3)
LARGE_CYLINDER = (2, 3)
MASONRY = 1
FARMING = (1, 2, 3)

# How likely the household has it: well off, in hardship.
ASSETS = {
    "has_landline": (0.02, 0.0),
    "has_gold": (0.32, 0.01),
    "has_motorcycle": (0.93, 0.22),
    "has_bicycle": (0.35, 0.1),
    "has_car": (0.17, 0.0),
    "has_smartphone": (0.97, 0.42),
    "has_other_house": (0.05, 0.0),
}
APPLIANCES = {
    "has_refrigerator": (0.92, 0.12),
    "has_air_conditioner": (0.3, 0.0),
    "has_water_heater": (0.03, 0.0),
    "has_television": (0.82, 0.12),
    "has_computer": (0.3, 0.01),
}
BOATS = {
    Place.TOWN: {"has_boat": (0.01, 0.02), "has_motorboat": (0.01, 0.01)},
    Place.COAST: {"has_boat": (0.05, 0.2), "has_motorboat": (0.1, 0.05)},
    Place.INLAND: {"has_boat": (0.12, 0.36), "has_motorboat": (0.26, 0.12)},
}
MEANS = {
    "can_pay_health_care": (0.98, 0.06),
    "worried_about_food": (0.05, 0.9),
    "food_over_half": (0.3, 0.96),
    "has_savings": (0.95, 0.04),
}
PROGRAMMES = {
    "gets_food_aid": (0.05, 0.72),
    "gets_pkh": (0.03, 0.46),
    "gets_village_cash": (0.01, 0.2),
    "gets_electricity_subsidy": (0.3, 0.5),
    "gets_local_aid": (0.03, 0.2),
    "gets_fertiliser_subsidy": (0.05, 0.06),
    "gets_gas_subsidy": (0.35, 0.4),
}
LIVESTOCK = {
    "cattle": (0.03, 5),
    "buffalo": (0.01, 4),
    "horses": (0.001, 2),
    "pigs": (0.015, 6),
    "goats": (0.04, 8),
}
# What a hurried visit leaves out; each of these keeps the poverty status unknown.
LEFT_OUT = (
    "floor_area",
    "wall_is_poor_quality",
    "protein_per_week",
    "clothes_per_year",
    "meals_per_day",
    "can_pay_health_care",
    "has_savings",
    "toilet",
    "water",
)
BEDROOMS = Draw({1: 15, 2: 50, 3: 30, 4: 5})


def answers_of(rng: Random, home: Home, head: Answers) -> Answers:
    """``head`` are the answers of the head of household."""
    hardship = home.hardship
    answers: Answers = {
        "visit_result": VisitResult.COMPLETE,
        "household_size": len(home.people),
        "has_dwelling": not (hardship > GREAT_HARDSHIP and rng.random() < NO_DWELLING),
    }
    if answers["has_dwelling"]:
        answers |= _dwelling(rng, home) | _water_and_energy(rng, home)
    answers |= _means(rng, hardship, head)
    answers |= _owned(rng, home, answers)
    answers |= _yes_no(rng, PROGRAMMES, hardship)
    answers |= {"internet": INTERNET(rng, hardship), "bank_account": BANK_ACCOUNT(rng, hardship)}
    if rng.random() < INCOMPLETE:
        answers["visit_result"] = VisitResult.INCOMPLETE
        answers |= dict.fromkeys(rng.sample(LEFT_OUT, rng.randrange(1, 5)))
    return answers


def _dwelling(rng: Random, home: Home) -> Answers:
    hardship, people = home.hardship, len(home.people)
    is_cramped = rng.random() < hardship
    area = round(people * (rng.uniform(3.5, 7.7) if is_cramped else rng.uniform(9, 26)))
    wall = WALL[home.place](rng, hardship)
    tenure = TENURE(rng, hardship)
    return {
        "tenure": tenure,
        "land_proof": LAND_PROOF(rng, hardship) if tenure == DwellingTenure.OWNED else None,
        "floor_area": min(997, max(6, area) if is_cramped else max(21, area)),
        "floor": FLOOR[home.place](rng, hardship),
        "wall": wall,
        "wall_is_poor_quality": rng.random() < (0.9 * hardship if wall != MASONRY else 0.4 * hardship),
        "roof": ROOF[home.place](rng, hardship),
        "roof_is_poor_quality": rng.random() < 0.8 * hardship,
        "bedrooms": min(BEDROOMS(rng), people) if not is_cramped else 1,
    }


def _water_and_energy(rng: Random, home: Home) -> Answers:
    place, hardship = home.place, home.hardship
    water, lighting, toilet = (
        WATER[place](rng, hardship),
        LIGHTING[place](rng, hardship),
        TOILET[place](rng, hardship),
    )
    has_meter, is_used = lighting == Lighting.PLN_METERED, toilet in TOILETS_IN_USE
    return {
        "water": water,
        "water_distance": rng.choice((1, 2, 2, 3)) if water in FROM_GROUND else None,
        "lighting": lighting,
        "power": POWER(rng, hardship) if has_meter else None,
        "fuel": FUEL[place](rng, hardship),
        "toilet": toilet,
        "closet": CLOSET(rng, hardship) if is_used else None,
        "waste_disposal": WASTE[place](rng, hardship) if is_used else None,
    }


def _means(rng: Random, hardship: float, head: Answers) -> Answers:
    clothes = CLOTHES(rng, hardship)
    farms = head.get("sector") in FARMING
    is_smallholder = rng.random() < hardship
    return {
        "protein_per_week": PROTEIN(rng, hardship),
        "clothes_per_year": clothes,
        "bought_clothes": clothes > 0,
        "meals_per_day": MEALS(rng, hardship),
        "farm_land_area": (rng.randrange(0, 9) * 50 if is_smallholder else rng.randrange(5, 60) * 500)
        if farms
        else 0,
        **_yes_no(rng, MEANS, hardship),
    }


def _owned(rng: Random, home: Home, answers: Answers) -> Answers:
    hardship = home.hardship
    owned = _yes_no(rng, ASSETS, hardship) | _yes_no(rng, BOATS[home.place], hardship)
    has_power = answers.get("lighting") not in (None, Lighting.NOT_ELECTRIC)
    owned |= _yes_no(rng, APPLIANCES, hardship) if has_power else dict.fromkeys(APPLIANCES, False)
    if answers.get("power") == PowerCapacity.VA_450:
        owned["has_air_conditioner"] = False
    has_land = rng.random() < 0.3 - 0.25 * hardship
    owned |= {
        "has_gas_cylinder": answers.get("fuel") in LARGE_CYLINDER,
        "has_other_land": has_land,
        "other_land_area": rng.randrange(2, 200) * 100 if has_land else None,
        "poultry": rng.randrange(2, 30) if rng.random() < 0.2 else 0,
    }
    for animal, (share, most) in LIVESTOCK.items():
        owned[animal] = rng.randrange(1, most + 1) if rng.random() < share else 0
    return owned


def _yes_no(rng: Random, table: dict[str, tuple[float, float]], hardship: float) -> Answers:
    """The household shares its hardship with every answer, so each is drawn between the two chances."""
    return {name: rng.random() < well + (hard - well) * hardship for name, (well, hard) in table.items()}
