"""A member's answers: schooling, work, business, health, protection; in step with age and each other."""

from random import Random

from households.questionnaire.blocks import DIFFICULTIES
from households.questionnaire.codes import (
    Difficulty,
    EducationLevel,
    Grade,
    MaritalStatus,
    Relationship,
    SchoolAttendance,
    Sector,
    WorkStatus,
)
from households.seeding.distributions import Draw, Place, spread
from households.seeding.people import Home, Person

Answers = dict[str, int | None]

NO_DIPLOMA = 23
DROPPED_OUT, NEVER_WENT = -1, 0  # beside the levels of EDUCATION
EDUCATION = spread(
    {NEVER_WENT: 1, DROPPED_OUT: 3, 3: 14, 4: 2, 8: 15, 9: 2, 13: 36, 15: 10, 18: 4, 19: 12, 21: 1},
    {NEVER_WENT: 18, DROPPED_OUT: 26, 3: 46, 4: 4, 8: 4, 13: 2},
    0.8,
)
# (last age, levels with weights, age at which grade 1 is attended, diploma held)
SCHOOLS = (
    (12, Draw({3: 86, 4: 14}), 6, NO_DIPLOMA),
    (15, Draw({8: 82, 9: 18}), 12, EducationLevel.PRIMARY),
    (18, Draw({13: 56, 15: 34, 14: 10}), 15, EducationLevel.LOWER),
    (24, Draw({19: 82, 18: 18}), 18, EducationLevel.UPPER),
)
# Until which age, how likely a pupil without hardship and one in full hardship are still at school.
ATTENDANCE = ((6, 0.5, 0.3), (12, 0.995, 0.95), (15, 0.98, 0.8), (18, 0.93, 0.45), (24, 0.3, 0.01))
BELOW = {
    EducationLevel.LOWER: EducationLevel.PRIMARY,
    EducationLevel.LOWER_ISLAMIC: EducationLevel.PRIMARY,
    EducationLevel.UPPER: EducationLevel.LOWER,
}

WORKS = (
    (15, 0.0, 0.0),
    (18, 0.25, 0.12),
    (24, 0.72, 0.42),
    (59, 0.95, 0.44),
    (69, 0.62, 0.22),
    (200, 0.2, 0.05),
)
SECTOR = {
    Place.TOWN: spread(
        {12: 20, 20: 14, 7: 15, 11: 9, 21: 8, 13: 8, 24: 9, 1: 5, 3: 5, 8: 4, 14: 3, 22: 3},
        {11: 30, 1: 24, 3: 10, 24: 12, 12: 10, 4: 6, 13: 4, 5: 4},
    ),
    Place.COAST: spread(
        {7: 18, 4: 13, 12: 18, 11: 8, 20: 8, 21: 6, 13: 8, 8: 6, 3: 5, 24: 8, 9: 2},
        {4: 48, 11: 14, 3: 14, 1: 8, 12: 8, 24: 8},
    ),
    Place.INLAND: spread(
        {3: 23, 4: 14, 1: 10, 12: 14, 20: 9, 21: 7, 7: 8, 11: 5, 13: 4, 6: 3, 24: 3},
        {4: 38, 1: 22, 3: 24, 11: 7, 6: 4, 12: 5},
    ),
}
FARMING = frozenset(
    (Sector.FOOD_CROPS, Sector.HORTICULTURE, Sector.PLANTATION, Sector.LIVESTOCK, Sector.FORESTRY)
)
PUBLIC = frozenset((Sector.GOVERNMENT, Sector.EDUCATION, Sector.HEALTH))
STATUS_FARMING = spread({1: 48, 2: 22, 4: 26, 3: 4}, {6: 62, 1: 36, 2: 2})
STATUS_FISHERY = spread({1: 58, 2: 30, 4: 12}, {1: 84, 6: 16})
STATUS_PUBLIC = spread({5: 62, 4: 38}, {4: 100})
STATUS_BUILDING = spread({4: 72, 1: 14, 3: 5, 7: 9}, {7: 95, 1: 5})
STATUS_TRADE = spread({1: 54, 2: 15, 3: 7, 4: 24}, {1: 66, 7: 24, 8: 10})
OWN_ACCOUNT = (WorkStatus.SELF_EMPLOYED, WorkStatus.EMPLOYER_OF_CASUAL, WorkStatus.EMPLOYER)
TURNOVER = spread({1: 52, 2: 30, 3: 10, 4: 7, 5: 1}, {1: 97, 2: 3})
PERMIT = spread({11: 62, 4: 28, 2: 6, 5: 4}, {11: 96, 4: 4})

NUTRITION = spread({3: 88, 8: 6, 2: 4, 1: 2}, {2: 20, 1: 12, 3: 56, 8: 12})
SADNESS = spread({4: 86, 3: 12, 2: 2}, {4: 55, 3: 30, 2: 11, 1: 4})
CHRONIC = Draw({1: 62, 2: 16, 3: 9, 6: 5, 13: 3, 5: 2, 4: 1.4, 8: 1, 7: 0.6})
INSURANCE = spread({1: 20, 2: 26, 4: 42, 0: 12}, {1: 76, 0: 24})
DIFFICULTY_FIELDS = frozenset(question.field for question in DIFFICULTIES)
FAMILY_CARES, OUTSIDER_CARES, LIVES_ALONE = 1, 2, 3
YES, NO = 1, 2


def answers_of(rng: Random, person: Person, home: Home) -> Answers:
    answers: Answers = {
        "presence": 5 if person.age == 0 and rng.random() < 0.5 else 1,
        "marital_status": person.seat.marital,
    }
    answers |= _papers(rng, person, home.hardship)
    answers |= _schooling(rng, person, home.hardship)
    answers |= _work(rng, person, home, is_pupil=answers["school_attendance"] == SchoolAttendance.AT_SCHOOL)
    answers |= _health(rng, person, home)
    answers |= _protection(rng, person, home.hardship, answers)
    return answers


def _papers(rng: Random, person: Person, hardship: float) -> Answers:
    has_birth_certificate = rng.random() < (0.93 if person.age < 18 else 0.6) - 0.3 * hardship
    card = 4 if person.age >= 17 else 2
    has_card = bool(person.nik) and rng.random() < (0.99 if card == 4 else 0.4)
    is_asked = (
        person.is_female and 10 <= person.age < 55 and person.seat.marital != MaritalStatus.NEVER_MARRIED
    )
    is_pregnant = (
        19 <= person.age <= 42 and person.seat.marital == MaritalStatus.MARRIED and rng.random() < 0.06
    )
    return {
        "documents": has_birth_certificate + card * has_card,
        "is_pregnant": is_pregnant if is_asked else None,
    }


def _schooling(rng: Random, person: Person, hardship: float) -> Answers:
    if person.age < 6:
        return {"school_attendance": SchoolAttendance.NEVER}
    if (
        rng.random() < _chance(ATTENDANCE, person.age, hardship)
        and person.seat.marital == MaritalStatus.NEVER_MARRIED
    ):
        return _pupil(rng, person.age)
    if person.age < 7:
        return {"school_attendance": SchoolAttendance.NEVER}
    # Who is older went to school when there was less of it.
    level = EDUCATION(rng, min(1.0, hardship + max(0, person.age - 50) / 100))
    if person.age < 19:
        level = _reached_by(person.age, level)
    if level == NEVER_WENT:
        return {"school_attendance": SchoolAttendance.NEVER}
    if level == DROPPED_OUT:
        grade = rng.randrange(1, min(6, max(2, person.age - 6)))
        return _left(EducationLevel.PRIMARY, grade, NO_DIPLOMA)
    if level in BELOW and rng.random() < 0.08:
        return _left(level, rng.randrange(1, 3), BELOW[EducationLevel(level)])
    return _left(level, Grade.GRADUATED, level)


def _pupil(rng: Random, age: int) -> Answers:
    _last, levels, from_age, diploma = next(school for school in SCHOOLS if age <= school[0])
    return {
        "school_attendance": SchoolAttendance.AT_SCHOOL,
        "education_level": levels(rng),
        "grade": max(1, age - from_age),
        "diploma": diploma,
    }


def _left(level: int, grade: int, diploma: int) -> Answers:
    return {
        "school_attendance": SchoolAttendance.LEFT,
        "education_level": level,
        "grade": grade,
        "diploma": diploma,
    }


def _reached_by(age: int, level: int) -> int:
    """A child out of school cannot have gone further than the years allow."""
    if age < 13:
        return min(level, DROPPED_OUT) if level != NEVER_WENT else NEVER_WENT
    return min(level, EducationLevel.PRIMARY if age < 16 else EducationLevel.LOWER)


def _work(rng: Random, person: Person, home: Home, *, is_pupil: bool) -> Answers:
    if person.age < 5:
        return {}
    works = not is_pupil and rng.random() < _chance_of_work(person)
    answers: Answers = {"works": works, "owns_business": False}
    if person.age >= 15:
        answers["monthly_income"] = _income(rng, person, home.hardship, works=works)
    if not works:
        return answers
    sector = SECTOR[home.place](rng, home.hardship)
    status = _status(rng, person, sector, home.hardship)
    answers |= {
        "work_hours": rng.randrange(15, 61),
        "sector": sector,
        "work_status": status,
        "tax_number": 3 if rng.random() < 0.5 + home.hardship / 2 else rng.randrange(1, 3),
    }
    if status in OWN_ACCOUNT and sector not in FARMING:
        answers |= _business(rng, sector, status, home.hardship)
    return answers


def _chance_of_work(person: Person) -> float:
    """By age, and by sex; who heads a household works more often."""
    _last, man, woman = next(row for row in WORKS if person.age <= row[0])
    chance = woman if person.is_female else man
    return min(0.97, chance + 0.25) if person.seat.in_household == Relationship.HEAD else chance


def _status(rng: Random, person: Person, sector: int, hardship: float) -> int:
    if person.seat.in_household != Relationship.HEAD and sector in FARMING and rng.random() < 0.3:
        return WorkStatus.FAMILY_WORKER
    if sector in FARMING:
        return STATUS_FARMING(rng, hardship)
    if sector == Sector.FISHERY:
        return STATUS_FISHERY(rng, hardship)
    if sector in PUBLIC:
        return STATUS_PUBLIC(rng, hardship)
    if sector in (Sector.CONSTRUCTION, Sector.MINING):
        return STATUS_BUILDING(rng, hardship)
    return STATUS_TRADE(rng, hardship)


def _income(rng: Random, person: Person, hardship: float, *, works: bool) -> int:
    """Rupiah a month. Who does not work has none, but for the pension or the children's money of a head."""
    little, enough = rng.randrange(15, 59) * 10_000, rng.randrange(20, 80) * 100_000
    income = little if rng.random() < hardship else enough
    if works:
        return income
    return income // 2 if person.seat.in_household == Relationship.HEAD else 0


def _business(rng: Random, sector: int, status: int, hardship: float) -> Answers:
    return {
        "owns_business": True,
        "business_count": 1 if rng.random() < 0.95 else 2,
        "business_sector": sector,
        "paid_workers": rng.randrange(1, 6) if status == WorkStatus.EMPLOYER else 0,
        "unpaid_workers": rng.randrange(1, 3) if status == WorkStatus.EMPLOYER_OF_CASUAL else 0,
        "business_permit": PERMIT(rng, hardship),
        "turnover": TURNOVER(rng, hardship),
        "business_internet": 0 if rng.random() < 0.4 + hardship / 2 else rng.randrange(1, 8),
    }


def _health(rng: Random, person: Person, home: Home) -> Answers:
    answers: Answers = {"chronic_illness": CHRONIC(rng) if person.age >= 30 else 1}
    if person.age < 5:
        answers["nutrition"] = NUTRITION(rng, home.hardship)
    asked = (
        [question.field for question in DIFFICULTIES[: 9 if person.age >= 5 else 6]]
        if person.age >= 2
        else []
    )
    answers |= dict.fromkeys(asked, Difficulty.NONE)
    chance = 0.012 + max(0, person.age - 60) / 250
    while asked and rng.random() < chance:
        answers[rng.choice(asked)] = rng.choice((1, 2, 2, 3, 3))
    if person.age >= 5:
        answers["sadness"] = SADNESS(rng, home.hardship)
    if _needs_care(person, answers):
        is_alone = len(home.people) == 1
        answers["carer"] = (
            LIVES_ALONE if is_alone else (FAMILY_CARES if rng.random() < 0.94 else OUTSIDER_CARES)
        )
    return answers


def _needs_care(person: Person, answers: Answers) -> bool:
    great = any(answers.get(name) in (1, 2) for name in DIFFICULTY_FIELDS)
    return person.age >= 60 or great or answers.get("sadness") in (1, 2)


def _protection(rng: Random, person: Person, hardship: float, answers: Answers) -> Answers:
    insured: Answers = {"health_insurance": INSURANCE(rng, hardship)}
    if person.age < 5:
        return insured
    is_grown = person.age >= 18
    owns_business = bool(answers.get("owns_business"))
    insured |= {
        "in_prakerja": YES if is_grown and rng.random() < 0.02 else NO,
        "in_kur": YES if owns_business and rng.random() < 0.1 else NO,
        "in_umi": YES if owns_business and rng.random() < 0.04 else NO,
    }
    if person.age <= 30:
        is_pupil = answers["school_attendance"] == SchoolAttendance.AT_SCHOOL
        insured["in_pip"] = YES if is_pupil and rng.random() < 0.05 + hardship / 2 else NO
    if person.age >= 15:
        is_employed = answers.get("work_status") in (WorkStatus.EMPLOYEE, WorkStatus.PUBLIC_SERVANT)
        insured["work_insurance"] = rng.choice((3, 7, 15)) if is_employed and rng.random() < 0.7 else 0
    return insured


def _chance(table: tuple[tuple[int, float, float], ...], age: int, hardship: float) -> float:
    """Between the chance without hardship and that in full hardship; none beyond the last age."""
    for last, well, hard in table:
        if age <= last:
            return well + (hard - well) * hardship
    return 0.0
