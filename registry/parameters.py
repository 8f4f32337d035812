"""A page takes the parameters it names, and no others: one that is ignored would widen what is shown."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

V = TypeVar("V", bound=Callable[..., Any])
# Where to go after signing in or changing the language: Django's own pages read it.
EVERYWHERE = frozenset({"next"})
# What the staff's forms read, by how their names end: mostly the filters of the list to go back to.
OF_STAFF_FORMS = {
    "add": {"_changelist_filters"},
    "scheme_add": {"from"},
    "change": {"_changelist_filters"},
    "autocomplete": {"term", "page", "app_label", "model_name", "field_name"},
    "search": {"s", "page", "extended"},
}


def takes(*names: str, by: Callable[..., Collection[str]] | None = None) -> Callable[[V], V]:
    """Marks a view with the parameters it reads; ``by`` names more from the arguments in the address."""

    def mark(view: V) -> V:
        view.parameters = lambda **kwargs: {*names, *(by(**kwargs) if by else ())}  # type: ignore[attr-defined]
        return view

    return mark


class StrictParameters:
    """A view without ``takes`` takes none. The API and the staff's lists refuse by themselves."""

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
        known = view.parameters(**kwargs) if hasattr(view, "parameters") else set()
        if match and match.namespace == "admin":
            name = match.url_name or ""
            if name.endswith("_changelist"):
                return
            known = known.union(
                *(read for end, read in OF_STAFF_FORMS.items() if f"_{name}".endswith(f"_{end}"))
            )
        if set(request.GET) - known - EVERYWHERE:
            raise BadRequest("unknown parameter")
