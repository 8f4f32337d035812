"""Cursor pages: a deep page costs what the first one costs."""

import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError as BadValue
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

if TYPE_CHECKING:
    from rest_framework.views import APIView

# Where a page begins is an id, a rank or an area code; anything else was not written by us.
POSITION = re.compile(r"[0-9.]{1,19}")


class CursorPages(CursorPagination):
    """``next`` is an absolute address, also in the Link header; ``limit`` is 100 unless asked, 1,000 at most.

    A view may name another unique ``page_ordering`` than the primary key.
    """

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "limit"
    ordering = "pk"

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: "APIView") -> tuple[str, ...]:
        name = getattr(view, "page_ordering", self.ordering)
        options = queryset.model._meta
        self.place = options.pk if name == "pk" else options.get_field(name)
        return (name,)

    def get_page_size(self, request: Request) -> int:
        asked = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if re.fullmatch(r"[0-9]{1,4}", asked) and 1 <= int(asked) <= self.max_page_size:
            return int(asked)
        message = _("Ask for 1 to %(most)s rows.") % {"most": self.max_page_size}
        raise ValidationError({self.page_size_query_param: [message]})

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            raise self._refusal() from None
        if cursor is not None and not self._is_ours(cursor):
            raise self._refusal()
        return cursor

    def _is_ours(self, cursor: Cursor) -> bool:
        """A cursor says where it stands, and its place is one the column could hold."""
        if cursor.position is None:
            return cursor.offset > 0 or cursor.reverse
        if not POSITION.fullmatch(str(cursor.position)):
            return False
        try:
            self.place.to_python(cursor.position)
        except BadValue:
            return False
        return True

    def _refusal(self) -> ValidationError:
        return ValidationError({self.cursor_query_param: [_("This cursor was not given out by the API.")]})

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        if link := self.get_next_link():
            response.headers["Link"] = f'<{link}>; rel="next"'
        return response
