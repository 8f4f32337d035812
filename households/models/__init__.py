from households.models.assessment import Assessment, MemberAssessment
from households.models.household import Family, Household, Member
from households.models.import_batch import ImportBatch, ImportRow
from households.models.rights import SubjectRequest, Tombstone
from households.models.scheme import PovertyStatus, Scheme, WelfareDecile

__all__ = [
    "Assessment",
    "Family",
    "Household",
    "ImportBatch",
    "ImportRow",
    "Member",
    "MemberAssessment",
    "PovertyStatus",
    "Scheme",
    "SubjectRequest",
    "Tombstone",
    "WelfareDecile",
]
