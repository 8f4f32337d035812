"""Every word on screen is Indonesian first, on a machine without GNU gettext too."""

import re

import pytest
from django.utils import translation

from registry.management.commands.translations import (
    catalogue_path,
    collect,
    compiled,
    read_catalogue,
    untranslated,
)

PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")
MESSAGES = [message for message in read_catalogue() if message.id]


def test_no_string_on_screen_is_without_indonesian():
    assert untranslated(read_catalogue(), collect()) == []


def test_no_string_in_the_catalogue_has_left_the_screen():
    found = {(message.id, message.context) for message in collect()}
    assert [m.id for m in MESSAGES if (m.id, m.context) not in found] == []


def test_the_compiled_catalogue_is_that_of_the_source():
    assert catalogue_path().with_suffix(".mo").read_bytes() == compiled(read_catalogue())


def test_every_place_for_a_value_is_kept():
    for message in MESSAGES:
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = {place for source in sources for place in PLACES.findall(source)}
        for text in texts:
            assert set(PLACES.findall(text)) == wanted, message.id


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        ("household", "rumah tangga"),
        ("Target lists", "Daftar sasaran"),
        ("Save", "Simpan"),
        ("very poor", "sangat miskin"),
    ],
)
def test_the_words_of_the_field_are_used(english, indonesian):
    with translation.override("id"):
        assert translation.gettext(english) == indonesian
