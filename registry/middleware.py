"""A name and a log line for every request, no caching, what a page may load or use, and whose rows it may
see; no page whose reading could not be written down.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.functional import SimpleLazyObject

from registry.errors import NotRecorded
from registry.headers import ADMIN, OWN_PAGES, PERMISSIONS
from registry.numbers import IDENTITY_NUMBER
from registry.request_id import current_request_id, request_id
from registry.scope import working_for

logger = logging.getLogger("simpul.requests")

ACCEPTABLE = re.compile(r"[A-Za-z0-9-]{8,64}")
PAGE_METHODS = ("GET", "HEAD", "POST")
API = "/api/v1/"

Handler = Callable[[HttpRequest], HttpResponse]


def request_context(get_response: Handler) -> Handler:
    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        is_fit = ACCEPTABLE.fullmatch(given) and not IDENTITY_NUMBER.search(given)
        token = request_id.set(given if is_fit else str(uuid.uuid4()))
        begun = time.monotonic()
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = current_request_id()
            log_request(request, response, seconds=time.monotonic() - begun)
        finally:
            request_id.reset(token)
        return response

    return middleware


def log_request(request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
    """One line. The route has a name; the path, which may name a person's record, stays out."""
    user = _known_user(request)
    match = request.resolver_match
    facts = {
        "user": getattr(user, "pk", None),
        "role": getattr(user, "role", ""),
        "route": match.view_name if match else "",
        "method": request.method,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "bytes": None if response.streaming else len(response.content),
    }
    logger.info("request", extra={"facts": facts})


def _known_user(request: HttpRequest) -> object:
    """None where nobody has asked who it is yet: a line in the log is no reason to ask the database."""
    user = getattr(request, "user", None)
    is_unasked = isinstance(user, SimpleLazyObject) and not hasattr(request, "_cached_user")
    return None if is_unasked else user


def people_scope(get_response: Handler) -> Handler:
    """Whoever asks, the answer is made within what she may see: registry/scope.py."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with working_for(request.user):
            return get_response(request)

    return middleware


def security_headers(get_response: Handler) -> Handler:
    """For all that is not a static file: it may show people or who is signed in, so nobody keeps a copy."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        is_admin = bool(match and match.namespace == "admin")
        response.headers.setdefault("Content-Security-Policy", ADMIN if is_admin else OWN_PAGES)
        response.headers["Permissions-Policy"] = PERMISSIONS
        patch_cache_control(response, no_store=True, private=True)
        patch_vary_headers(response, ["Cookie", "Authorization"])
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


def page_methods(get_response: Handler) -> Handler:
    """Django's views answer PUT or DELETE as if it were GET. The API says itself what it takes."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in PAGE_METHODS or request.path.startswith(API):
            return get_response(request)
        return HttpResponseNotAllowed(PAGE_METHODS)

    return middleware
