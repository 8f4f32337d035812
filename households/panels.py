"""What other rooms show on the household page. They register; this room does not know them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from households.models import Household
from registry.models import User


class Panel(NamedTuple):
    """``context`` returns what ``template`` shows, or None to show nothing to this user."""

    template: str
    context: Callable[[Household, User], dict[str, Any] | None]


PANELS: list[Panel] = []


def panels_for(household: Household, user: User) -> list[dict[str, Any]]:
    shown = []
    for panel in PANELS:
        context = panel.context(household, user)
        if context is not None:
            shown.append({"template": panel.template, **context})
    return shown
