"""Block IV, parts A and B: who the member is, and schooling. Values are the Regsosek 2022.K codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from households.questionnaire.codes.bitmask import Bitmask


class FamilyCardMatch(models.IntegerChoices):
    """Question 115: the family as it was met against its family card (KK)."""

    SAME = 0, _("Same as the family card")
    MAIN = 1, _("Main family of the card")
    SPLIT = 2, _("Split off from the card")


class Presence(models.IntegerChoices):
    """Question 404."""

    LIVES_WITH_FAMILY = 1, _("Lives with the family")
    DIED = 2, _("Died")
    MOVED_IN_COUNTRY = 3, _("Does not live with the family, or moved elsewhere in Indonesia")
    MOVED_ABROAD = 4, _("Does not live with the family, or moved abroad")
    NEW_MEMBER = 5, _("New member of the family")
    NOT_FOUND = 6, _("Not found")


class Sex(models.IntegerChoices):
    """Question 405."""

    MALE = 1, _("Male")
    FEMALE = 2, _("Female")


class MaritalStatus(models.IntegerChoices):
    """Question 408."""

    NEVER_MARRIED = 1, _("Never married")
    MARRIED = 2, _("Married")
    DIVORCED = 3, _("Divorced")
    WIDOWED = 4, _("Widowed")


class Relationship(models.IntegerChoices):
    """Question 409, and BDT's relationship to the head of household: the codes are the same."""

    HEAD = 1, _("Head")
    SPOUSE = 2, _("Wife or husband")
    CHILD = 3, _("Child")
    CHILD_IN_LAW = 4, _("Son-in-law or daughter-in-law")
    GRANDCHILD = 5, _("Grandchild")
    PARENT = 6, _("Parent or parent-in-law")
    SERVANT = 7, _("Domestic worker or driver")
    OTHER = 8, _("Other")


class IdentityDocument(Bitmask):
    """Question 411."""

    NONE = 0, _("None of these documents")
    BIRTH_CERTIFICATE = 1, _("Birth certificate")
    CHILD_CARD = 2, _("Child identity card (KIA)")
    IDENTITY_CARD = 4, _("Identity card (KTP)")


class SchoolAttendance(models.IntegerChoices):
    """Question 412."""

    NEVER = 1, _("Never or not yet at school")
    AT_SCHOOL = 2, _("At school")
    LEFT = 3, _("No longer at school")


class EducationLevel(models.IntegerChoices):
    """Question 413. Packages A to C are equivalency programmes; MI, MTs, MA and MAK are Islamic schools."""

    PACKAGE_A = 1, _("Package A")
    PRIMARY_SPECIAL = 2, _("Special primary school (SDLB)")
    PRIMARY = 3, _("Primary school (SD)")
    PRIMARY_ISLAMIC = 4, _("Islamic primary school (MI)")
    PRIMARY_PESANTREN = 5, _("Pesantren, primary (SPM/PDF Ula)")
    PACKAGE_B = 6, _("Package B")
    LOWER_SPECIAL = 7, _("Special lower secondary school (SMPLB)")
    LOWER = 8, _("Lower secondary school (SMP)")
    LOWER_ISLAMIC = 9, _("Islamic lower secondary school (MTs)")
    LOWER_PESANTREN = 10, _("Pesantren, lower secondary (SPM/PDF Wustha)")
    PACKAGE_C = 11, _("Package C")
    UPPER_SPECIAL = 12, _("Special upper secondary school (SMLB)")
    UPPER = 13, _("Upper secondary school (SMA)")
    UPPER_ISLAMIC = 14, _("Islamic upper secondary school (MA)")
    VOCATIONAL = 15, _("Vocational school (SMK)")
    VOCATIONAL_ISLAMIC = 16, _("Islamic vocational school (MAK)")
    UPPER_PESANTREN = 17, _("Pesantren, upper secondary (SPM/PDF Ulya)")
    DIPLOMA = 18, _("Diploma (D1, D2, D3)")
    BACHELOR = 19, _("Bachelor (D4, S1)")
    PROFESSION = 20, _("Professional degree")
    MASTER = 21, _("Master (S2)")
    DOCTOR = 22, _("Doctor (S3)")


class Diploma(models.IntegerChoices):
    """Question 415: the levels of question 413, plus none."""

    PACKAGE_A = 1, EducationLevel.PACKAGE_A.label
    PRIMARY_SPECIAL = 2, EducationLevel.PRIMARY_SPECIAL.label
    PRIMARY = 3, EducationLevel.PRIMARY.label
    PRIMARY_ISLAMIC = 4, EducationLevel.PRIMARY_ISLAMIC.label
    PRIMARY_PESANTREN = 5, EducationLevel.PRIMARY_PESANTREN.label
    PACKAGE_B = 6, EducationLevel.PACKAGE_B.label
    LOWER_SPECIAL = 7, EducationLevel.LOWER_SPECIAL.label
    LOWER = 8, EducationLevel.LOWER.label
    LOWER_ISLAMIC = 9, EducationLevel.LOWER_ISLAMIC.label
    LOWER_PESANTREN = 10, EducationLevel.LOWER_PESANTREN.label
    PACKAGE_C = 11, EducationLevel.PACKAGE_C.label
    UPPER_SPECIAL = 12, EducationLevel.UPPER_SPECIAL.label
    UPPER = 13, EducationLevel.UPPER.label
    UPPER_ISLAMIC = 14, EducationLevel.UPPER_ISLAMIC.label
    VOCATIONAL = 15, EducationLevel.VOCATIONAL.label
    VOCATIONAL_ISLAMIC = 16, EducationLevel.VOCATIONAL_ISLAMIC.label
    UPPER_PESANTREN = 17, EducationLevel.UPPER_PESANTREN.label
    DIPLOMA = 18, EducationLevel.DIPLOMA.label
    BACHELOR = 19, EducationLevel.BACHELOR.label
    PROFESSION = 20, EducationLevel.PROFESSION.label
    MASTER = 21, EducationLevel.MASTER.label
    DOCTOR = 22, EducationLevel.DOCTOR.label
    NONE = 23, _("No primary school diploma")


class Grade(models.IntegerChoices):
    """Question 414: the highest grade reached at the highest level."""

    GRADE_1 = 1, _("Grade 1")
    GRADE_2 = 2, _("Grade 2")
    GRADE_3 = 3, _("Grade 3")
    GRADE_4 = 4, _("Grade 4")
    GRADE_5 = 5, _("Grade 5")
    GRADE_6 = 6, _("Grade 6")
    GRADE_7 = 7, _("Grade 7")
    GRADUATED = 8, _("Completed and graduated")
