"""Block III: the dwelling, its water, light, kitchen and toilet. Values are the Regsosek 2022.K codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VisitResult(models.IntegerChoices):
    """Question 205."""

    COMPLETE = 1, _("Form complete")
    INCOMPLETE = 2, _("Form not complete")
    NO_RESPONDENT = 3, _("No respondent able to answer until the end of the visits")
    REFUSED = 4, _("Respondent refused")
    GONE = 5, _("Family has moved, or the building no longer exists")


class DwellingTenure(models.IntegerChoices):
    """Question 301a."""

    OWNED = 1, _("Own property")
    RENTED = 2, _("Rented or leased")
    RENT_FREE = 3, _("Rent-free")
    OFFICIAL = 4, _("Official residence")
    OTHER = 5, _("Other")


class LandProof(models.IntegerChoices):
    """Question 301b. SHM is the freehold title; SHGB and SHSRS are building and strata titles."""

    FREEHOLD_OF_MEMBER = 1, _("Freehold title (SHM) in a family member's name")
    FREEHOLD_OF_OTHER_WITH_AGREEMENT = 2, _("Freehold title (SHM) of somebody else, with a written agreement")
    FREEHOLD_OF_OTHER_WITHOUT_AGREEMENT = 3, _("Freehold title (SHM) of somebody else, no written agreement")
    OTHER_TITLE = 4, _("Title other than freehold (SHGB, SHSRS)")
    OTHER_PROOF = 5, _("Other proof (Girik, Letter C and the like)")
    NONE = 6, _("No proof of ownership")


class Floor(models.IntegerChoices):
    """Question 303."""

    MARBLE = 1, _("Marble or granite")
    CERAMIC = 2, _("Ceramic tile")
    PARQUET = 3, _("Parquet, vinyl or carpet")
    TILE = 4, _("Cement tile or terrazzo")
    WOOD = 5, _("Wood or planks")
    CEMENT = 6, _("Cement or red brick")
    BAMBOO = 7, _("Bamboo")
    EARTH = 8, _("Earth")
    OTHER = 9, _("Other")


class Wall(models.IntegerChoices):
    """Question 304."""

    MASONRY = 1, _("Masonry")
    PLASTERED_BAMBOO = 2, _("Plastered woven bamboo or wire")
    WOOD = 3, _("Wood, planks, gypsum, GRC or Calciboard")
    WOVEN_BAMBOO = 4, _("Woven bamboo")
    TRUNKS = 5, _("Tree trunks")
    BAMBOO = 6, _("Bamboo")
    OTHER = 7, _("Other")


class Roof(models.IntegerChoices):
    """Question 305."""

    CONCRETE = 1, _("Concrete")
    TILE = 2, _("Roof tile")
    ZINC = 3, _("Zinc sheet")
    ASBESTOS = 4, _("Asbestos")
    WOOD = 5, _("Wood or shingles")
    BAMBOO = 6, _("Bamboo")
    THATCH = 7, _("Straw, palm fibre, leaves or nipa thatch")
    OTHER = 8, _("Other")


class WaterSource(models.IntegerChoices):
    """Question 306a."""

    BOTTLED = 1, _("Branded bottled water")
    REFILL = 2, _("Refill water")
    PIPED = 3, _("Piped water")
    BOREHOLE = 4, _("Borehole or pump")
    PROTECTED_WELL = 5, _("Protected well")
    UNPROTECTED_WELL = 6, _("Unprotected well")
    PROTECTED_SPRING = 7, _("Protected spring")
    UNPROTECTED_SPRING = 8, _("Unprotected spring")
    SURFACE = 9, _("Surface water (river, lake, reservoir, pond, irrigation)")
    RAIN = 10, _("Rainwater")
    OTHER = 11, _("Other")


class WaterDistance(models.IntegerChoices):
    """Question 306b: from the water source to the nearest sewage pit."""

    UNDER_10_METRES = 1, _("Under 10 metres")
    FROM_10_METRES = 2, _("10 metres or more")
    UNKNOWN = 3, _("Don't know")


class Lighting(models.IntegerChoices):
    """Question 307a. PLN is the state electricity company."""

    PLN_METERED = 1, _("PLN electricity with a meter")
    PLN_UNMETERED = 2, _("PLN electricity without a meter")
    OTHER_ELECTRICITY = 3, _("Electricity not from PLN")
    NOT_ELECTRIC = 4, _("Not electric")


class PowerCapacity(models.IntegerChoices):
    """Question 307b1."""

    VA_450 = 1, _("450 watts")
    VA_900 = 2, _("900 watts")
    VA_1300 = 3, _("1,300 watts")
    VA_2200 = 4, _("2,200 watts")
    OVER_2200_VA = 5, _("Over 2,200 watts")


class CookingFuel(models.IntegerChoices):
    """Question 308."""

    ELECTRICITY = 1, _("Electricity")
    GAS_5_KG = 2, _("Gas, 5.5 kg cylinder or Blue Gaz")
    GAS_12_KG = 3, _("Gas, 12 kg cylinder")
    GAS_3_KG = 4, _("Gas, 3 kg cylinder")
    CITY_GAS = 5, _("City gas (PGN meter)")
    BIOGAS = 6, _("Biogas")
    KEROSENE = 7, _("Kerosene")
    BRIQUETTE = 8, _("Briquettes")
    CHARCOAL = 9, _("Charcoal")
    FIREWOOD = 10, _("Firewood")
    OTHER = 11, _("Other")
    NOT_AT_HOME = 12, _("Does not cook at home")


class Toilet(models.IntegerChoices):
    """Question 309a: whether there is a toilet, and who uses it. MCK is a public bathing and toilet block."""

    OWN = 1, _("Yes, used by the family only")
    SHARED = 2, _("Yes, shared with certain other households")
    COMMUNAL = 3, _("Yes, in a communal MCK")
    PUBLIC = 4, _("Yes, in a public MCK that anybody uses")
    NOT_USED = 5, _("Yes, but the family does not use it")
    NONE = 6, _("No toilet")


class Closet(models.IntegerChoices):
    """Question 309b."""

    WATER_SEAL = 1, _("Water-sealed (gooseneck)")
    COVERED_SLOPING = 2, _("Sloping pan with a lid")
    OPEN_SLOPING = 3, _("Sloping pan without a lid")
    PIT = 4, _("Pit latrine")


class WasteDisposal(models.IntegerChoices):
    """Question 310. Codes 3 and 4 stood the other way round in BDT 2015."""

    SEPTIC_TANK = 1, _("Septic tank")
    SEWER = 2, _("Wastewater treatment plant (IPAL)")
    WATER_BODY = 3, _("Pond, rice field, river, lake or sea")
    PIT = 4, _("Hole in the ground")
    OPEN_LAND = 5, _("Beach, open field or garden")
    OTHER = 6, _("Other")
