"""Every error as a problem document (RFC 9457)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from registry.errors import Conflict
from registry.middleware import current_request_id


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as ``application/problem+json``; a Conflict is a 409 with its own code."""
    if isinstance(error, Conflict):
        return _problem(409, error.message, code=error.code)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    fields = _fields(error.detail) if isinstance(error, exceptions.ValidationError) else []
    detail = _("The request has errors.") if fields else str(error.detail)
    answer = _problem(response.status_code, detail, code=error.default_code, errors=fields)
    for name in ("WWW-Authenticate", "Retry-After"):
        if response.has_header(name):
            answer.headers[name] = response.headers[name]
    return answer


def _problem(status: int, detail: str, *, code: str, errors: list[dict[str, str]] | None = None) -> Response:
    body: dict[str, Any] = {
        "type": f"about:blank#{code}",
        "title": code,
        "status": status,
        "detail": detail,
        "instance": current_request_id(),
    }
    if errors:
        body["errors"] = errors
    return Response(body, status=status, content_type="application/problem+json")


def _fields(detail: Any, pointer: str = "") -> list[dict[str, str]]:
    """DRF's nested error dictionaries as a flat list of JSON pointers."""
    if isinstance(detail, dict):
        return [line for name, inner in detail.items() for line in _fields(inner, f"{pointer}/{name}")]
    if isinstance(detail, list):
        return [
            line
            for place, inner in enumerate(detail)
            for line in _fields(inner, pointer if isinstance(inner, str) else f"{pointer}/{place}")
        ]
    return [{"pointer": pointer, "detail": str(detail)}]
