from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.db.migrations.writer import MigrationWriter
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from households.models.answers import HouseholdAnswers, MemberAnswers, code_checks
from households.questionnaire import codes
from households.questionnaire.blocks import HOUSEHOLD_BLOCKS, MEMBER_BLOCKS, QUESTIONS, REGSOSEK_CODES
from households.questionnaire.edits import cleared, edit
from households.questionnaire.questions import Block, is_asked

pytestmark = pytest.mark.english

COLUMNS = {
    field.name: field for model in (HouseholdAnswers, MemberAnswers) for field in model._meta.local_fields
}


def up_to(highest: int) -> list[int]:
    return list(range(1, highest + 1))


# The answers of the printed Regsosek 2022.K form, question by question.
@pytest.mark.parametrize(
    ("question", "choices", "official"),
    [
        ("115", codes.FamilyCardMatch, [0, 1, 2]),
        ("205", codes.VisitResult, up_to(5)),
        ("301a", codes.DwellingTenure, up_to(5)),
        ("301b", codes.LandProof, up_to(6)),
        ("303", codes.Floor, up_to(9)),
        ("304", codes.Wall, up_to(7)),
        ("305", codes.Roof, up_to(8)),
        ("306a", codes.WaterSource, up_to(11)),
        ("306b", codes.WaterDistance, up_to(3)),
        ("307a", codes.Lighting, up_to(4)),
        ("307b1", codes.PowerCapacity, up_to(5)),
        ("308", codes.CookingFuel, up_to(12)),
        ("309a", codes.Toilet, up_to(6)),
        ("309b", codes.Closet, up_to(4)),
        ("310", codes.WasteDisposal, up_to(6)),
        ("404", codes.Presence, up_to(6)),
        ("405", codes.Sex, [1, 2]),
        ("408", codes.MaritalStatus, up_to(4)),
        ("409", codes.Relationship, up_to(8)),
        ("411", codes.IdentityDocument, [0, 1, 2, 4]),
        ("412", codes.SchoolAttendance, up_to(3)),
        ("413", codes.EducationLevel, up_to(22)),
        ("414", codes.Grade, up_to(8)),
        ("415", codes.Diploma, up_to(23)),
        ("417", codes.Sector, up_to(26)),
        ("418", codes.WorkStatus, up_to(8)),
        ("419", codes.TaxNumber, up_to(3)),
        ("424", codes.BusinessPermit, up_to(12)),
        ("425", codes.BusinessTurnover, up_to(7)),
        ("426", codes.BusinessInternet, [0, 1, 2, 4, 8, 16, 32]),
        ("427", codes.NutritionStatus, [1, 2, 3, 8]),
        ("428a", codes.Difficulty, up_to(4)),
        ("428j", codes.Sadness, up_to(4)),
        ("429", codes.Carer, up_to(3)),
        ("430", codes.ChronicIllness, up_to(18)),
        ("431a", codes.HealthInsurance, [0, 1, 2, 4, 8, 99]),
        ("431b", codes.YesNoUnknown, [1, 2, 8]),
        ("431f", codes.WorkInsurance, [0, 1, 2, 4, 8, 16, 99]),
        ("505", codes.Internet, [0, 1, 2, 3]),
        ("506", codes.BankAccount, up_to(4)),
    ],
)
def test_each_list_has_the_official_codes_and_a_label_for_each(
    question: str, choices: type[models.IntegerChoices], official: list[int]
) -> None:
    assert choices.values == official
    assert len(set(map(str, choices.labels))) == len(official)
    asked = {found.answers for found in QUESTIONS.values() if found.code == question}
    assert asked <= {choices}


@pytest.mark.parametrize(
    ("code", "official"),
    [
        (codes.Floor.EARTH, 8),
        (codes.Wall.WOVEN_BAMBOO, 4),
        (codes.Roof.THATCH, 7),
        (codes.WaterSource.BOREHOLE, 4),
        (codes.Lighting.NOT_ELECTRIC, 4),
        (codes.CookingFuel.FIREWOOD, 10),
        (codes.Toilet.NONE, 6),
        (codes.WasteDisposal.WATER_BODY, 3),
        (codes.Presence.NEW_MEMBER, 5),
        (codes.Sex.FEMALE, 2),
        (codes.Relationship.HEAD, 1),
        (codes.SchoolAttendance.NEVER, 1),
        (codes.Diploma.PRIMARY_PESANTREN, 5),
        (codes.Diploma.NONE, 23),
        (codes.Sector.CONSTRUCTION, 11),
        (codes.WorkStatus.FARM_LABOURER, 6),
        (codes.Difficulty.CANNOT, 1),
        (codes.ChronicIllness.HYPERTENSION, 2),
    ],
)
def test_answers_that_decide_about_poverty_have_their_official_code(
    code: models.IntegerChoices, official: int
) -> None:
    assert code.value == official


def test_diploma_is_the_list_of_education_levels_and_none() -> None:
    assert codes.Diploma.choices[:-1] == codes.EducationLevel.choices


def test_labels_follow_the_language_of_the_reader() -> None:
    with translation.override("en"):
        assert codes.Diploma(3).label == "Primary school (SD)"


class TestBitmasks:
    @pytest.mark.parametrize(
        ("boxes", "value", "ticked"),
        [
            (codes.IdentityDocument, 0, [0]),
            (codes.IdentityDocument, 5, [1, 4]),
            (codes.IdentityDocument, 7, [1, 2, 4]),
            (codes.HealthInsurance, 8, [8]),
            (codes.HealthInsurance, 15, [1, 2, 4, 8]),
            (codes.HealthInsurance, 99, [99]),
            (codes.WorkInsurance, 31, [1, 2, 4, 8, 16]),
            (codes.WorkInsurance, 99, [99]),
            (codes.BusinessInternet, 63, [1, 2, 4, 8, 16, 32]),
        ],
    )
    def test_a_sum_is_read_as_the_boxes_ticked(
        self, boxes: type[codes.Bitmask], value: int, ticked: list[int]
    ) -> None:
        assert list(boxes.decode(value)) == ticked
        assert boxes.encode(ticked) == value

    @pytest.mark.parametrize(
        ("boxes", "value"),
        [
            (codes.IdentityDocument, -1),
            (codes.IdentityDocument, 8),
            (codes.IdentityDocument, 99),
            (codes.HealthInsurance, 16),
            (codes.HealthInsurance, 98),
            (codes.HealthInsurance, 100),
            (codes.WorkInsurance, 32),
            (codes.BusinessInternet, 64),
        ],
    )
    def test_an_impossible_sum_is_refused(self, boxes: type[codes.Bitmask], value: int) -> None:
        with pytest.raises(ValidationError, match=str(value)):
            boxes.decode(value)
        assert value not in boxes.possible_values()

    @pytest.mark.parametrize("ticked", [[0, 1], [99, 1], [0, 99]])
    def test_none_and_unknown_cannot_be_ticked_beside_another_box(self, ticked: list[int]) -> None:
        with pytest.raises(ValidationError):
            codes.WorkInsurance.encode(ticked)

    @given(
        boxes=st.sampled_from(codes.Bitmask.__subclasses__()),
        data=st.data(),
    )
    def test_every_possible_value_survives_reading_and_writing(
        self, boxes: type[codes.Bitmask], data: st.DataObject
    ) -> None:
        value = data.draw(st.sampled_from(boxes.possible_values()))
        assert boxes.encode(boxes.decode(value)) == value


class TestBlocks:
    @pytest.mark.parametrize(
        ("model", "blocks"), [(HouseholdAnswers, HOUSEHOLD_BLOCKS), (MemberAnswers, MEMBER_BLOCKS)]
    )
    def test_every_column_stands_in_exactly_one_block(
        self, model: type[models.Model], blocks: tuple[Block, ...]
    ) -> None:
        asked = Counter(question.field for block in blocks for question in block.questions)
        assert asked == Counter(field.name for field in model._meta.local_fields)

    @pytest.mark.parametrize("field", COLUMNS)
    def test_column_and_question_agree_on_the_answers(self, field: str) -> None:
        column, question = COLUMNS[field], QUESTIONS[field]
        assert column.null
        assert column.blank
        if question.is_yes_no:
            assert isinstance(column, models.BooleanField)
        elif question.limits:
            assert {validator.limit_value for validator in column._validators} == set(question.limits)
        elif column.flatchoices:
            assert [code for code, _label in column.flatchoices] == list(question.codes)
        else:
            assert column._validators == [question.answers.validate]

    def test_every_question_of_regsosek_has_one_number(self) -> None:
        assert len(set(REGSOSEK_CODES.values())) == len(REGSOSEK_CODES) == 85

    def test_every_condition_hangs_on_a_known_answer(self) -> None:
        for question in QUESTIONS.values():
            assert question.depends_on <= {*QUESTIONS, "age", "sex"}

    def test_bitmask_columns_can_be_written_into_a_migration(self) -> None:
        written, _imports = MigrationWriter.serialize(COLUMNS["documents"])
        assert "households.questionnaire.codes.person.IdentityDocument.validate" in written

    @pytest.mark.parametrize(("model", "count"), [(HouseholdAnswers, 16), (MemberAnswers, 33)])
    def test_every_coded_column_has_a_check_for_the_database(
        self, model: type[models.Model], count: int
    ) -> None:
        checks = code_checks(model)
        assert len(checks) == count
        assert all(len(check.name) < 60 for check in checks)


# field, the answers it waits for, whether it is asked
CONDITIONS = [
    ("land_proof", {"tenure": 1}, True),
    ("land_proof", {"tenure": 2}, False),
    ("land_proof", {}, False),
    ("land_proof", {"tenure": 1, "has_dwelling": False}, False),
    ("floor", {}, True),
    ("floor", {"has_dwelling": True}, True),
    ("floor", {"has_dwelling": False}, False),
    *(("water_distance", {"water": code}, code in {4, 5, 6, 7, 8}) for code in range(1, 12)),
    *(("power", {"lighting": code}, code == 1) for code in range(1, 5)),
    *(("closet", {"toilet": code}, code in {1, 2, 3}) for code in range(1, 7)),
    *(("waste_disposal", {"toilet": code}, code in {1, 2, 3}) for code in range(1, 7)),
    *(("diploma", {"school_attendance": code}, code in {2, 3}) for code in range(1, 4)),
    *(("diploma", {"school_attendance": 3, "presence": code}, code in {1, 5}) for code in range(1, 7)),
    *(("is_pregnant", {"sex": 2, "age": 30, "marital_status": code}, code > 1) for code in range(1, 5)),
    *(
        ("is_pregnant", {"sex": 2, "age": age, "marital_status": 2}, asked)
        for age, asked in [(9, False), (10, True), (54, True), (55, False)]
    ),
    ("is_pregnant", {"sex": 1, "age": 30, "marital_status": 2}, False),
    ("work_hours", {"works": True}, True),
    ("work_hours", {"works": False}, False),
    ("turnover", {"owns_business": True}, True),
    ("turnover", {"owns_business": False}, False),
    ("nutrition", {"age": 4}, True),
    ("nutrition", {"age": 5}, False),
    ("difficulty_behaviour", {"age": 1}, False),
    ("difficulty_behaviour", {"age": 2}, True),
    ("difficulty_speaking", {"age": 4}, False),
    ("difficulty_speaking", {"age": 5}, True),
    ("difficulty_speaking", {"age": None}, True),
    ("carer", {"age": 59}, False),
    ("carer", {"age": 60}, True),
    ("carer", {"age": 20, "difficulty_walking": 2}, True),
    ("carer", {"age": 20, "difficulty_walking": 3}, False),
    ("carer", {"age": 20, "sadness": 1}, True),
    ("in_pip", {"age": 4}, False),
    ("in_pip", {"age": 5}, True),
    ("in_pip", {"age": 30}, True),
    ("in_pip", {"age": 31}, False),
    ("work_insurance", {"age": 14}, False),
    ("work_insurance", {"age": 15}, True),
]


@pytest.mark.parametrize(("field", "answers", "expected"), CONDITIONS)
def test_a_question_is_asked_when_its_condition_holds(
    field: str, answers: dict[str, int | None], expected: bool
) -> None:
    assert is_asked(QUESTIONS[field], answers) is expected


def found(answers: dict[str, int | None], **person: int | bool) -> list[tuple[str, str, str]]:
    return [(finding.field, finding.level, finding.code) for finding in edit(answers, **person)]


class TestEdits:
    @pytest.mark.parametrize(
        ("answers", "expected"),
        [
            ({"floor_area": 1}, []),
            ({"floor_area": 997}, []),
            ({"floor_area": 0}, [("floor_area", "error", "out_of_range")]),
            ({"floor_area": 998}, [("floor_area", "error", "out_of_range")]),
            ({"floor": 10}, [("floor", "error", "not_an_answer")]),
            ({"floor": None}, []),
            ({"has_car": 1}, [("has_car", "error", "not_an_answer")]),
            ({"health_insurance": 98}, [("health_insurance", "error", "not_an_answer")]),
            ({"protein_per_week": 8}, [("protein_per_week", "error", "out_of_range")]),
            ({"tenure": 1}, []),
            ({"tenure": 1, "land_proof": None}, [("land_proof", "warning", "unanswered")]),
            ({"tenure": 2, "land_proof": 1}, [("land_proof", "warning", "not_asked")]),
            ({"land_proof": 1}, []),
            ({"lighting": 4, "has_refrigerator": True}, [("has_refrigerator", "error", "contradiction")]),
            ({"lighting": 3, "has_refrigerator": True}, []),
            ({"lighting": 4, "has_landline": True}, []),
            ({"fuel": 2, "has_gas_cylinder": True}, []),
            ({"fuel": 10, "has_gas_cylinder": True}, [("has_gas_cylinder", "warning", "contradiction")]),
            ({"fuel": 3, "has_gas_cylinder": False}, [("has_gas_cylinder", "warning", "contradiction")]),
            ({"fuel": 4, "has_gas_cylinder": False}, []),
            ({"fuel": None, "has_gas_cylinder": True}, []),
        ],
    )
    def test_household_answers(
        self, answers: dict[str, int | None], expected: list[tuple[str, str, str]]
    ) -> None:
        assert found(answers) == expected

    @pytest.mark.parametrize(
        ("answers", "person", "expected"),
        [
            ({"is_pregnant": True, "marital_status": 2}, {"age": 30, "sex": 2}, []),
            ({"is_pregnant": False, "marital_status": 2}, {"age": 30, "sex": 1}, []),
            (
                {"is_pregnant": True, "marital_status": 2},
                {"age": 30, "sex": 1},
                [("is_pregnant", "warning", "not_asked"), ("is_pregnant", "error", "contradiction")],
            ),
            (
                {"is_pregnant": True, "marital_status": 1},
                {"age": 17, "sex": 2},
                [("is_pregnant", "warning", "not_asked")],
            ),
            ({"works": True, "work_hours": 0}, {}, [("work_hours", "error", "out_of_range")]),
            ({"works": False, "work_hours": 40}, {}, [("work_hours", "warning", "not_asked")]),
            ({"presence": 2, "works": True}, {}, [("works", "warning", "not_asked")]),
            ({}, {"age": 98}, []),
            ({}, {"age": 99}, [("age", "warning", "out_of_range")]),
            ({}, {"age": -1}, [("age", "error", "out_of_range")]),
        ],
    )
    def test_member_answers(
        self,
        answers: dict[str, int | None],
        person: dict[str, int],
        expected: list[tuple[str, str, str]],
    ) -> None:
        assert found(answers, **person) == expected

    def test_a_blank_follow_up_is_an_error_only_on_a_form_said_to_be_complete(self) -> None:
        answers = {"lighting": 1, "power": None}
        assert found(answers, is_complete=False) == [("power", "warning", "unanswered")]
        assert found(answers, is_complete=True) == [("power", "error", "unanswered")]

    def test_a_finding_reads_as_a_sentence(self) -> None:
        with translation.override("en"):
            assert [str(finding) for finding in edit({"floor_area": 998, "tenure": 2, "land_proof": 6})] == [
                "Answered, although it need not be. Asked when the dwelling is the household's own.",
                "998 is outside the range from 1 to 997.",
            ]

    def test_answers_nobody_asked_for_are_emptied_and_named(self) -> None:
        answers = {"has_dwelling": False, "tenure": 1, "land_proof": 1, "meals_per_day": 2}
        kept, emptied = cleared(answers)
        assert kept == {"has_dwelling": False, "tenure": None, "land_proof": None, "meals_per_day": 2}
        assert emptied == ["tenure", "land_proof"]

    def test_answers_that_may_have_been_asked_are_kept(self) -> None:
        assert cleared({"land_proof": 1, "difficulty_seeing": 4}) == (
            {"land_proof": 1, "difficulty_seeing": 4},
            [],
        )
