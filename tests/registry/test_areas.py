import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

import registry
from registry.areas import AreaAmbiguous, AreaBook, AreaNotFound, normalise
from registry.models import Area, AreaAlias, FormerCode

KUKAR = Path(registry.__file__).parent / "data" / "kukar_areas.csv"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def kukar(db: None) -> AreaBook:
    call_command("load_areas", str(KUKAR), stdout=StringIO())
    return AreaBook.load(within="64.02")


# Names


@pytest.mark.parametrize(
    ("written", "official"),
    [
        ("MARANGKAYU", "Marang Kayu"),
        ("Sanga-Sanga", "Sanga Sanga"),
        ("Kec. Muara Kaman", "Muara Kaman"),
        ("KECAMATAN MUARA  KAMAN ", "Muara Kaman"),
        ("Desa Jembayan", "Jembayan"),
        ("Kel.Jahab", "Jahab"),
        ("Desa/Kelurahan Jahab", "Jahab"),
        ("kota bangun 3", "Kota Bangun III"),
        ("KOTABANGUN-III", "Kota Bangun III"),
        ("Kota Bangun Tiga", "Kota Bangun III"),
        ("KOTA BANGUN01", "Kota Bangun I"),
        ("Gas Alam Badak Satu", "Gas Alam Badak I"),
        ("Umaq' Dian", "Umaq Dian"),
        ("\N{NO-BREAK SPACE}Sari\N{NO-BREAK SPACE}Jaya", "Sarijaya"),
    ],
)
def test_spellings_of_one_name_share_a_key(written: str, official: str) -> None:
    assert normalise(written) == normalise(official)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kota Bangun I", "Kota Bangun II"),
        ("Kota Bangun", "Kota Bangun I"),
        ("Jonggon Desa", "Jonggon"),
        ("Kota Bangun", "Bangun"),
        ("Muara Wis", "Muara Vis"),
    ],
)
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_a_name_that_is_only_a_prefix_is_kept() -> None:
    assert normalise("Desa") == "desa"


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -.'"))
def test_a_key_is_its_own_key(name: str) -> None:
    assert normalise(normalise(name)) == normalise(name)


# The file of Kutai Kartanegara


def test_kukar_file_has_every_area_of_the_regency() -> None:
    with KUKAR.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert Counter((row["level"], row["kind"]) for row in rows) == {
        ("province", ""): 1,
        ("regency", "kabupaten"): 1,
        ("district", ""): 20,
        ("village", "kelurahan"): 44,
        ("village", "desa"): 193,
    }
    assert {row["code"] for row in rows if not row["bps_code"]} == {
        "64.02.19",
        "64.02.20",
        "64.02.07.2004",
        "64.02.12.2004",
    }
    assert sum(bool(row["former_codes"]) for row in rows) == 20
    assert {bool(row["latitude"]) for row in rows if row["level"] == "district"} == {True}


def test_every_village_of_kukar_is_found_by_all_its_codes_and_within_its_district(kukar: AreaBook) -> None:
    for village in Area.objects.villages():
        district = village.parent_code
        for text in (village.code, village.code.replace(".", ""), village.bps_code or village.code):
            assert kukar.find_village(district=district, name_or_code=text) == village
            assert kukar.find_village(name_or_code=text) == village
        for name in (village.name, village.name.upper().replace(" ", "-"), f"Desa {village.name}"):
            assert kukar.find_village(district=district, name_or_code=name) == village


def test_every_alias_and_former_code_of_kukar_leads_to_its_area(kukar: AreaBook) -> None:
    aliases = AreaAlias.objects.select_related("area").filter(area__level=Area.Level.VILLAGE)
    assert len(aliases) == 22
    for alias in aliases:
        assert kukar.find_village(district=alias.area.parent_code, name_or_code=alias.name) == alias.area
    for former in FormerCode.objects.select_related("area"):
        assert kukar.find_village(name_or_code=former.code) == former.area
        assert kukar.find_village(name_or_code=former.code.replace(".", "")) == former.area


def test_only_the_sourced_split_is_dated(kukar: AreaBook) -> None:
    dates = Counter(FormerCode.objects.values_list("area__code", "until"))
    assert {until for (code, until) in dates if code.startswith("64.02.20")} == {date(2020, 10, 19)}
    assert {until for (code, until) in dates if code.startswith("64.02.19")} == {None}


def test_book_costs_three_queries(kukar: AreaBook, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(3):
        book = AreaBook.load(within="64.02")
        book.find_village(district="Tenggarong", name_or_code="Jahab")
        book.find_village(district="Semboja", name_or_code="6403010001")


def test_book_without_a_code_holds_the_regency_served(kukar: AreaBook, settings: Settings) -> None:
    settings.HOME_REGENCY = "64.02"
    assert AreaBook.load().find_district("Tenggarong").code == "64.02.06"


# Districts


@pytest.mark.parametrize(
    "text", ["64.02.13", "640213", "6403010", "Samboja", "SEMBOJA", "Kec. Samboja", "'64.02.13", " 64.02.13 "]
)
def test_a_district_is_found_by_code_bps_code_name_and_alias(kukar: AreaBook, text: str) -> None:
    assert kukar.find_district(text).code == "64.02.13"


def test_an_unknown_district_is_refused_with_suggestions(kukar: AreaBook) -> None:
    with pytest.raises(AreaNotFound) as refusal:
        kukar.find_district("Tengarong")
    assert str(refusal.value) == "There is no district “Tengarong”. Did you mean Tenggarong?"
    assert [area.code for area in refusal.value.candidates] == ["64.02.06"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" ", "The district is not named."),
        ("64.02.99", "No district has the code 64.02.99."),
        ("64.02.06.1001", "No district has the code 64.02.06.1001."),
        ("Zzz", "There is no district “Zzz”."),
    ],
)
def test_a_district_that_cannot_be_guessed_is_refused(kukar: AreaBook, text: str, sentence: str) -> None:
    with pytest.raises(AreaNotFound) as refusal:
        kukar.find_district(text)
    assert str(refusal.value) == sentence


# Villages


def test_a_village_name_of_several_districts_is_ambiguous_and_says_which(kukar: AreaBook) -> None:
    with pytest.raises(AreaAmbiguous) as refusal:
        kukar.find_village(name_or_code="Sumber Sari")
    assert str(refusal.value) == (
        "“Sumber Sari” is a village in 3 districts: Loa Kulu, Sebulu, Kota Bangun Darat. Name the district."
    )
    assert [area.code for area in refusal.value.candidates] == [
        "64.02.02.2014",
        "64.02.07.2007",
        "64.02.19.2007",
    ]


def test_exactly_eight_names_of_kukar_are_ambiguous(kukar: AreaBook) -> None:
    ambiguous = set()
    for name in Area.objects.villages().values_list("name", flat=True):
        try:
            kukar.find_village(name_or_code=name)
        except AreaAmbiguous:
            ambiguous.add(name)
    assert ambiguous == {
        "Sumber Sari",
        "Tani Bhakti",
        "Sidomulyo",
        "Kampung Baru",
        "Tanjung Harapan",
        "Sedulang",
        "Bukit Raya",
        "Teluk Dalam",
    }


@pytest.mark.parametrize(
    ("district", "code"),
    [("Loa Kulu", "64.02.02.2014"), ("SEBULU", "64.02.07.2007"), ("64.02.19", "64.02.19.2007")],
)
def test_the_district_decides_between_villages_of_one_name(kukar: AreaBook, district: str, code: str) -> None:
    assert kukar.find_village(district=district, name_or_code="sumber sari").code == code


def test_a_village_is_found_under_the_district_it_belonged_to_before_the_split(kukar: AreaBook) -> None:
    assert kukar.find_village(district="Kotabangun", name_or_code="SEDULANG").code == "64.02.19.2002"
    assert kukar.find_village(district="6403010", name_or_code="6403010001").code == "64.02.20.1002"


def test_a_village_of_the_district_today_comes_before_one_that_has_left(kukar: AreaBook) -> None:
    twin = Area.objects.create(code="64.02.08.2099", name="Sedulang", level="village", kind="desa")
    book = AreaBook.load(within="64.02")
    assert book.find_village(district="Kota Bangun", name_or_code="Sedulang") == twin


def test_a_code_given_out_again_means_its_present_bearer(kukar: AreaBook) -> None:
    heir = Area.objects.create(code="64.02.08.2003", name="Pewaris", level="village", kind="desa")
    assert AreaBook.load(within="64.02").find_village(name_or_code="64.02.08.2003") == heir


def test_a_village_code_outside_the_named_district_is_refused(kukar: AreaBook) -> None:
    with pytest.raises(AreaNotFound) as refusal:
        kukar.find_village(district="Anggana", name_or_code="64.02.07.2001")
    assert str(refusal.value) == "64.02.07.2001 is Selerong (Sebulu), which is not in Anggana."


def test_a_misspelt_village_is_refused_with_the_names_of_its_district(kukar: AreaBook) -> None:
    with pytest.raises(AreaNotFound) as refusal:
        kukar.find_village(district="Muara Kaman", name_or_code="Rantau Hampang")
    assert str(refusal.value) == (
        "There is no village “Rantau Hampang” in Muara Kaman. Did you mean Rantau Hempang (Muara Kaman)?"
    )


def test_a_village_of_another_district_is_refused_and_the_right_district_is_suggested(
    kukar: AreaBook,
) -> None:
    with pytest.raises(AreaNotFound) as refusal:
        kukar.find_village(district="Anggana", name_or_code="Jahab")
    assert "Did you mean Jahab (Tenggarong)?" in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The village is not named."),
        ("64.02.06.9999", "No village has the code 64.02.06.9999."),
        ("Zzz", "There is no village “Zzz”."),
    ],
)
def test_a_village_that_cannot_be_guessed_is_refused(kukar: AreaBook, text: str, sentence: str) -> None:
    with pytest.raises(AreaNotFound) as refusal:
        kukar.find_village(district="", name_or_code=text)
    assert str(refusal.value) == sentence


def test_ten_digits_that_are_two_villages_are_ambiguous_until_written_with_dots(db: None) -> None:
    Area.objects.create(code="64.03", name="Berau", level="regency")
    berau = Area.objects.create(code="64.03.08.1001", name="Satu", level="village")
    kukar_village = Area.objects.create(
        code="64.02.08.2001", name="Dua", level="village", bps_code="6403081001"
    )
    book = AreaBook.load(within="64")
    with pytest.raises(AreaAmbiguous) as refusal:
        book.find_village(name_or_code="6403081001")
    assert set(refusal.value.candidates) == {berau, kukar_village}
    assert book.find_village(name_or_code="64.03.08.1001") == berau


def test_two_districts_of_one_name_are_ambiguous_by_code(db: None) -> None:
    Area.objects.create(code="99.01.01", name="Kembar", level="district")
    Area.objects.create(code="99.02.01", name="Kembar", level="district")
    with pytest.raises(AreaAmbiguous) as refusal:
        AreaBook.load(within="99").find_district("Kembar")
    assert "fits 2 areas: 99.01.01 Kembar, 99.02.01 Kembar" in str(refusal.value)
