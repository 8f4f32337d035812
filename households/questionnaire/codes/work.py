"""Block IV, parts C and D: work and own business. Values are the Regsosek 2022.K codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from households.questionnaire.codes.bitmask import Bitmask


class Sector(models.IntegerChoices):
    """Questions 417 (main work) and 421 (main business)."""

    FOOD_CROPS = 1, _("Rice and secondary food crops")
    HORTICULTURE = 2, _("Horticulture")
    PLANTATION = 3, _("Plantation crops")
    FISHERY = 4, _("Fishery")
    LIVESTOCK = 5, _("Livestock")
    FORESTRY = 6, _("Forestry and other agriculture")
    MINING = 7, _("Mining and quarrying")
    MANUFACTURING = 8, _("Manufacturing")
    ENERGY = 9, _("Electricity, gas, steam, hot water and cold air supply")
    WATER_AND_WASTE = 10, _("Water supply, wastewater, waste recycling and remediation")
    CONSTRUCTION = 11, _("Construction")
    TRADE = 12, _("Wholesale and retail trade, repair of cars and motorcycles")
    TRANSPORT = 13, _("Transport and storage")
    ACCOMMODATION = 14, _("Accommodation, food and drink")
    INFORMATION = 15, _("Information and communication")
    FINANCE = 16, _("Finance and insurance")
    REAL_ESTATE = 17, _("Real estate")
    PROFESSIONAL = 18, _("Professional, scientific and technical services")
    RENTAL = 19, _("Rental, employment, travel agencies and business support")
    GOVERNMENT = 20, _("Government administration, defence and compulsory social security")
    EDUCATION = 21, _("Education")
    HEALTH = 22, _("Human health and social work")
    ARTS = 23, _("Arts, entertainment and recreation")
    OTHER_SERVICES = 24, _("Other services")
    DOMESTIC = 25, _("Families as employers")
    INTERNATIONAL = 26, _("International and extra-territorial bodies")


class WorkStatus(models.IntegerChoices):
    """Question 418."""

    SELF_EMPLOYED = 1, _("Self-employed")
    EMPLOYER_OF_CASUAL = 2, _("Self-employed with temporary or unpaid workers")
    EMPLOYER = 3, _("Self-employed with permanent or paid workers")
    EMPLOYEE = 4, _("Private labourer or employee")
    PUBLIC_SERVANT = 5, _("Civil servant, military, police, state enterprise or state official")
    FARM_LABOURER = 6, _("Casual worker in agriculture")
    OTHER_LABOURER = 7, _("Casual worker outside agriculture")
    FAMILY_WORKER = 8, _("Family worker or unpaid")


class TaxNumber(models.IntegerChoices):
    """Question 419: the taxpayer number (NPWP)."""

    SHOWN = 1, _("Yes, shown")
    NOT_SHOWN = 2, _("Yes, not shown")
    NONE = 3, _("No taxpayer number")


class BusinessPermit(models.IntegerChoices):
    """Question 424."""

    PLACE = 1, _("Business place permit (SITU)")
    TRADE = 2, _("Trading permit (SIUP)")
    COMPANY_NUMBER = 3, _("Company registration number (NRP)")
    BUSINESS_NUMBER = 4, _("Business identification number (NIB)")
    DOMICILE = 5, _("Company domicile statement (SKDP)")
    ENVIRONMENT = 6, _("Environmental impact assessment (Amdal)")
    BUILDING = 7, _("Building permit (SIMB)")
    LEGAL_ENTITY = 8, _("Legal entity decree (SKBH)")
    DEED = 9, _("Deed of limited company (APPT)")
    OTHER = 10, _("Other permit")
    NONE = 11, _("No business permit yet")
    NUISANCE = 12, _("Nuisance permit")


class BusinessTurnover(models.IntegerChoices):
    """Question 425: rupiah per month, in millions; every band holds its lower end."""

    UNDER_5 = 1, _("Under 5 million (ultra micro)")
    FROM_5 = 2, _("5 to under 15 million (ultra micro)")
    FROM_15 = 3, _("15 to under 25 million (ultra micro)")
    FROM_25 = 4, _("25 to under 167 million (micro)")
    FROM_167 = 5, _("167 to under 1,250 million (small)")
    FROM_1250 = 6, _("1,250 to under 4,167 million (medium)")
    FROM_4167 = 7, _("4,167 million or more (large)")


class BusinessInternet(Bitmask):
    """Question 426."""

    NONE = 0, _("Does not use the internet")
    COMMUNICATION = 1, _("For communication")
    INFORMATION = 2, _("To look for information")
    MARKETING = 4, _("For marketing or advertising")
    SELLING = 8, _("To sell products")
    BUYING = 16, _("For buying or production")
    OTHER = 32, _("Other")
