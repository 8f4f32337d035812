"""What every admin class of the product has in common.

Deeds (registry/audit.py) are the one trail of changes. Django's own admin log stays empty: it would name
people.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import ShowFacets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import models
from django.db.models import Model, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextInputWidget

from registry.audit import deed
from registry.errors import Conflict
from registry.forms import formfield, left_to_the_service
from registry.models import User

# What a filter in the address may ask of a column that list_filter names; anything else is refused.
OF_LISTS = {"q", "p", "o", "all", "e"}
LOOKUPS = ("", "__exact", "__isnull", "__id__exact", "__gte", "__lt")


class Refused(Exception):
    """A Conflict, and the ``prefix`` of the form it belongs to: None is the main form."""

    def __init__(self, conflict: Conflict, prefix: str | None) -> None:
        super().__init__(conflict.message)
        self.conflict = conflict
        self.prefix = prefix


def user_of(request: HttpRequest) -> User:
    """Nobody else comes past the door of the admin site."""
    assert isinstance(request.user, User)  # noqa: S101 - AdminSite.admin_view has sent everybody else away
    return request.user


@contextmanager
def refusals_on(form: forms.ModelForm) -> Iterator[None]:
    """A Conflict raised inside rolls the request back and is shown at ``form``: see StaffAdmin below."""
    try:
        yield
    except Conflict as conflict:
        raise Refused(conflict, form.prefix) from conflict


class StaffForm(forms.ModelForm):
    """``refused`` is what a service said when this form was first saved in the same request."""

    refused: ClassVar[Refused | None] = None

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.refused and self.refused.prefix == self.prefix:
            field = self.refused.conflict.field
            self.add_error(field if field in self.fields else None, self.refused.conflict.message)
        return self.cleaned_data


class ServiceForm(StaffForm):
    """For rows that a service writes: it words each clash better than the name of a constraint does."""

    def clean(self) -> dict[str, Any]:
        self.instance.validate_constraints = left_to_the_service
        return super().clean()


class TypedAsHere:
    """Dates and numbers as people here type them; no pop-up windows beside a choice."""

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if widget := _text_widget(db_field):
            return formfield(db_field, **kwargs | {"widget": widget})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # mixed in
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


def _text_widget(db_field: models.Field) -> forms.Widget | None:
    if db_field.choices or isinstance(db_field, models.DateTimeField | models.AutoField):
        return None
    if isinstance(db_field, models.DateField):
        look = {"class": " ".join(INPUT_CLASSES), "placeholder": "28/12/2011", "autocomplete": "off"}
        return forms.DateInput(attrs=look)
    if isinstance(db_field, models.IntegerField | models.DecimalField):
        return UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
    return None


class StaffAdmin(TypedAsHere, ModelAdmin):
    """Nothing is deleted, only list_filter can be asked for, and what one may not see is not there: 404."""

    form = StaffForm
    actions = None
    compressed_fields = False
    list_per_page = 50
    show_facets = ShowFacets.NEVER
    show_full_result_count = False
    view_on_site = False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model:
        """The right is asked before the row: 403 here and 404 there would tell which ids exist."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Django would let any column of the table be probed from the address bar, NIK included."""
        names = (_name_of(each) for each in self.get_list_filter(request))
        return lookup in {name + ending for name in names for ending in LOOKUPS}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django would answer an unknown parameter with the whole list."""
        asked = set(request.GET) - OF_LISTS
        if not all(self.lookup_allowed(name, "", request) for name in asked):
            raise BadRequest("unknown parameter")
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A refused write is rolled back and the form shown again, with the sentence at its field."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refused:
            refused.conflict.record()  # what the service wrote went with the transaction
            request.refused = refused  # type: ignore[attr-defined]  # read by get_form of this second pass
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refused = getattr(request, "refused", None)
        return form

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise Http404

    def construct_change_message(
        self,
        request: HttpRequest,
        form: forms.Form,
        formsets: Iterable[BaseInlineFormSet],
        add: bool = False,
    ) -> list[dict[str, Any]]:
        return []

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        pass

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        pass


def json_as_text(value: Any) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(value, ensure_ascii=False, indent=2))


def _name_of(list_filter: Any) -> str:
    if isinstance(list_filter, Sequence) and not isinstance(list_filter, str):
        return list_filter[0]
    return getattr(list_filter, "parameter_name", list_filter)


class ReadOnlyAdmin(StaffAdmin):
    """A record: it is read, and written elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ScopedAdmin(StaffAdmin):
    """Only the rows that the model's ``visible_to`` opens, in lists, forms and autocompletes alike."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.model.objects.visible_to(request.user)


class AuditedAdmin(StaffAdmin):
    """For tables without services: one deed covers the row and all its inlines, if anything changed."""

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool) -> None:
        """Waits for save_related, so that one deed can hold both."""

    def save_related(
        self,
        request: HttpRequest,
        form: forms.ModelForm,
        formsets: Iterable[BaseInlineFormSet],
        change: bool,
    ) -> None:
        changed = [*form.changed_data, *(each.prefix for each in formsets if each.has_changed())]
        if change and not changed:
            return
        verb = f"{'change' if change else 'add'}_{self.opts.model_name}"
        with refusals_on(form), deed(verb, by=user_of(request)) as act:
            self.write(form.instance)
            super().save_related(request, form, formsets, change)
            act.about(form.instance, fields=sorted(changed))

    def write(self, obj: Any) -> None:
        """Runs inside the deed."""
        obj.save()


class PartInline(TypedAsHere, TabularInline):
    """Parts that live and die with their whole. Django offers and takes them only with the right to that."""

    extra = 0
    hide_title = True
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True
