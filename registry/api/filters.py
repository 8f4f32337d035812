"""Filters that refuse what they do not know."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import exceptions
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView

# Parameters that every list takes besides its filter's own.
PAGE_PARAMETERS = frozenset({"cursor", "limit"})


def refuse_unknown_parameters(request: Request, known: frozenset[str] | set[str] = frozenset()) -> None:
    """An unknown parameter is an error, and so is an empty one: ignored, they would silently widen what is
    sent.
    """
    asked = request.query_params
    wrong = {name: [_("Unknown parameter.")] for name in sorted(set(asked) - known)}
    wrong |= {
        name: [_("Give a value, or leave the parameter out.")]
        for name in sorted(set(asked) & known)
        if "" in asked.getlist(name)
    }
    if wrong:
        raise exceptions.ValidationError(wrong)


class StrictFilterBackend(DjangoFilterBackend):
    """A view that is not paged (a file) takes its filter's parameters alone."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: "APIView") -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        known = set(filterset.filters) if filterset else set()
        if getattr(view, "paginator", None) is not None:
            known |= PAGE_PARAMETERS
        refuse_unknown_parameters(request, known)
        return super().filter_queryset(request, queryset, view)
