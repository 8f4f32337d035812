"""A name for every request, no caching of what a signed-in person saw, what a page may load, and no page
whose reading could not be written down.
"""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control

from registry.errors import NotRecorded
from registry.scope import working_for

logger = logging.getLogger(__name__)

_request_id: ContextVar[str] = ContextVar("request_id", default="")
ACCEPTABLE = re.compile(r"[A-Za-z0-9-]{8,64}")


OWN_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# The admin's components and Swagger UI write styles into their pages, and the admin's also scripts.
SWAGGER = OWN_PAGES.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
ADMIN = SWAGGER.replace("script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'")


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


def people_scope(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Whoever asks, the answer is made within what she may see: registry/scope.py."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with working_for(request.user):
            return get_response(request)

    return middleware


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        policy = OWN_PAGES
        if match and match.namespace == "admin":
            policy = ADMIN
        elif match and match.view_name == "swagger":
            policy = SWAGGER
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware


class Unrecorded:
    """Answers 503 in place of a page whose reading could not be written to the access log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, NotRecorded):
            return None
        logger.error("A reading could not be recorded.", exc_info=exception)
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "60"})
