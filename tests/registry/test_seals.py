"""The laws of a seal, and of the file that holds the keys."""

import json
import os
import stat
from base64 import b64decode
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from registry.seals import (
    BrokenSeal,
    _sample_ring,
    add_key,
    blind_index,
    make_key_file,
    newest_version,
    seal,
    seal_bytes,
    unseal,
    unseal_bytes,
    version_of,
)

PLACE = "households_member.nik:17"
NUMBER = "9902061705800001"
numbers = st.from_regex(r"[0-9]{16}", fullmatch=True)


@pytest.fixture
def key_file(settings, tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    make_key_file(path)
    settings.KEY_FILE = str(path)
    return path


@given(st.text(), st.text())
def test_what_is_sealed_opens_at_its_place(plain: str, place: str) -> None:
    assert unseal(seal(plain, place), place) == plain


@given(st.binary(max_size=2000))
def test_bytes_open_as_they_were(plain: bytes) -> None:
    assert unseal_bytes(memoryview(seal_bytes(plain, PLACE)), PLACE) == plain


@given(numbers, st.text(), st.text())
def test_a_seal_opens_at_no_other_place(plain: str, place: str, other: str) -> None:
    sealed = seal(plain, place)
    if place != other:
        with pytest.raises(BrokenSeal):
            unseal(sealed, other)


def test_no_bit_of_a_seal_can_be_flipped() -> None:
    sealed = seal(NUMBER, PLACE)
    for place in range(len(sealed)):
        for bit in range(8):
            flipped = bytearray(sealed)
            flipped[place] ^= 1 << bit
            with pytest.raises(BrokenSeal):
                unseal(bytes(flipped), PLACE)


def test_no_seal_can_be_cut_short_or_made_longer() -> None:
    sealed = seal(NUMBER, PLACE)
    for length in range(len(sealed)):
        with pytest.raises(BrokenSeal):
            unseal(sealed[:length], PLACE)
    with pytest.raises(BrokenSeal):
        unseal(sealed + b"\0", PLACE)


def test_a_seal_is_version_nonce_number_and_tag_and_never_the_same_twice() -> None:
    sealed = seal(NUMBER, PLACE)
    assert (sealed[0], version_of(sealed), len(sealed)) == (1, 1, 1 + 12 + 16 + 16)
    assert version_of(b"") == 0
    assert len({seal(NUMBER, PLACE)[1:13] for _ in range(100)}) == 100
    assert NUMBER.encode() not in sealed


def test_a_refusal_names_the_place_and_never_the_number() -> None:
    with pytest.raises(BrokenSeal) as refused:
        unseal(seal(NUMBER, PLACE), "households_member.nik:18")
    assert str(refused.value) == "The seal of households_member.nik:18 does not open."
    with pytest.raises(BrokenSeal) as refused:
        unseal(b"\x07" + seal(NUMBER, PLACE)[1:], PLACE)
    assert str(refused.value) == f"No key of version 7 for {PLACE}."


@given(numbers, numbers)
def test_indexes_are_equal_where_numbers_of_one_kind_are(one: str, other: str) -> None:
    assert (blind_index("nik", one) == blind_index("nik", other)) == (one == other)
    assert blind_index("nik", one) != blind_index("card", one)


def test_an_index_is_32_hex_digits_and_empty_without_a_number() -> None:
    assert len(bytes.fromhex(blind_index("nik", NUMBER))) == 16
    assert blind_index("nik", "") == ""


def test_the_keys_without_a_file_never_change() -> None:
    """Otherwise a demonstration's database would not open after an update."""
    _sample_ring.cache_clear()
    assert blind_index("nik", NUMBER) == "3855e11aedff6ef1d10075c7923eefa1"
    sealed = bytes.fromhex(
        "01ad45fd7190045c0370181d6f3c213dea906b2a9d7dedcfacf3e689639a6a3bb6db491c5974dd675424f162ea"
    )
    assert unseal(sealed, PLACE) == NUMBER


def test_a_key_file_is_its_owners_alone_and_holds_keys_of_256_bits(key_file: Path) -> None:
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o400
    text = json.loads(key_file.read_text())
    keys = [text["index"], *text["seals"].values()]
    assert [len(b64decode(key)) for key in keys] == [32, 32]
    assert len(set(keys)) == 2
    assert list(text["seals"]) == ["1"]


def test_keys_of_a_file_are_not_those_of_another(settings, key_file: Path, tmp_path: Path) -> None:
    sealed, index = seal(NUMBER, PLACE), blind_index("nik", NUMBER)
    make_key_file(tmp_path / "other.json")
    settings.KEY_FILE = str(tmp_path / "other.json")
    with pytest.raises(BrokenSeal):
        unseal(sealed, PLACE)
    assert blind_index("nik", NUMBER) != index


def test_an_added_key_seals_at_once_and_the_old_one_still_opens(key_file: Path) -> None:
    old, index = seal(NUMBER, PLACE), blind_index("nik", NUMBER)
    assert (add_key(key_file), newest_version()) == (2, 2)
    new = seal(NUMBER, PLACE)
    assert (version_of(old), version_of(new)) == (1, 2)
    assert unseal(old, PLACE) == unseal(new, PLACE) == NUMBER
    assert blind_index("nik", NUMBER) == index
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o400
    assert [path.name for path in key_file.parent.iterdir()] == [key_file.name]
    with pytest.raises(BrokenSeal):
        unseal(b"\x02" + old[1:], PLACE)


def test_an_added_key_leaves_the_file_to_its_owner(key_file: Path) -> None:
    """Root may add it for the account of the service; others can only give the file to a group of theirs."""
    uid, gid = (65534, 65534) if os.geteuid() == 0 else (os.geteuid(), max(os.getgroups()))
    os.chown(key_file, uid, gid)
    add_key(key_file)
    assert (key_file.stat().st_uid, key_file.stat().st_gid) == (uid, gid)


def test_versions_are_counted_as_numbers_up_to_the_last_that_fits_a_byte(key_file: Path) -> None:
    for _ in range(253):
        add_key(key_file)
    assert newest_version() == 254
    assert add_key(key_file) == 255
    assert version_of(seal(NUMBER, PLACE)) == 255
    with pytest.raises(ImproperlyConfigured, match="version byte"):
        add_key(key_file)
    assert newest_version() == 255


def test_the_command_makes_adds_and_never_overwrites(tmp_path: Path, capsys) -> None:
    path = tmp_path / "keys.json"
    with pytest.raises(CommandError, match="keys"):
        call_command("make_keys", str(path), "--add")
    call_command("make_keys", str(path))
    before = path.read_text()
    with pytest.raises(CommandError, match="keys"):
        call_command("make_keys", str(path))
    assert path.read_text() == before
    call_command("make_keys", str(path), "--add")
    assert list(json.loads(path.read_text())["seals"]) == ["1", "2"]
    said = capsys.readouterr().out
    assert str(path) in said
    assert "2" in said.splitlines()[-1]


def _valid() -> dict:
    key = "A" * 43 + "="
    return {"index": key, "seals": {"1": key}}


@pytest.mark.parametrize(
    "broken",
    [
        "not JSON SECRET",
        "[]",
        "{}",
        json.dumps(_valid() | {"seals": {}}),
        json.dumps(_valid() | {"seals": []}),
        json.dumps(_valid() | {"seals": {"0": "A" * 43 + "="}}),
        json.dumps(_valid() | {"seals": {"256": "A" * 43 + "="}}),
        json.dumps(_valid() | {"seals": {"one": "A" * 43 + "="}}),
        json.dumps(_valid() | {"seals": {"1": "SECRET=="}}),
        json.dumps(_valid() | {"index": "SECRET=="}),
        json.dumps(_valid() | {"index": "A" * 42 + "!="}),
        json.dumps(_valid() | {"index": "!" + "A" * 43 + "="}),
        json.dumps(_valid() | {"index": None}),
    ],
)
def test_a_broken_key_file_is_refused_without_quoting_it(settings, tmp_path: Path, broken: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(broken)
    settings.KEY_FILE = str(path)
    with pytest.raises(ImproperlyConfigured) as refused:
        newest_version()
    assert str(refused.value) == f"{path} is not a key file of manage.py make_keys."
    path.write_text(json.dumps(_valid()))
    assert newest_version() == 1


def test_a_missing_file_is_refused(settings, tmp_path: Path) -> None:
    settings.KEY_FILE = str(tmp_path / "none.json")
    with pytest.raises(ImproperlyConfigured, match="SIMPUL_KEY_FILE cannot be read"):
        seal(NUMBER, PLACE)


def test_production_wants_a_file(settings) -> None:
    settings.IS_PRODUCTION = True
    settings.KEY_FILE = ""
    with pytest.raises(ImproperlyConfigured, match=r"^In production SIMPUL_KEY_FILE must"):
        seal(NUMBER, PLACE)


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o410, 0o401, 0o402])
def test_production_refuses_a_file_that_others_may_touch(settings, key_file: Path, mode: int) -> None:
    settings.IS_PRODUCTION = True
    assert newest_version() == 1
    make_key_file(key_file.with_name("open.json"))
    settings.KEY_FILE = str(key_file.with_name("open.json"))
    Path(settings.KEY_FILE).chmod(mode)
    with pytest.raises(ImproperlyConfigured, match="chmod 400"):
        newest_version()
    settings.IS_PRODUCTION = False
    assert newest_version() == 1
