"""The questionnaire as data: blocks of questions in their order, and when each question is asked.

Form, printed form, workbook template and import all read these blocks, so they cannot disagree.
"""

from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from households.questionnaire import codes
from households.questionnaire.codes import (
    Difficulty,
    DwellingTenure,
    Lighting,
    MaritalStatus,
    Presence,
    SchoolAttendance,
    Sex,
    Toilet,
    WaterSource,
    YesNoUnknown,
)
from households.questionnaire.questions import AnswerIn, Block, Condition, Question


def _gated(gate: Condition, *questions: Question) -> tuple[Question, ...]:
    return tuple(replace(question, gate=gate) for question in questions)


def _aged(sentence: Promise, lowest: int, highest: int = 200) -> Condition:
    return Condition(sentence, (AnswerIn("age", range(lowest, highest + 1)),))


HAS_DWELLING = Condition(
    _("Asked unless the household has no dwelling."), (AnswerIn("has_dwelling", (True, None)),)
)
OWNS_DWELLING = Condition(
    _("Asked when the dwelling is the household's own."), (AnswerIn("tenure", (DwellingTenure.OWNED,)),)
)
WATER_FROM_GROUND = Condition(
    _("Asked when the water comes from a borehole, well or spring."),
    (
        AnswerIn(
            "water",
            (
                WaterSource.BOREHOLE,
                WaterSource.PROTECTED_WELL,
                WaterSource.UNPROTECTED_WELL,
                WaterSource.PROTECTED_SPRING,
                WaterSource.UNPROTECTED_SPRING,
            ),
        ),
    ),
)
HAS_METER = Condition(
    _("Asked when the light is PLN electricity with a meter."),
    (AnswerIn("lighting", (Lighting.PLN_METERED,)),),
)
USES_TOILET = Condition(
    _("Asked when the family uses its own, a shared or a communal toilet."),
    (AnswerIn("toilet", (Toilet.OWN, Toilet.SHARED, Toilet.COMMUNAL)),),
)
HAS_OTHER_LAND = Condition(_("Asked when there is other land."), (AnswerIn("has_other_land", (True,)),))
BELONGS_TO_FAMILY = Condition(
    _("Asked of members who live with the family or are new in it."),
    (AnswerIn("presence", (Presence.LIVES_WITH_FAMILY, Presence.NEW_MEMBER, None)),),
)
MAY_BE_PREGNANT = Condition(
    _("Asked of women aged 10 to 54 who are or were married."),
    (
        AnswerIn("sex", (Sex.FEMALE,)),
        AnswerIn("age", range(10, 55)),
        AnswerIn("marital_status", (MaritalStatus.MARRIED, MaritalStatus.DIVORCED, MaritalStatus.WIDOWED)),
    ),
)
WENT_TO_SCHOOL = Condition(
    _("Asked of those who go or went to school."),
    (AnswerIn("school_attendance", (SchoolAttendance.AT_SCHOOL, SchoolAttendance.LEFT)),),
)
WORKS = Condition(_("Asked of those who worked in the past week."), (AnswerIn("works", (True,)),))
OWNS_BUSINESS = Condition(_("Asked of those who own a business."), (AnswerIn("owns_business", (True,)),))
UNDER_5 = _aged(_("Asked of children under 5."), 0, 4)
FROM_2 = _aged(_("Asked from the age of 2."), 2)
FROM_5 = _aged(_("Asked from the age of 5."), 5)
FROM_5_TO_30 = _aged(_("Asked from the age of 5 to 30."), 5, 30)
FROM_15 = _aged(_("Asked from the age of 15."), 15)

DIFFICULTIES = (
    Question("difficulty_seeing", "428a", "", Difficulty, FROM_2),
    Question("difficulty_hearing", "428b", "", Difficulty, FROM_2),
    Question("difficulty_walking", "428c", "", Difficulty, FROM_2),
    Question("difficulty_using_hands", "428d", "", Difficulty, FROM_2),
    Question("difficulty_learning", "428e", "", Difficulty, FROM_2),
    Question("difficulty_behaviour", "428f", "", Difficulty, FROM_2),
    Question("difficulty_speaking", "428g", "", Difficulty, FROM_5),
    Question("difficulty_self_care", "428h", "", Difficulty, FROM_5),
    Question("difficulty_remembering", "428i", "", Difficulty, FROM_5),
)
# The rule counts sadness (428j) among the difficulties; its 1 and 2 are "very often" and "often".
NEEDS_CARE = Condition(
    _("Asked of those aged 60 or more, and of those with a great difficulty."),
    any_of=(
        AnswerIn("age", range(60, 201)),
        *(AnswerIn(question.field, (Difficulty.CANNOT, Difficulty.NEEDS_HELP)) for question in DIFFICULTIES),
        AnswerIn("sadness", (codes.Sadness.VERY_OFTEN, codes.Sadness.OFTEN)),
    ),
)

HOUSEHOLD_BLOCKS = (
    Block(
        "visit",
        _("Visit"),
        (
            Question("visit_result", "205", "", codes.VisitResult),
            Question("household_size", "", "14"),
            Question("has_dwelling"),
        ),
    ),
    Block(
        "dwelling",
        _("Dwelling"),
        _gated(
            HAS_DWELLING,
            Question("tenure", "301a", "16", DwellingTenure),
            Question("land_proof", "301b", "", codes.LandProof, OWNS_DWELLING),
            Question("floor_area", "302", "18"),
            Question("floor", "303", "19", codes.Floor),
            Question("wall", "304", "20", codes.Wall),
            Question("wall_is_poor_quality", "", "21"),
            Question("roof", "305", "22", codes.Roof),
            Question("roof_is_poor_quality", "", "23"),
            Question("bedrooms", "", "24"),
        ),
    ),
    Block(
        "water_and_energy",
        _("Water, light, kitchen and toilet"),
        _gated(
            HAS_DWELLING,
            Question("water", "306a", "25", WaterSource),
            Question("water_distance", "306b", "", codes.WaterDistance, WATER_FROM_GROUND),
            Question("lighting", "307a", "27", Lighting),
            Question("power", "307b1", "28", codes.PowerCapacity, HAS_METER),
            Question("fuel", "308", "29", codes.CookingFuel),
            Question("toilet", "309a", "30", Toilet),
            Question("closet", "309b", "31", codes.Closet, USES_TOILET),
            Question("waste_disposal", "310", "32", codes.WasteDisposal, USES_TOILET),
        ),
    ),
    Block(
        "food_and_means",
        _("Food, clothing and means"),
        (
            Question("protein_per_week"),
            Question("clothes_per_year"),
            Question("meals_per_day"),
            Question("can_pay_health_care"),
            Question("worried_about_food"),
            Question("food_over_half"),
            Question("bought_clothes"),
            Question("has_savings"),
            Question("farm_land_area"),
        ),
    ),
    Block(
        "programmes",
        _("Programmes received"),
        (
            Question("gets_food_aid", "501a"),
            Question("gets_pkh", "501b", "65"),
            Question("gets_village_cash", "501c"),
            Question("gets_electricity_subsidy", "501d"),
            Question("gets_local_aid", "501e"),
            Question("gets_fertiliser_subsidy", "501f"),
            Question("gets_gas_subsidy", "501g"),
        ),
    ),
    Block(
        "assets",
        _("Assets"),
        (
            Question("has_gas_cylinder", "502a", "33"),
            Question("has_refrigerator", "502b", "34"),
            Question("has_air_conditioner", "502c", "35"),
            Question("has_water_heater", "502d", "36"),
            Question("has_landline", "502e", "37"),
            Question("has_television", "502f", "38"),
            Question("has_gold", "502g", "39"),
            Question("has_computer", "502h", "40"),
            Question("has_motorcycle", "502i", "42"),
            Question("has_bicycle", "502j", "41"),
            Question("has_car", "502k", "43"),
            Question("has_boat", "502l", "44"),
            Question("has_motorboat", "502m", "46,47"),
            Question("has_smartphone", "502n"),
        ),
    ),
    Block(
        "land_and_livestock",
        _("Land and livestock"),
        (
            Question("has_other_land", "503a", "50"),
            Question("other_land_area", "", "51", None, HAS_OTHER_LAND),
            Question("has_other_house", "503b", "52"),
            Question("cattle", "504a", "53"),
            Question("buffalo", "504b", "54"),
            Question("horses", "504c", "55"),
            Question("pigs", "504d", "56"),
            Question("goats", "504e", "57"),
            Question("poultry"),
        ),
    ),
    Block(
        "services",
        _("Internet and bank account"),
        (
            Question("internet", "505", "", codes.Internet),
            Question("bank_account", "506", "", codes.BankAccount),
        ),
    ),
)

MEMBER_BLOCKS = (
    Block(
        "person",
        _("Person"),
        (
            Question("presence", "404", "", Presence),
            *_gated(
                BELONGS_TO_FAMILY,
                Question("marital_status", "408", "87", MaritalStatus),
                Question("is_pregnant", "410", "91", None, MAY_BE_PREGNANT),
                Question("documents", "411", "90", codes.IdentityDocument),
            ),
        ),
    ),
    Block(
        "education",
        _("Education"),
        _gated(
            BELONGS_TO_FAMILY,
            Question("school_attendance", "412", "94", SchoolAttendance),
            Question("education_level", "413", "95", codes.EducationLevel, WENT_TO_SCHOOL),
            Question("grade", "414", "96", codes.Grade, WENT_TO_SCHOOL),
            Question("diploma", "415", "97", codes.Diploma, WENT_TO_SCHOOL),
        ),
    ),
    Block(
        "work",
        _("Work"),
        _gated(
            BELONGS_TO_FAMILY,
            Question("works", "416a", "98"),
            Question("work_hours", "416b", "99", None, WORKS),
            Question("sector", "417", "100", codes.Sector, WORKS),
            Question("work_status", "418", "101", codes.WorkStatus, WORKS),
            Question("monthly_income"),
            Question("tax_number", "419", "", codes.TaxNumber, WORKS),
        ),
    ),
    Block(
        "business",
        _("Own business"),
        _gated(
            BELONGS_TO_FAMILY,
            Question("owns_business", "420a"),
            Question("business_count", "420b", "", None, OWNS_BUSINESS),
            Question("business_sector", "421", "", codes.Sector, OWNS_BUSINESS),
            Question("paid_workers", "422", "", None, OWNS_BUSINESS),
            Question("unpaid_workers", "423", "", None, OWNS_BUSINESS),
            Question("business_permit", "424", "", codes.BusinessPermit, OWNS_BUSINESS),
            Question("turnover", "425", "", codes.BusinessTurnover, OWNS_BUSINESS),
            Question("business_internet", "426", "", codes.BusinessInternet, OWNS_BUSINESS),
        ),
    ),
    Block(
        "health",
        _("Health"),
        _gated(
            BELONGS_TO_FAMILY,
            Question("nutrition", "427", "", codes.NutritionStatus, UNDER_5),
            *DIFFICULTIES,
            Question("sadness", "428j", "", codes.Sadness, FROM_5),
            Question("carer", "429", "", codes.Carer, NEEDS_CARE),
            Question("chronic_illness", "430", "93", codes.ChronicIllness),
        ),
    ),
    Block(
        "protection",
        _("Social protection"),
        _gated(
            BELONGS_TO_FAMILY,
            Question("health_insurance", "431a", "", codes.HealthInsurance),
            Question("in_prakerja", "431b", "", YesNoUnknown, FROM_5),
            Question("in_kur", "431c", "", YesNoUnknown, FROM_5),
            Question("in_umi", "431d", "", YesNoUnknown, FROM_5),
            Question("in_pip", "431e", "", YesNoUnknown, FROM_5_TO_30),
            Question("work_insurance", "431f", "", codes.WorkInsurance, FROM_15),
        ),
    ),
)

QUESTIONS = {
    question.field: question for block in (*HOUSEHOLD_BLOCKS, *MEMBER_BLOCKS) for question in block.questions
}
# The Regsosek 2022.K number of each question, by column; questions of our own are not in it.
REGSOSEK_CODES = {question.field: question.code for question in QUESTIONS.values() if question.code}
