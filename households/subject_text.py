"""A report on a person as text for paper, in the reader's language."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.numbers import SealedNumber, sealed_columns
from registry.templatetags.simpul import number, wita

ROOMS = ("households", "programs", "registry")
INDENT = "  "
# What is not a column of some table. A column brings its own words.
WORDS = {
    "after": gettext_lazy("after"),
    "agency": gettext_lazy("agency"),
    "assessments": gettext_lazy("assessments"),
    "before": gettext_lazy("before"),
    "by": gettext_lazy("by"),
    "cells": gettext_lazy("what the row holds"),
    "changes": gettext_lazy("changes"),
    "deciles": gettext_lazy("welfare deciles"),
    "deed": gettext_lazy("deed"),
    "deeds": gettext_lazy("what was changed, and by whom"),
    "family": gettext_lazy("family"),
    "field": gettext_lazy("field"),
    "erased": gettext_lazy("erased"),
    "first": gettext_lazy("first time"),
    "household": gettext_lazy("household"),
    "household_answers": gettext_lazy("answers of the household"),
    "household_id": gettext_lazy("household ID"),
    "identity": gettext_lazy("identity"),
    "imports": gettext_lazy("rows of workbooks"),
    "is_met": gettext_lazy("met"),
    "last": gettext_lazy("last time"),
    "made_at": gettext_lazy("made at"),
    "made_by": gettext_lazy("made by"),
    "member_id": gettext_lazy("member ID"),
    "not_searched": gettext_lazy("rows of workbooks that were not searched"),
    "own_answers": gettext_lazy("answers of this person"),
    "people": gettext_lazy("records of this person"),
    "program": gettext_lazy("programme"),
    "pulled": gettext_lazy("fetched by the agency's programs"),
    "readings": gettext_lazy("who looked"),
    "realisations": gettext_lazy("realisations"),
    "reason": gettext_lazy("reason"),
    "requests": gettext_lazy("citizens' requests"),
    "shown": gettext_lazy("shown"),
    "statuses": gettext_lazy("poverty statuses"),
    "support": gettext_lazy("target lists, and who received them"),
    "times": gettext_lazy("times"),
    "token": gettext_lazy("API token"),
    "village": gettext_lazy("village"),
    "why": gettext_lazy("reason"),
}


def lines(facts: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """Parts one step further to the right; each thing of a list begins with its number."""
    for key, value in facts.items():
        heading = f"{INDENT * depth}{capfirst(str(_label(key)))}:"
        if isinstance(value, Mapping):
            yield heading
            yield from lines(value, depth + 1)
        elif isinstance(value, list):
            yield f"{heading} {len(value)}"
            yield from _listed(value, depth + 1)
        elif value not in (None, ""):
            yield f"{heading} {_word(value)}"


def _listed(things: list[Any], depth: int) -> Iterator[str]:
    for place, thing in enumerate(things, start=1):
        if isinstance(thing, Mapping):
            yield f"{INDENT * depth}{place}."
            yield from lines(thing, depth + 1)
        else:
            yield f"{INDENT * depth}{place}. {_word(thing)}"


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime | date):
        return wita(value)
    if isinstance(value, Decimal):
        return number(value, max(0, -int(value.normalize().as_tuple().exponent)))
    return str(value)


def _label(key: str) -> Any:
    return WORDS.get(key) or _columns().get(key, key)


@cache
def _columns() -> dict[str, Any]:
    """Lazy words of every column, those of the first room first."""
    found: dict[str, Any] = {}
    for room in ROOMS:
        for model in apps.get_app_config(room).get_models():
            for column in model._meta.concrete_fields:
                found.setdefault(column.name, column.verbose_name)
            for held in sealed_columns(model):
                if isinstance(held, SealedNumber):
                    found.setdefault(held.name, held.verbose_name)
    return found
