"""A name for every request, and no caching of what a signed-in person saw."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

_request_id: ContextVar[str] = ContextVar("request_id", default="")
ACCEPTABLE = re.compile(r"[A-Za-z0-9-]{8,64}")


def current_request_id() -> str:
    return _request_id.get()


def request_context(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = _request_id.set(given if ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex)
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = current_request_id()
        finally:
            _request_id.reset(token)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        return response

    return middleware
