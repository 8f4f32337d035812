import pytest

from households.questionnaire.blocks import QUESTIONS
from households.questionnaire.crosswalk import (
    BDT,
    ONE_IS_YES,
    PEOPLE,
    THREE_IS_YES,
    UnknownCode,
    bdt_codes,
    bdt_yes_no,
    translate,
)


def from_bdt(field: str, code: int, **others: int) -> int | None:
    return translate(version="bdt2015", field=field, code=code, others=others).code


@pytest.mark.parametrize(
    ("field", "bdt", "regsosek"),
    [
        ("floor", range(1, 11), [1, 2, 3, 4, 5, 6, 7, 5, 8, 9]),
        ("wall", range(1, 8), [1, 2, 3, 4, 5, 6, 7]),
        ("roof", range(1, 11), [1, 2, 2, 2, 4, 3, 5, 6, 7, 8]),
        ("water", range(1, 13), [1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        ("lighting", range(1, 4), [None, 3, 4]),
        ("power", range(1, 7), [1, 2, 3, 4, 5, None]),
        ("fuel", range(1, 10), [1, None, 4, None, 7, 8, 9, 10, 12]),
        ("toilet", range(1, 5), [1, 2, None, None]),
        ("closet", range(1, 5), [1, None, 4, None]),
        ("waste_disposal", range(1, 7), [1, 2, 4, 3, 5, 6]),
        ("school_attendance", range(3), [1, 2, 3]),
        ("diploma", range(7), [23, None, None, None, 18, None, None]),
        ("chronic_illness", range(10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 18]),
        ("wall_is_poor_quality", (1, 2), [False, True]),
    ],
)
def test_bdt_codes_become_regsosek_codes(field: str, bdt: range, regsosek: list[int | None]) -> None:
    assert list(BDT[field]) == list(bdt)
    assert [from_bdt(field, code) for code in bdt] == regsosek


@pytest.mark.parametrize(
    ("field", "code", "candidates", "closest"),
    [
        ("lighting", 1, (1, 2), None),
        ("fuel", 2, (2, 3), None),
        ("fuel", 4, (5, 6), None),
        ("toilet", 3, (3, 4), 4),
        ("toilet", 4, (5, 6), 6),
        ("closet", 2, (2, 3), None),
        ("closet", 4, (), None),
        ("power", 6, (), None),
        ("diploma", 1, (1, 2, 3, 4, 5), 3),
        ("diploma", 2, (6, 7, 8, 9, 10), 8),
        ("diploma", 3, (11, 12, 13, 14, 15, 16, 17), 13),
        ("diploma", 5, (19, 20), 19),
        ("diploma", 6, (21, 22), None),
    ],
)
def test_an_answer_that_was_divided_gives_candidates(
    field: str, code: int, candidates: tuple[int, ...], closest: int | None
) -> None:
    found = translate(version="bdt2015", field=field, code=code)
    assert (found.code, found.is_exact, found.candidates, found.closest) == (None, False, candidates, closest)
    assert found.note


@pytest.mark.parametrize(
    ("field", "code", "others", "expected"),
    [
        ("lighting", 1, {"power": 1}, 1),
        ("lighting", 1, {"power": 5}, 1),
        ("lighting", 1, {"power": 6}, 2),
        ("lighting", 1, {"power": 7}, None),
        ("lighting", 2, {"power": 6}, 3),
        ("diploma", 1, {"education_level": 3}, 4),
        ("diploma", 1, {"education_level": 1}, None),
        ("diploma", 1, {"education_level": 6}, None),
        ("diploma", 2, {"education_level": 5}, 6),
        ("diploma", 0, {"education_level": 3}, 23),
    ],
)
def test_a_second_answer_of_the_row_may_decide(
    field: str, code: int, others: dict[str, int], expected: int | None
) -> None:
    assert from_bdt(field, code, **others) == expected


@pytest.mark.parametrize(
    ("field", "code"),
    [("floor", 8), ("roof", 2), ("roof", 4), ("water", 4), ("chronic_illness", 9), ("sector", 1)],
)
def test_a_translation_that_loses_something_says_so(field: str, code: int) -> None:
    found = translate(version="bdt2015", field=field, code=code)
    assert found.code is not None
    assert not found.is_exact
    assert str(found.note)


@pytest.mark.parametrize("field", BDT)
def test_exact_translations_can_be_read_back(field: str) -> None:
    for code in BDT[field]:
        found = translate(version="bdt2015", field=field, code=code)
        if found.is_exact and found.code is not None:
            assert bdt_codes(field, found.code) == (code,)


def test_wood_of_either_quality_becomes_the_same_floor() -> None:
    assert bdt_codes("floor", 5) == (5, 8)


@pytest.mark.parametrize("field", BDT)
def test_every_translation_is_a_code_of_the_newer_form(field: str) -> None:
    known = PEOPLE[field].values if field in PEOPLE else QUESTIONS[field].codes or [False, True]
    for found in BDT[field].values():
        assert {found.code, found.closest, *found.candidates} <= {None, *known}
        assert found.closest is None or found.closest in found.candidates


@pytest.mark.parametrize(
    ("bdt", "regsosek", "is_exact"),
    [(0, 0, True), (1, 1, True), (4, 4, True), (5, 5, True), (2, 2, False), (8, 0, False), (15, 7, False)],
)
def test_identity_documents_keep_their_boxes_but_the_driving_licence_goes(
    bdt: int, regsosek: int, is_exact: bool
) -> None:
    found = translate(version="bdt2015", field="documents", code=bdt)
    assert (found.code, found.is_exact, bool(found.note)) == (regsosek, is_exact, not is_exact)


@pytest.mark.parametrize(
    ("column", "code", "answer"),
    [
        (33, 1, True),
        (33, 2, False),
        (34, 3, True),
        (34, 4, False),
        (47, 1, True),
        (50, 1, True),
        (52, 3, True),
        (58, 2, False),
        (65, 1, True),
        (66, 3, True),
        (98, 1, True),
    ],
)
def test_bdt_yes_and_no_alternate_between_the_columns(column: int, code: int, answer: bool) -> None:
    assert bdt_yes_no(column, code) is answer


@pytest.mark.parametrize(("column", "code"), [(33, 3), (34, 1), (34, 2), (52, 1), (60, 2), (98, 0)])
def test_an_answer_of_the_other_kind_of_column_is_refused(column: int, code: int) -> None:
    with pytest.raises(UnknownCode):
        bdt_yes_no(column, code)


def test_every_yes_no_question_with_a_bdt_column_can_be_translated() -> None:
    for field, question in QUESTIONS.items():
        if question.is_yes_no and question.bdt_column and field not in BDT:
            column = int(question.bdt_column.split(",")[0])
            yes = 1 if column in ONE_IS_YES else 3
            assert column in ONE_IS_YES | THREE_IS_YES
            assert from_bdt(field, yes) is True
            assert from_bdt(field, yes + 1) is False


@pytest.mark.parametrize(
    ("version", "field", "code"),
    [
        ("bdt2015", "floor", 11),
        ("bdt2015", "floor", 0),
        ("bdt2015", "documents", 16),
        ("bdt2015", "has_refrigerator", 1),
        ("regsosek2022", "floor", 10),
        ("regsosek2022", "has_refrigerator", 3),
        ("regsosek2022", "health_insurance", 16),
    ],
)
def test_a_code_the_form_lacks_is_refused_by_name(version: str, field: str, code: int) -> None:
    with pytest.raises(UnknownCode) as refused:
        translate(version=version, field=field, code=code)
    assert str(code) in refused.value.messages[0]
    assert version in refused.value.messages[0]


@pytest.mark.parametrize(
    ("version", "field"),
    [
        ("bdt2011", "floor"),
        ("bdt2015", "bedrooms"),
        ("bdt2015", "has_smartphone"),
        ("regsosek2022", "shoe_size"),
    ],
)
def test_a_question_the_form_lacks_is_a_programming_error(version: str, field: str) -> None:
    with pytest.raises(LookupError):
        translate(version=version, field=field, code=1)


@pytest.mark.parametrize(
    ("field", "code", "expected"),
    [("floor", 8, 8), ("has_car", 1, True), ("has_car", 2, False), ("sex", 2, 2)],
)
def test_regsosek_codes_stay_as_they_are_and_yes_becomes_true(field: str, code: int, expected: int) -> None:
    found = translate(version="regsosek2022", field=field, code=code)
    assert (found.code, found.is_exact) == (expected, True)
