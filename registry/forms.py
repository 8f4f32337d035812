"""Form fields that read dates and numbers as people here type them."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("januari", "jan", "january"),
            ("februari", "feb", "february", "pebruari"),
            ("maret", "mar", "march"),
            ("april", "apr"),
            ("mei", "may"),
            ("juni", "jun", "june"),
            ("juli", "jul", "july"),
            ("agustus", "agu", "ags", "aug", "august"),
            ("september", "sep", "sept"),
            ("oktober", "okt", "oct", "october"),
            ("november", "nov", "nopember", "nop"),
            ("desember", "des", "dec", "december"),
        ),
        start=1,
    )
    for name in names
}
WORDED_DATE = re.compile(r"(\d{1,2})[\s-]+([A-Za-z]+)\.?[\s-]+(\d{4})")


# Django's own Indonesian says here that the row does not exist.
SAID_THE_WRONG_WAY_ROUND = gettext_noop("%(model_name)s with this %(field_labels)s already exists.")


def left_to_the_service(exclude: Any = None) -> None:
    """In place of Model.validate_constraints, for rows that a service writes: it words each clash better."""


class DateField(forms.DateField):
    """28/12/2011, 28-12-2011, 2011-12-28, 28 Desember 2011; never month first."""

    default_error_messages = {"invalid": _("Write the date as 28/12/2011 or 28 Desember 2011.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.DateInput(attrs={"placeholder": "28/12/2011", "autocomplete": "off"})
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        worded = WORDED_DATE.fullmatch(value.strip()) if isinstance(value, str) else None
        if not worded:
            return super().to_python(value)
        day, month, year = worded.groups()
        try:
            return date(int(year), MONTHS[month.lower()], int(day))
        except (KeyError, ValueError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


def plain_number(text: str) -> str | None:
    """``1.500.000,5`` (or ``1,500,000.5`` in English) as ``1500000.5``; ``None`` when it is no number.

    Stricter than Django, which takes 1.500 for one and a half: a point between groups of three is never a
    decimal.
    """
    thousand, decimal = (
        re.escape(get_format("THOUSAND_SEPARATOR")),
        re.escape(get_format("DECIMAL_SEPARATOR")),
    )
    number = re.fullmatch(rf"(-?(?:\d{{1,3}}(?:{thousand}\d{{3}})+|\d+))(?:{decimal}(\d+))?", text.strip())
    if not number:
        return None
    whole, part = number.groups()
    return re.sub(thousand, "", whole) + (f".{part}" if part else "")


class _TypedNumber(forms.Field):
    """Reads a number as people here type it; shows it with the decimal mark of the language."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**(kwargs | {"localize": True}))
        self.widget.input_type = "text"
        self.widget.attrs.setdefault("inputmode", "decimal")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip():
            value = plain_number(value)
            if value is None:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
        # The number is plain now: Django must not look for separators in it.
        self.localize = False
        try:
            return super().to_python(value)
        finally:
            self.localize = True


class IntegerField(_TypedNumber, forms.IntegerField):
    """1.500.000 is a million and a half."""

    default_error_messages = {"invalid": _("Write a whole number, such as 1.500.")}


class DecimalField(_TypedNumber, forms.DecimalField):
    """1.500,25 is fifteen hundred and a quarter."""

    default_error_messages = {"invalid": _("Write a number, such as 1.500,25.")}


class YesNoField(forms.TypedChoiceField):
    """Yes, no, or not answered; an unanswered question is never "no"."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("empty_value", None)
        super().__init__(
            choices=[("", _("not answered")), ("yes", _("yes")), ("no", _("no"))],
            coerce=lambda value: value == "yes",
            empty_value=None,
            widget=forms.RadioSelect,
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no", None: ""}.get(value, value)


def formfield(field: models.Field, **kwargs: Any) -> forms.Field | None:
    """The ``formfield_callback`` of every model form here: our fields instead of Django's for dates and
    numbers.
    """
    if isinstance(field, models.BooleanField) and field.null:
        return YesNoField(label=field.verbose_name, help_text=field.help_text, required=False)
    if not field.choices and not isinstance(field, models.ForeignKey | models.AutoField):
        ours = {
            models.DateField: DateField,
            models.DecimalField: DecimalField,
            models.IntegerField: IntegerField,
        }
        for column, form_class in ours.items():
            if isinstance(field, column) and not isinstance(field, models.DateTimeField):
                return field.formfield(form_class=form_class, **kwargs)
    return field.formfield(**kwargs)
