"""The typed columns of the questionnaire. ``None`` in any of them means "not answered", never "no"."""

from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.questionnaire import codes
from households.questionnaire.blocks import QUESTIONS
from households.questionnaire.ranges import RANGES

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SQUARE_METRES = _("In square metres.")
SMALL = models.PositiveSmallIntegerField


def _code(
    label: "_StrPromise", choices: type[models.IntegerChoices], hint: "_StrPromise | str" = ""
) -> "models.PositiveSmallIntegerField[int | None, int | None]":
    return SMALL(label, choices=choices, null=True, blank=True, help_text=hint)


def _boxes(
    label: "_StrPromise", boxes: type[codes.Bitmask]
) -> "models.PositiveSmallIntegerField[int | None, int | None]":
    """Without ``choices``: the column holds a sum. Forms offer ``boxes.choices``, store ``boxes.encode``."""
    return SMALL(label, null=True, blank=True, validators=[boxes.validate])


def _number(
    name: str,
    label: "_StrPromise",
    hint: "_StrPromise | str" = "",
    column: "type[models.IntegerField[Any, Any]]" = SMALL,
) -> "models.IntegerField[int | None, int | None]":
    """A count or measure within ``RANGES[name]``."""
    limits = RANGES[name]
    within = [MinValueValidator(limits.lowest), MaxValueValidator(limits.highest)]
    return column(label, null=True, blank=True, help_text=hint, validators=within)


def _yes_no(
    label: "_StrPromise", hint: "_StrPromise | str" = ""
) -> "models.BooleanField[bool | None, bool | None]":
    return models.BooleanField(label, null=True, blank=True, help_text=hint)


class HouseholdAnswers(models.Model):
    visit_result = _code(_("result of the visit"), codes.VisitResult)
    household_size = _number(
        "household_size", _("people in the household"), _("As seen on the day of the visit.")
    )
    has_dwelling = _yes_no(
        _("has a dwelling"), _("No: the household has no shelter, or none to live in daily.")
    )

    tenure = _code(_("dwelling tenure"), codes.DwellingTenure)
    land_proof = _code(_("proof of land ownership"), codes.LandProof)
    floor_area = _number("floor_area", _("floor area"), SQUARE_METRES)
    floor = _code(_("main floor material"), codes.Floor)
    wall = _code(_("main wall material"), codes.Wall)
    wall_is_poor_quality = _yes_no(_("walls in poor condition"))
    roof = _code(_("main roof material"), codes.Roof)
    roof_is_poor_quality = _yes_no(_("roof in poor condition"))
    bedrooms = _number("bedrooms", _("bedrooms"))
    water = _code(_("main source of drinking water"), codes.WaterSource)
    water_distance = _code(_("distance from the water source to the sewage pit"), codes.WaterDistance)
    lighting = _code(_("main source of lighting"), codes.Lighting)
    power = _code(_("installed power"), codes.PowerCapacity, _("As printed on the first meter."))
    fuel = _code(_("main cooking fuel"), codes.CookingFuel)
    toilet = _code(_("toilet facility"), codes.Toilet)
    closet = _code(_("type of toilet bowl"), codes.Closet)
    waste_disposal = _code(_("sewage disposal"), codes.WasteDisposal)

    protein_per_week = _number("protein_per_week", _("days a week with meat, milk or chicken"))
    clothes_per_year = _number("clothes_per_year", _("sets of new clothes per person in the past year"))
    meals_per_day = _number("meals_per_day", _("meals a day"))
    can_pay_health_care = _yes_no(_("can pay for treatment at a health centre or clinic"))
    worried_about_food = _yes_no(_("worried about having no food, or went without, in the past year"))
    food_over_half = _yes_no(_("food takes more than half of all spending"))
    bought_clothes = _yes_no(_("bought clothes in the past year"))
    has_savings = _yes_no(
        _("has savings or easily sold goods worth at least Rp500,000"),
        _("Such as a paid-off motorcycle, gold, livestock or a boat."),
    )
    farm_land_area = _number(
        "farm_land_area", _("farmland worked"), SQUARE_METRES, models.PositiveIntegerField
    )

    has_gas_cylinder = _yes_no(_("gas cylinder of 5.5 kg or more"))
    has_refrigerator = _yes_no(_("refrigerator"))
    has_air_conditioner = _yes_no(_("air conditioner"))
    has_water_heater = _yes_no(_("water heater"))
    has_landline = _yes_no(_("landline telephone"))
    has_television = _yes_no(_("flat-screen television of 30 inches or more"))
    has_gold = _yes_no(_("gold or jewellery of 10 grams or more"))
    has_computer = _yes_no(_("computer or laptop"))
    has_motorcycle = _yes_no(_("motorcycle"))
    has_bicycle = _yes_no(_("bicycle"))
    has_car = _yes_no(_("car"))
    has_boat = _yes_no(_("boat without an engine"))
    has_motorboat = _yes_no(_("motorboat or ship"))
    has_smartphone = _yes_no(_("smartphone"))
    has_other_land = _yes_no(_("land other than the plot lived on"))
    other_land_area = _number(
        "other_land_area", _("area of the other land"), SQUARE_METRES, models.PositiveIntegerField
    )
    has_other_house = _yes_no(_("house elsewhere"))
    cattle = _number("cattle", _("cattle"))
    buffalo = _number("buffalo", _("buffalo"))
    horses = _number("horses", _("horses"))
    pigs = _number("pigs", _("pigs"))
    goats = _number("goats", _("goats or sheep"))
    poultry = _number("poultry", _("poultry"), column=models.PositiveIntegerField)

    internet = _code(_("main internet connection in the past month"), codes.Internet)
    bank_account = _code(_("active bank account or digital wallet"), codes.BankAccount)

    gets_food_aid = _yes_no(_("food aid (Sembako, BPNT)"))
    gets_pkh = _yes_no(_("Family Hope Programme (PKH)"))
    gets_village_cash = _yes_no(_("village fund cash transfer (BLT DD)"))
    gets_electricity_subsidy = _yes_no(_("electricity subsidy"))
    gets_local_aid = _yes_no(_("aid from the local government"))
    gets_fertiliser_subsidy = _yes_no(_("fertiliser subsidy"))
    gets_gas_subsidy = _yes_no(_("cooking gas (LPG) subsidy"))

    class Meta:
        abstract = True


class MemberAnswers(models.Model):
    presence = _code(_("presence in the family"), codes.Presence)
    marital_status = _code(_("marital status"), codes.MaritalStatus)
    is_pregnant = _yes_no(_("pregnant"))
    documents = _boxes(_("identity documents"), codes.IdentityDocument)

    school_attendance = _code(_("school attendance"), codes.SchoolAttendance)
    education_level = _code(_("highest level of education attended"), codes.EducationLevel)
    grade = _code(_("highest grade attended"), codes.Grade)
    diploma = _code(_("highest diploma"), codes.Diploma)

    works = _yes_no(_("worked in the past week"))
    work_hours = _number("work_hours", _("hours worked in the past week"))
    sector = _code(_("sector of the main work"), codes.Sector)
    work_status = _code(_("status in the main work"), codes.WorkStatus)
    # Whole rupiah, as people say it: no currency here has cents.
    monthly_income = _number(
        "monthly_income", _("income a month"), _("In rupiah, from all work."), models.PositiveBigIntegerField
    )
    tax_number = _code(_("taxpayer number (NPWP)"), codes.TaxNumber)

    owns_business = _yes_no(_("owns a business, alone or with others"))
    business_count = _number("business_count", _("number of businesses"))
    business_sector = _code(_("sector of the main business"), codes.Sector)
    paid_workers = _number("paid_workers", _("paid workers"))
    unpaid_workers = _number("unpaid_workers", _("unpaid workers"))
    business_permit = _code(_("business permit"), codes.BusinessPermit)
    turnover = _code(_("business turnover a month"), codes.BusinessTurnover)
    business_internet = _boxes(_("use of the internet for the business"), codes.BusinessInternet)

    nutrition = _code(_("nutrition status"), codes.NutritionStatus)
    difficulty_seeing = _code(_("difficulty seeing"), codes.Difficulty)
    difficulty_hearing = _code(_("difficulty hearing"), codes.Difficulty)
    difficulty_walking = _code(_("difficulty walking or climbing stairs"), codes.Difficulty)
    difficulty_using_hands = _code(_("difficulty moving hands or fingers"), codes.Difficulty)
    difficulty_learning = _code(_("difficulty learning or intellectual difficulty"), codes.Difficulty)
    difficulty_behaviour = _code(_("difficulty with behaviour or emotions"), codes.Difficulty)
    difficulty_speaking = _code(_("difficulty speaking or communicating"), codes.Difficulty)
    difficulty_self_care = _code(_("difficulty with self-care"), codes.Difficulty)
    difficulty_remembering = _code(_("difficulty remembering or concentrating"), codes.Difficulty)
    sadness = _code(_("often sad or depressed"), codes.Sadness)
    carer = _code(_("has a carer"), codes.Carer)
    chronic_illness = _code(_("chronic illness"), codes.ChronicIllness)

    health_insurance = _boxes(_("health insurance in the past year"), codes.HealthInsurance)
    in_prakerja = _code(_("takes part in Prakerja (job training card)"), codes.YesNoUnknown)
    in_kur = _code(_("takes part in KUR (people's business credit)"), codes.YesNoUnknown)
    in_umi = _code(_("takes part in UMi (ultra micro credit)"), codes.YesNoUnknown)
    in_pip = _code(_("takes part in PIP (Smart Indonesia Programme)"), codes.YesNoUnknown)
    work_insurance = _boxes(_("employment insurance"), codes.WorkInsurance)

    class Meta:
        abstract = True


def code_checks(answers: type[models.Model]) -> list[models.CheckConstraint]:
    """For the ``Meta.constraints`` of the model that inherits ``answers``.

    COPY and raw SQL pass no validator, so the database itself keeps every coded column to its list.
    An empty answer always passes.
    """
    coded = [question for field in answers._meta.local_fields if (question := QUESTIONS[field.name]).codes]
    return [
        models.CheckConstraint(
            name=f"%(class)s_{question.field}_is_a_code",
            condition=Q(**{f"{question.field}__in": question.codes}),
        )
        for question in coded
    ]
