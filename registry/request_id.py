"""The name of the request at work: in its log lines, its deeds and readings, and on its error page."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    return request_id.get()
