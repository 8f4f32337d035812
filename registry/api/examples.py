"""An address that a new token's owner can try at once. Rooms above register where to find one."""

from collections.abc import Callable

from django.urls import reverse

from registry.models import User

Source = Callable[[User], str | None]
SOURCES: list[Source] = []


def example_source(function: Source) -> Source:
    """``function`` gives the path of rows that the user may pull, without its ending, or None."""
    SOURCES.append(function)
    return function


def example_paths(user: User) -> dict[str, str]:
    """``pages`` (JSON pages), and ``csv`` and ``xlsx`` where there are files to pull."""
    for source in SOURCES:
        if path := source(user):
            return {"pages": f"{path}/", "csv": f"{path}.csv", "xlsx": f"{path}.xlsx"}
    return {"pages": reverse("api-area-list")}
