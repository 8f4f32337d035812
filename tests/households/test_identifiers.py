from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from households.identifiers import (
    FEMALE,
    MALE,
    PROVINCES,
    FamilyCardCheck,
    NikCheck,
    check_family_card,
    check_nik,
    from_cell,
    mask,
)

pytestmark = pytest.mark.english

EXCEL = (
    "Excel has changed this number: give the column the format Text, "
    "then type the number again from the card."
)

birth_dates = st.dates(date(1900, 1, 1), date(2099, 12, 31))
regions = st.integers(990000, 999999).map(str)
serials = st.integers(1, 9999).map("{:04}".format)
sexes = st.sampled_from([MALE, FEMALE])


@pytest.fixture(autouse=True, scope="module")
def _english() -> Iterator[None]:
    with override("en"):
        yield


def nik_of(birth_date: date, sex: int = MALE, region: str = "990101", serial: str = "0001") -> str:
    day = birth_date.day + (40 if sex == FEMALE else 0)
    return f"{region}{day:02}{birth_date:%m%y}{serial}"


# Laws


@given(birth_dates, sexes, regions, serials)
def test_a_valid_nik_gives_back_the_birth_date_and_the_sex_it_was_made_from(
    birth_date: date, sex: int, region: str, serial: str
) -> None:
    nik = nik_of(birth_date, sex, region, serial)
    found = check_nik(nik, birth_date=birth_date, sex=sex)
    assert found == NikCheck(
        value=nik, birth_date=birth_date, candidates=found.candidates, sex=sex, is_sample=True
    )
    assert birth_date in found.candidates


@given(birth_dates, regions, serials)
def test_forty_more_on_the_day_is_a_woman_born_on_the_same_day(
    birth_date: date, region: str, serial: str
) -> None:
    his = check_nik(nik_of(birth_date, MALE, region, serial), birth_date=birth_date)
    hers = check_nik(nik_of(birth_date, FEMALE, region, serial), birth_date=birth_date)
    assert int(hers.value) - int(his.value) == 40 * 10**8
    assert (his.sex, hers.sex) == (MALE, FEMALE)
    assert his.birth_date == hers.birth_date == birth_date


@given(st.integers(0, 99), sexes, serials)
def test_30_february_is_refused_in_every_year(year: int, sex: int, serial: str) -> None:
    day = 70 if sex == FEMALE else 30
    found = check_nik(f"990101{day}02{year:02}{serial}")
    assert found.errors == (f"Digits 7 to 12 of the NIK ({day}02{year:02}) are not a birth date.",)
    assert (found.birth_date, found.sex) == (None, None)


@given(birth_dates, serials, st.integers(0, 15), st.sampled_from(["０", "٠", "०", "𝟎"]))
def test_digits_of_other_scripts_are_refused(birth_date: date, serial: str, position: int, zero: str) -> None:
    nik = nik_of(birth_date, serial=serial)
    foreign = chr(ord(zero) + int(nik[position]))
    found = check_nik(nik[:position] + foreign + nik[position + 1 :])
    assert found.errors == (f"The NIK may hold only the digits 0 to 9 of the keyboard, not “{foreign}”.",)


@given(st.from_regex(r"[0-9]{16}", fullmatch=True))
def test_the_mask_hides_exactly_the_middle_six(number: str) -> None:
    assert mask(number) == number[:6] + "******" + number[12:]


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.none(), st.booleans()))
def test_no_input_raises(value: object) -> None:
    found = check_nik(value)
    card = check_family_card(value)
    assert found.errors or len(found.value) == 16
    assert card.errors or len(card.value) == 16
    assert isinstance(mask(str(value)), str)


@given(st.text())
def test_nothing_of_a_number_that_is_not_sixteen_digits_is_shown(text: str) -> None:
    shown = mask(text)
    assert len(shown) == 16 or set(shown) <= {"*"}


# Reading


@pytest.mark.parametrize(
    "written",
    [
        "9901014205850001",
        " 990101 420585 0001 ",
        "990101.420585.0001",
        "990101-420585-0001",
        "990101–420585−0001",
        "'9901014205850001",
        "’9901014205850001",
        "\N{ZERO WIDTH SPACE}9901014205850001\N{BYTE ORDER MARK}",
        "990101\N{NO-BREAK SPACE}4205850001\r\n",
    ],
)
def test_what_people_put_between_the_digits_is_taken_away(written: str) -> None:
    found = check_nik(written)
    assert (found.value, found.errors) == ("9901014205850001", ())


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("", "The NIK is empty."),
        (None, "The NIK is empty."),
        (" - ", "The NIK is empty."),
        ("990101420585000", "The NIK must have 16 digits; this one has 15."),
        ("99010142058500011", "The NIK must have 16 digits; this one has 17."),
        ("990101420585000O", "The NIK may hold only the digits 0 to 9 of the keyboard, not “O”."),
        ("9901014205'850001", "The NIK may hold only the digits 0 to 9 of the keyboard, not “'”."),
        ("9901014205850000", "A NIK never ends in 0000."),
    ],
)
def test_a_text_that_is_no_nik_is_refused_with_the_reason(written: str | None, error: str) -> None:
    assert check_nik(written).errors == (error,)


@pytest.mark.parametrize("day", ["00", "32", "40", "72", "80", "99"])
def test_a_day_outside_both_ranges_is_refused(day: str) -> None:
    assert check_nik(f"990101{day}01850001").errors


@pytest.mark.parametrize(("day", "sex"), [("01", MALE), ("31", MALE), ("41", FEMALE), ("71", FEMALE)])
def test_the_first_and_last_day_of_both_ranges_are_read(day: str, sex: int) -> None:
    found = check_nik(f"990101{day}01850001")
    assert (found.errors, found.sex) == ((), sex)


@pytest.mark.parametrize("month", ["00", "13"])
def test_a_month_that_does_not_exist_is_refused(month: str) -> None:
    assert check_nik(f"99010101{month}850001").errors


def test_an_impossible_date_and_a_serial_of_zeros_are_both_told() -> None:
    assert len(check_nik("9901013102850000").errors) == 2


# The birth date


def test_without_a_stated_date_the_century_stays_open() -> None:
    found = check_nik("9901010205850001")
    assert found.birth_date is None
    assert found.candidates == (date(1985, 5, 2), date(2085, 5, 2))


@pytest.mark.parametrize("year", [1912, 2012])
def test_the_stated_date_decides_the_century(year: int) -> None:
    found = check_nik("9901010205120001", birth_date=date(year, 5, 2))
    assert (found.birth_date, found.warnings) == (date(year, 5, 2), ())


@pytest.mark.parametrize(
    ("year", "candidates"),
    [
        ("00", (date(2000, 2, 29),)),
        ("04", (date(1904, 2, 29), date(2004, 2, 29))),
        ("01", ()),
    ],
)
def test_29_february_is_real_only_in_leap_years(year: str, candidates: tuple[date, ...]) -> None:
    assert check_nik(f"9901012902{year}0001").candidates == candidates


def test_a_single_possible_date_needs_no_stated_one() -> None:
    assert check_nik("9901012902000001").birth_date == date(2000, 2, 29)


def test_another_stated_date_is_a_warning_that_names_both() -> None:
    found = check_nik("9901010205850001", birth_date=date(1985, 2, 5))
    assert found.errors == ()
    assert found.warnings == (
        "The NIK says born on 02/05/1985, the answer is 05/02/1985: check the family card.",
    )


# Sex


@pytest.mark.parametrize(
    ("nik", "sex", "warnings"),
    [
        ("9901010205850001", MALE, ()),
        ("9901014205850001", FEMALE, ()),
        ("9901010205850001", None, ()),
        (
            "9901014205850001",
            MALE,
            ("The NIK says female, the answer is male: check the family card.",),
        ),
        (
            "9901010205850001",
            FEMALE,
            ("The NIK says male, the answer is female: check the family card.",),
        ),
    ],
)
def test_another_stated_sex_is_a_warning(nik: str, sex: int | None, warnings: tuple[str, ...]) -> None:
    assert check_nik(nik, sex=sex).warnings == warnings


# Provinces and samples


def test_the_38_provinces_are_known() -> None:
    assert len(PROVINCES) == 38
    assert {"11", "21", "64", "65", "91", "96"} <= PROVINCES
    assert not {"10", "20", "22", "37", "54", "66", "77", "83", "97", "99"} & PROVINCES


@pytest.mark.parametrize("check", [check_nik, check_family_card])
def test_an_unknown_province_is_a_warning_and_no_error(
    check: Callable[[object], NikCheck | FamilyCardCheck],
) -> None:
    found = check("9701010205850001")
    assert found.errors == ()
    assert found.warnings == ("No province has the code 97: check the first two digits.",)
    assert not found.is_sample


@pytest.mark.parametrize("check", [check_nik, check_family_card])
def test_prefix_99_is_a_sample_and_no_warning(check: Callable[[object], NikCheck | FamilyCardCheck]) -> None:
    found = check("9901010205850001")
    assert (found.is_sample, found.warnings) == (True, ())


# Family cards


def test_a_family_card_number_is_sixteen_digits() -> None:
    assert check_family_card("990101 020520 0001").value == "9901010205200001"
    assert check_family_card("99010102052000").errors == (
        "The family card number must have 16 digits; this one has 14.",
    )


def test_a_womans_day_in_a_family_card_number_asks_whether_it_is_a_nik() -> None:
    found = check_family_card("9901014205850001")
    assert found.errors == ()
    assert found.warnings == (
        "Digits 7 to 12 of the family card number (420585) are not a date: is it a NIK?",
    )


def test_a_family_card_number_that_ends_in_zeros_is_a_warning() -> None:
    found = check_family_card("9901010205200000")
    assert (found.errors, len(found.warnings)) == ((), 1)


# Cells


@pytest.mark.parametrize(
    "value",
    [
        9901014205850001,
        9901014205850001.0,
        Decimal("9901014205850001"),
        float("nan"),
        True,
        date(2020, 1, 1),
        datetime(2020, 1, 1),
        "6,40206E+15",
        "6.40206E+15",
        "'6,40206e15",
        " 9E+15 ",
    ],
)
def test_a_number_from_a_cell_is_refused_and_never_repaired(value: object) -> None:
    assert from_cell(value) == (str(value), EXCEL)
    assert check_nik(value).errors == (EXCEL,)
    assert check_family_card(value).errors == (EXCEL,)


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), ("", ""), ("9901014205850001", "9901014205850001"), ("E15", "E15")]
)
def test_a_text_from_a_cell_passes_as_it_is(value: object, text: str) -> None:
    assert from_cell(value) == (text, "")


# Masks


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("9901014205850001", "990101******0001"),
        (" 990101-420585-0001", "990101******0001"),
        ("990101420585000", "***************"),
        ("990101420585000O", "****************"),
        ("", ""),
    ],
)
def test_a_mask_shows_region_and_serial_only(number: str, masked: str) -> None:
    assert mask(number) == masked


def test_all_that_is_wrong_is_said_at_once() -> None:
    born, other = date(1980, 8, 17), date(1981, 8, 17)
    for said, answered in ((FEMALE, MALE), (MALE, FEMALE)):
        found = check_nik(nik_of(born, said), birth_date=other, sex=answered)
        assert len(found.warnings) == 2, found.warnings
    wrong = check_nik("9901019999990000")
    assert (len(wrong.errors), wrong.value, wrong.is_sample) == (2, "9901019999990000", True)
    card = check_family_card("0001019999990000")
    assert len(card.warnings) == 3
    assert card.warnings[-1] == "This family card number ends in 0000: check the family card."
    assert check_family_card("9901011708200001").warnings == ()


def test_what_cannot_be_read_is_told_as_it_was_understood() -> None:
    assert check_nik("'123 4").value == check_family_card("123 4").value == "1234"
