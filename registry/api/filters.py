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
COMMON_PARAMETERS = {"cursor", "limit"}


class StrictFilterBackend(DjangoFilterBackend):
    """An unknown parameter is an error: ignoring it would silently widen what is sent."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: "APIView") -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        known = COMMON_PARAMETERS | set(filterset.filters if filterset else ())
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            raise exceptions.ValidationError({name: [_("Unknown parameter.")] for name in unknown})
        return super().filter_queryset(request, queryset, view)
