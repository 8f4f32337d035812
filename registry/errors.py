"""Errors that are answers, not bugs."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.forms import BaseForm


class Conflict(Exception):
    """A rule forbids what was asked: a sentence on the form, a 409 in the API. ``code`` is stable for
    programs.
    """

    def __init__(self, message: str, *, code: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.code = code
        self.field = field

    def record(self) -> None:
        """Writes down of whom the sentence tells, if of anybody. The service has done so; whoever rolls the
        request back and shows the sentence calls this again.
        """


class NotRecorded(Exception):
    """A reading could not be written down, so nobody may see what was to be shown: 503."""


@contextmanager
def conflicts_on(form: BaseForm) -> Iterator[None]:
    """A Conflict raised inside becomes an error of ``form``; the view falls through to showing it again."""
    try:
        yield
    except Conflict as conflict:
        field = conflict.field if conflict.field in form.fields else None
        form.add_error(field, conflict.message)
