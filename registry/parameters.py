"""A page takes the parameters it names, and no others: one that is ignored would widen what is shown."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

V = TypeVar("V", bound=Callable[..., Any])
# Where to go after signing in or changing the language: Django's own pages read it.
EVERYWHERE = frozenset({"next"})


def takes(*names: str, by: Callable[..., Collection[str]] | None = None) -> Callable[[V], V]:
    """Marks a view with the parameters it reads; ``by`` names more from the arguments in the address."""

    def mark(view: V) -> V:
        view.parameters = lambda **kwargs: {*names, *(by(**kwargs) if by else ())}  # type: ignore[attr-defined]
        return view

    return mark


class StrictParameters:
    """A view without ``takes`` takes none. The admin and the API refuse by themselves, each in its way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if hasattr(view, "cls"):
            return
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("zero character")  # PostgreSQL cannot even be asked for one
        match = request.resolver_match
        if match and match.namespace == "admin":
            return
        known = view.parameters(**kwargs) if hasattr(view, "parameters") else set()
        if set(request.GET) - known - EVERYWHERE:
            raise BadRequest("unknown parameter")
