"""Block IV, part F, and block V: insurance, programmes, internet and bank account. Regsosek 2022.K codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from households.questionnaire.codes.bitmask import Bitmask


class YesNoUnknown(models.IntegerChoices):
    """Questions 431b to 431e."""

    YES = 1, _("Yes")
    NO = 2, _("No")
    UNKNOWN = 8, _("Don't know")


class HealthInsurance(Bitmask):
    """Question 431a, in the past year. JKN is the national health insurance; PBI, its subsidised members."""

    NONE = 0, _("No health insurance")
    SUBSIDISED = 1, _("JKN, subsidised (PBI)")
    INDEPENDENT = 2, _("JKN, independent")
    EMPLOYER = 4, _("JKN, paid by the employer")
    OTHER = 8, _("Other health insurance")
    # A second "other"; 99 stands where question 431f has "don't know", so it proves no insurance.
    UNSPECIFIED = 99, _("Other (code 99)")


class WorkInsurance(Bitmask):
    """Question 431f. All but the last box are programmes of BPJS Ketenagakerjaan."""

    NONE = 0, _("No employment insurance")
    ACCIDENT = 1, _("BPJS work accident cover")
    DEATH = 2, _("BPJS death cover")
    OLD_AGE = 4, _("BPJS old-age savings")
    PENSION = 8, _("BPJS pension")
    OTHER_PENSION = 16, _("Other pension or old-age plan (Taspen, private pension)")
    UNKNOWN = 99, _("Don't know")


class Internet(models.IntegerChoices):
    """Question 505: the main way onto the internet in the past month."""

    NONE = 0, _("Does not use the internet")
    SUBSCRIPTION = 1, _("Subscription to internet and digital television")
    WIFI = 2, _("Wi-Fi")
    MOBILE = 3, _("Mobile phone internet")


class BankAccount(models.IntegerChoices):
    """Question 506: an active bank account or digital wallet."""

    BUSINESS = 1, _("Yes, for business")
    PERSONAL = 2, _("Yes, for personal use")
    BOTH = 3, _("Yes, for business and personal use")
    NONE = 4, _("No account")
