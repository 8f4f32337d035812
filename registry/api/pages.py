"""Cursor pages: a deep page costs what the first one costs."""

from typing import Any

from rest_framework.pagination import CursorPagination
from rest_framework.response import Response


class CursorPages(CursorPagination):
    """``next`` is an absolute address, also in the Link header; ``limit`` is 100 unless asked, 1,000 at most."""

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "limit"
    ordering = "pk"

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        if link := self.get_next_link():
            response.headers["Link"] = f'<{link}>; rel="next"'
        return response
