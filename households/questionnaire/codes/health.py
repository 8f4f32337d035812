"""Block IV, part E: health and disability. Values are the Regsosek 2022.K codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NutritionStatus(models.IntegerChoices):
    """Question 427, of children under five."""

    WASTED = 1, _("Undernourished (wasting)")
    STUNTED = 2, _("Stunted")
    NO_RECORD = 3, _("No record")
    UNKNOWN = 8, _("Don't know")


class Difficulty(models.IntegerChoices):
    """Questions 428a to 428i; the gravest comes first."""

    CANNOT = 1, _("Yes, cannot do it at all")
    NEEDS_HELP = 2, _("Yes, much difficulty, needs help")
    SLIGHT = 3, _("Yes, a little difficulty, needs no help")
    NONE = 4, _("No difficulty")


class Sadness(models.IntegerChoices):
    """Question 428j: often sad or depressed."""

    VERY_OFTEN = 1, _("Very often")
    OFTEN = 2, _("Often")
    RARELY = 3, _("Rarely")
    NEVER = 4, _("Never")


class Carer(models.IntegerChoices):
    """Question 429."""

    FAMILY_MEMBER = 1, _("Yes, a member of the family")
    OUTSIDER = 2, _("Yes, not a member of the family")
    LIVES_ALONE = 3, _("Yes, lives alone")


class ChronicIllness(models.IntegerChoices):
    """Question 430. BDT 2015 began at 0, so its codes 0 to 8 stand one lower."""

    NONE = 1, _("No chronic illness")
    HYPERTENSION = 2, _("Hypertension (high blood pressure)")
    RHEUMATISM = 3, _("Rheumatism")
    ASTHMA = 4, _("Asthma")
    HEART = 5, _("Heart disease")
    DIABETES = 6, _("Diabetes")
    TUBERCULOSIS = 7, _("Tuberculosis")
    STROKE = 8, _("Stroke")
    CANCER = 9, _("Cancer or malignant tumour")
    KIDNEY_FAILURE = 10, _("Kidney failure")
    HAEMOPHILIA = 11, _("Haemophilia")
    HIV = 12, _("HIV/AIDS")
    CHOLESTEROL = 13, _("High cholesterol")
    CIRRHOSIS = 14, _("Cirrhosis of the liver")
    THALASSAEMIA = 15, _("Thalassaemia")
    LEUKAEMIA = 16, _("Leukaemia")
    ALZHEIMER = 17, _("Alzheimer's disease")
    OTHER = 18, _("Other")
