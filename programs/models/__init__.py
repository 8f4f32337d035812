from programs.models.program import Criterion, DistrictQuota, Program
from programs.models.target_list import Realisation, TargetList, TargetRow

__all__ = ["Criterion", "DistrictQuota", "Program", "Realisation", "TargetList", "TargetRow"]
