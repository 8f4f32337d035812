"""Every error as a problem document (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.defaults import page_not_found
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from registry.api.schema import PROBLEM
from registry.errors import Conflict, NotRecorded
from registry.request_id import current_request_id

logger = logging.getLogger(__name__)

TITLES = {
    400: _("Request with errors"),
    401: _("Sign in"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Method not allowed"),
    406: _("Format not available"),
    409: _("Conflict"),
    413: _("Too large"),
    415: _("Format not accepted"),
    429: _("Too many requests"),
    500: _("Something went wrong on our side"),
    503: _("Not available at the moment"),
}
DETAILS = {
    exceptions.ParseError: _("The body is not valid JSON."),
    exceptions.NotAuthenticated: _("Send a token as Bearer, or as Basic with the name of the token as user."),
    exceptions.PermissionDenied: _("Your role does not allow this."),
    exceptions.NotFound: _("There is no such object, or it is not yours to see."),
    exceptions.MethodNotAllowed: _("This address does not take this method."),
    exceptions.NotAcceptable: _("The API answers in JSON; files have addresses of their own."),
    exceptions.UnsupportedMediaType: _("Send JSON, with Content-Type: application/json."),
    exceptions.Throttled: _("Wait as many seconds as Retry-After says, then ask again."),
}
KEPT_HEADERS = ("WWW-Authenticate", "Retry-After", "Allow")


class ConflictsInRows(exceptions.APIException):
    """Some of several objects meet a rule that forbids them; ``detail`` is one dictionary per object."""

    status_code = 409
    default_code = "conflict"


def problem(error: Exception, context: dict[str, Any]) -> Response:
    """A Conflict is a 409 with its own code; what the database forbids is told without its words."""
    if isinstance(error, Conflict):
        set_rollback()
        fields = [{"pointer": f"/{error.field}", "detail": error.message}] if error.field else []
        return _problem(409, error.message, code=error.code, errors=fields)
    if isinstance(error, RequestDataTooBig):
        set_rollback()
        return _problem(413, str(_("The body is too large: send fewer objects at once.")), code="too_large")
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return _breakdown(error, context)
    return _refusal(error, exception_handler(error, context))


def _refusal(error: exceptions.APIException, plain: Response | None) -> Response:
    has_fields = isinstance(error, (exceptions.ValidationError, ConflictsInRows))
    fields = _fields(error.detail) if has_fields else []
    detail = str(DETAILS.get(type(error), error.detail))
    if has_fields:
        detail = str(_("The request has errors."))
    answer = _problem(error.status_code, detail, code=error.default_code, errors=fields)
    for name in KEPT_HEADERS:
        if plain is not None and plain.has_header(name):
            answer.headers[name] = plain.headers[name]
    return answer


def _breakdown(error: Exception, context: dict[str, Any]) -> Response:
    """Nobody foresaw it: the traceback goes to the log and to whoever listens, a sentence to the client."""
    set_rollback()
    logger.error("The API failed: %s", type(error).__name__, exc_info=error)
    if isinstance(error, IntegrityError):
        # Two requests at once: each was right when it looked, the database let one through.
        return _problem(409, str(_("Somebody changed this at the same time. Ask again.")), code="conflict")
    if isinstance(error, (OperationalError, InterfaceError, NotRecorded)):
        answer = _problem(503, str(_("The database does not answer. Try again soon.")), code="unavailable")
        answer.headers["Retry-After"] = "5"
        return answer
    got_request_exception.send(sender=None, request=context["request"])
    return _problem(500, str(_("The error was written down for the administrator.")), code="error")


def _problem(status: int, detail: str, *, code: str, errors: list[dict[str, str]] | None = None) -> Response:
    body = problem_document(status, detail, code=code)
    if errors:
        body["errors"] = errors
    return Response(body, status=status, content_type=PROBLEM)


def problem_document(status: int, detail: str, *, code: str) -> dict[str, Any]:
    return {
        "type": f"urn:simpul:problem:{code}",
        "title": str(TITLES.get(status, HTTPStatus(status).phrase)),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": f"urn:simpul:request:{current_request_id()}",
    }


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The site's 404: an address beneath the API that is none is a problem document too."""
    if not request.path.startswith(reverse("swagger")):
        return page_not_found(request, exception)
    detail = str(DETAILS[exceptions.NotFound])
    document = problem_document(404, detail, code=exceptions.NotFound.default_code)
    return JsonResponse(document, status=404, content_type=PROBLEM)


def _fields(detail: Any, pointer: str = "") -> list[dict[str, str]]:
    """DRF's nested error dictionaries as a flat list of JSON pointers."""
    if isinstance(detail, dict):
        return [
            line
            for name, inner in detail.items()
            for line in _fields(inner, pointer if name == "non_field_errors" else f"{pointer}/{name}")
        ]
    if isinstance(detail, list):
        return [
            line
            for place, inner in enumerate(detail)
            for line in _fields(inner, pointer if isinstance(inner, str) else f"{pointer}/{place}")
        ]
    return [{"pointer": pointer, "detail": str(detail)}]
