"""A name for every request, no caching of what a signed-in person saw, and what a page may load."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import patch_cache_control

_request_id: ContextVar[str] = ContextVar("request_id", default="")
ACCEPTABLE = re.compile(r"[A-Za-z0-9-]{8,64}")
PAGE_METHODS = ("GET", "HEAD", "POST")
API = "/api/v1/"


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


def page_methods(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Django's views answer PUT or DELETE as if it were GET. The API says itself what it takes."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in PAGE_METHODS or request.path.startswith(API):
            return get_response(request)
        return HttpResponseNotAllowed(PAGE_METHODS)

    return middleware
