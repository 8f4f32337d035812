"""Every URL pattern x method x role x whose against tests/matrix/expectations.py."""

import os
from collections import defaultdict

import pytest

from tests.matrix import expectations
from tests.matrix.cases import Answer, Asker, Case, cases, patterns

pytestmark = pytest.mark.matrix
whole = pytest.mark.skipif("SIMPUL_PATTERNS" in os.environ, reason="says something of all patterns only")


def outcome(case: Case, answer: Answer) -> str:
    """The answer in the words of the expectations."""
    if answer.status in (301, 302):
        return "sign in" if "/login/?next=" in answer.location else "ok"
    if answer.status == 400 or (answer.status == 200 and case.method == "POST" and answer.is_refused_form):
        return "refused"
    return "ok" if answer.status < 400 else str(answer.status)


@whole
def test_every_pattern_has_a_line_and_every_line_a_pattern():
    names = {pattern.name for pattern in patterns()}
    known = {*expectations.ROWS, *expectations.DOORS}
    assert names - known == set(), "say in expectations.py who may do what there"
    assert known - names == set(), "no such pattern any more"


@whole
def test_the_matrix_is_large_enough():
    assert len(cases()) >= 5_000


def by_role() -> list[tuple[Case, ...]]:
    """The cases of one pattern, method and role: whosever object it is, one test."""
    groups: defaultdict[tuple[str, str, str], list[Case]] = defaultdict(list)
    for case in cases():
        groups[case.pattern.name, case.method, case.role].append(case)
    return [tuple(group) for group in groups.values()]


@pytest.mark.parametrize("group", by_role(), ids=lambda group: str(group[0]).removesuffix(" own"))
def test_the_answers_are_the_expected_ones(asker: Asker, group: tuple[Case, ...]):
    for case in group:
        wanted = expectations.expected(case.pattern.name, case.method, case.role, case.whose)
        answer = asker.ask(case)
        assert outcome(case, answer) == wanted, (str(case), answer.status, answer.location, answer.errors)


@pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: pattern.name)
def test_what_only_sends_people_on_is_known_for_it(asker: Asker, pattern):
    """Else a redirect, which is "ok" here, could stand for a page that nobody ever saw."""
    asked = [case for case in cases() if (case.pattern, case.method) == (pattern, "GET")]
    statuses = {answer.status for case in asked if outcome(case, answer := asker.ask(case)) == "ok"}
    is_known = pattern.name.endswith(tuple(expectations.ONLY_SENDS_ON))
    assert is_known == (bool(statuses) and 200 not in statuses), statuses


@whole
def test_every_pattern_and_method_was_answered_to_somebody_and_denied_to_somebody(asker: Asker):
    """Zulip's rule: what nobody ever reached was not tested, and what nobody was denied has no guard."""
    outcomes: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for case in cases():
        outcomes[case.pattern.name, case.method].add(outcome(case, asker.ask(case)))
    served = {key: seen for key, seen in outcomes.items() if seen - {"405", "sign in", "401"}}
    never_ok = {key for key, seen in served.items() if "ok" not in seen and not is_never_ok(*key)}
    never_denied = {
        key for key, seen in served.items() if seen == {"ok"} and key[0] not in expectations.NEVER_DENIED
    }
    assert (never_ok, never_denied) == (set(), set())


def is_never_ok(name: str, method: str) -> bool:
    if method == "POST" and name.endswith(expectations.READ_ONLY_STAFF_FORMS + expectations.NEEDS_A_CODE):
        return True
    return name.endswith(tuple(expectations.NEVER_OK))


@pytest.mark.parametrize("pattern", [p for p in patterns() if p.arguments], ids=lambda pattern: pattern.name)
def test_what_is_foreign_is_answered_like_what_is_missing(asker: Asker, pattern):
    """Else the answer would tell which ids exist."""
    found = {(case.method, case.role, case.whose): case for case in cases() if case.pattern == pattern}
    for (method, role, whose), case in found.items():
        foreign = asker.ask(case)
        if whose == "other" and foreign.status == 404 and (method, role, "none") in found:
            missing = asker.ask(found[method, role, "none"])
            assert (missing.status, missing.looks_like) == (404, foreign.looks_like), case
