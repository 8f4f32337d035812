"""Who may have a programme, in what order, and why not: rules that are a Q and a sentence, and a ranking.

No clock, no request, no writing: the same households, rules and day always give the same list.
"""

from programs.targeting.ranking import TIE_BREAK, Candidate, allocate
from programs.targeting.rules import Rule, RuleError, eligible_households, eligible_members, explain

__all__ = [
    "TIE_BREAK",
    "Candidate",
    "Rule",
    "RuleError",
    "allocate",
    "eligible_households",
    "eligible_members",
    "explain",
]
