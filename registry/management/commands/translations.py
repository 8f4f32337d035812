"""Keeps the Indonesian catalogue: collects every marked string and compiles, without GNU gettext.

``manage.py translations`` merges new strings into the .po file and writes the .mo file beside it;
``--check`` only says what is missing. Both .po and .mo are part of the source, so an installation needs
neither.
"""

import io
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

KEYWORDS = DEFAULT_KEYWORDS | {
    "_t": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
OURS = ("registry", "households", "programs", "templates")
# Packages whose words stand on our screens but which speak no Indonesian themselves; of unfold not the parts
# that we do not install. What Django says in Indonesian already is left to Django.
THEIRS = ("unfold", "django_filters")
NOT_INSTALLED = "contrib"
DJANGO_SPEAKS = ("django.contrib.admin", "django.contrib.auth", "django.conf")


def catalogue_path() -> Path:
    return Path(settings.LOCALE_PATHS[0]) / "id" / "LC_MESSAGES" / "django.po"


def read_catalogue() -> Catalog:
    with catalogue_path().open("rb") as file:
        return read_po(file, locale="id")


def collect() -> Catalog:
    """Every marked string of our own code and of the packages that speak no Indonesian."""
    found = Catalog(locale="id", charset="utf-8", fuzzy=False)
    said_by_django = _said_by_django()
    for folder, name in _folders():
        for path in sorted((*folder.rglob("*.py"), *folder.rglob("*.html"))):
            if "migrations" in path.parts or (name in THEIRS and NOT_INSTALLED in path.parts):
                continue
            place = f"{name}/{path.relative_to(folder)}"
            for line, message, _comments, context in _messages(path):
                if name not in THEIRS or message not in said_by_django:
                    found.add(message, locations=[(place, line)], context=context)
    return found


def _said_by_django() -> set[Any]:
    said: set[Any] = set()
    for name in DJANGO_SPEAKS:
        spec = find_spec(name)
        if spec and spec.origin:
            path = Path(spec.origin).parent / "locale" / "id" / "LC_MESSAGES" / "django.po"
            with path.open("rb") as file:
                said |= {message.id for message in read_po(file) if message.id and _is_complete(message)}
    return said


def untranslated(catalogue: Catalog, found: Catalog) -> list[str]:
    """Strings on screen that the catalogue lacks or is unsure of."""
    wanting = []
    for message in found:
        known = catalogue.get(message.id, message.context) if message.id else None
        if message.id and (known is None or known.fuzzy or not _is_complete(known)):
            wanting.append(str(message.id))
    return wanting


def compiled(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


class Command(BaseCommand):
    help = "Collects marked strings into the Indonesian catalogue and compiles it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail when a string is missing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        catalogue, found = read_catalogue(), collect()
        if not options["check"]:
            catalogue.update(found, no_fuzzy_matching=True)
            catalogue.obsolete.clear()
            with catalogue_path().open("wb") as file:
                write_po(
                    file, catalogue, width=110, sort_output=True, include_lineno=False, omit_header=False
                )
            catalogue_path().with_suffix(".mo").write_bytes(compiled(catalogue))
        wanting = untranslated(catalogue, found)
        for text in wanting:
            self.stdout.write(text)
        if wanting:
            raise CommandError(f"{len(wanting)} of {len(found)} strings have no Indonesian text.")
        self.stdout.write(f"{len(found)} strings, all in Indonesian.")


def _folders() -> Iterator[tuple[Path, str]]:
    for name in OURS:
        yield Path(settings.BASE_DIR) / name, name
    for name in THEIRS:
        spec = find_spec(name)
        if spec and spec.origin:
            yield Path(spec.origin).parent, name


def _messages(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        # What Django turns a template into reads as Python once its indentation is gone.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines()) + "\n"
    return iter(
        extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
    )


def _is_complete(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, (tuple, list)) else bool(message.string)
