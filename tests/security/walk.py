"""Every address of the site with arguments that exist, and every path from a table to columns around it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from drf_spectacular.generators import SchemaGenerator

from registry.reports import REPORTS

KEYS = ("pk", "object_id", "target_list")


@dataclass(frozen=True)
class Address:
    """A pattern of the URLconf: its name with namespace, the names of its arguments, and what answers."""

    name: str
    arguments: tuple[str, ...]
    view: Any = field(compare=False)
    route: str = ""

    def url(self, known: Mapping[str, Any]) -> str:
        """``known`` values by the name of the address or its beginning, or by the argument's own name."""
        given = {}
        for argument in self.arguments:
            own = [value for beginning, value in known.items() if self.name.startswith(beginning)]
            given[argument] = own[0] if own and argument in KEYS else known[argument]
        return reverse(self.name, kwargs=given)

    @property
    def is_api(self) -> bool:
        return hasattr(self.view, "cls")

    @property
    def is_admin(self) -> bool:
        return self.name.startswith("admin:")


def addresses() -> list[Address]:
    """All of the URLconf that has a name; see ``unnamed`` for the rest."""
    return list(dict.fromkeys(_walk(get_resolver().url_patterns, "", "")))


def _walk(patterns: Any, namespace: str, route: str) -> Iterator[Address]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, here)
        elif isinstance(pattern, URLPattern) and pattern.name:
            names = tuple(pattern.pattern.regex.groupindex) or tuple(pattern.pattern.converters)
            yield Address(namespace + pattern.name, names, pattern.callback, here)


def unnamed() -> list[str]:
    def walk(patterns: Any, route: str) -> Iterator[str]:
        for pattern in patterns:
            here = route + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, here)
            elif not pattern.name:
                yield here

    return list(walk(get_resolver().url_patterns, ""))


def paths(model: type[Model], depth: int = 3, _before: str = "") -> Iterator[str]:
    """``area``, ``area__name``, ``members__nik`` and so on: columns and relations, in both directions."""
    for column in model._meta.get_fields():
        name = f"{_before}{column.name}"
        yield name
        if column.is_relation and column.related_model and depth > 1:
            yield from paths(column.related_model, depth - 1, f"{name}__")


def documented(url):
    """The parameters that the API's own document names for a path."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    found = [
        operations["get"].get("parameters", [])
        for path, operations in document["paths"].items()
        if _matches(path, url) and "get" in operations
    ]
    assert len(found) == 1, url
    if "slug" in resolve(url).kwargs:
        return set(REPORTS[resolve(url).kwargs["slug"]].form.base_fields)
    return {parameter["name"] for parameter in found[0] if parameter["in"] == "query"}


def _matches(path, url):
    parts, given = path.strip("/").split("/"), url.strip("/").split("/")
    return len(parts) == len(given) and all(a == b or a[0] == "{" for a, b in zip(parts, given, strict=True))
