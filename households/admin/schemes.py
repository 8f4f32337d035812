"""The decrees and methods in force. A version that verdicts rest on stays: a change is a new version."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Max, Q
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from households.models import PovertyStatus, Scheme
from households.poverty import METHODS, Method
from registry.admin.base import AuditedAdmin, ServiceForm, json_as_text, user_of
from registry.jobs import enqueue
from registry.scope import whole_registry

COPIED = ("code", "name", "method", "parameters", "legal_reference")


def methods_in_words() -> SafeString:
    """Each method with its parameters, their defaults, and what the source leaves to local choice."""
    return format_html_join(
        "", "<p><strong>{}</strong> ({}): {}</p><ul>{}</ul>", map(_method, METHODS.values())
    )


def _method(method: Method) -> tuple[str, str, str, SafeString]:
    choices = method.local_choices
    parameters = (
        (
            name,
            "null" if value is None else str(value).lower(),
            gettext(choices[name]) if name in choices else "",
        )
        for name, value in method.parameters.items()
    )
    others = ((name, gettext(why)) for name, why in choices.items() if name not in method.parameters)
    lines = format_html_join("", "<li><code>{} = {}</code> {}</li>", parameters)
    lines += format_html_join("", "<li>{}: {}</li>", others)
    return gettext(method.title), method.name, gettext(method.source), lines


class SchemeForm(ServiceForm):
    """The version is counted, and only one scheme sets the status: SchemeAdmin.write sees to both."""

    class Meta:
        model = Scheme
        fields = (*COPIED, "valid_from", "valid_to", "sets_status")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        begin = cleaned.get("valid_from") or self.instance.valid_from
        end = cleaned.get("valid_to")
        if begin and end and end < begin:
            self.add_error("valid_to", _("The last day cannot come before the first."))
        if begin and cleaned.get("sets_status") and begin > timezone.localdate():
            # Until then no scheme would set the status: the one before has handed over already.
            self.add_error(
                "sets_status", _("This scheme is not in force yet: let it set the status from its first day.")
            )
        return cleaned


@admin.register(Scheme)
class SchemeAdmin(AuditedAdmin):
    form = SchemeForm
    actions_detail = ("new_version",)
    fieldsets = (
        (None, {"fields": (("code", "version"), "name", "legal_reference", ("valid_from", "valid_to"))}),
        (_("Judging"), {"fields": ("method", "parameters", "sets_status", "methods")}),
    )
    list_display = (
        "name",
        "version",
        "method_title",
        "valid_from",
        "valid_to",
        "sets_status",
        "legal_reference",
    )
    list_filter = ("sets_status",)
    search_fields = ("name", "=code", "legal_reference")

    def get_readonly_fields(self, request: HttpRequest, obj: Scheme | None = None) -> tuple[str, ...]:
        """A version with verdicts may only end, or take or hand over the setting of the status."""
        always = ("version", "methods", "parameters_as_text")
        with whole_registry("whether anybody was ever judged by it"):
            has_verdicts = obj and PovertyStatus.objects.filter(scheme=obj).exists()
        if has_verdicts:
            return (*always, *COPIED, "valid_from")
        return always

    def get_fieldsets(self, request: HttpRequest, obj: Scheme | None = None) -> Any:
        """Parameters that can only be read are shown as text: Unfold would colour them with inline styles."""
        if self.has_change_permission(request, obj) and "parameters" not in self.get_readonly_fields(
            request, obj
        ):
            return self.fieldsets
        (title, judging) = self.fieldsets[1]
        fields = ["parameters_as_text" if name == "parameters" else name for name in judging["fields"]]
        return (self.fieldsets[0], (title, judging | {"fields": fields}))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == "method":
            choices = [(name, gettext(method.title)) for name, method in METHODS.items()]
            return forms.ChoiceField(
                label=capfirst(str(db_field.verbose_name)), choices=choices, widget=UnfoldAdminSelectWidget()
            )
        if db_field.name == "parameters":
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 4})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """``?from=3`` begins with the words and parameters of scheme 3."""
        before = (
            Scheme.objects.filter(pk=request.GET["from"]) if request.GET.get("from", "").isdecimal() else None
        )
        return before.values(*COPIED).first() or {} if before else {}

    def write(self, obj: Scheme) -> None:
        """A new version follows the last of its code, which ends; who set the status before steps down."""
        earlier = Scheme.objects.filter(code=obj.code).exclude(pk=obj.pk)
        if obj.pk is None:
            obj.version = (earlier.aggregate(last=Max("version"))["last"] or 0) + 1
            in_force = earlier.filter(
                Q(valid_to=None) | Q(valid_to__gte=obj.valid_from), valid_from__lt=obj.valid_from
            )
            in_force.update(valid_to=obj.valid_from - timedelta(days=1))
        if obj.sets_status:
            Scheme.objects.filter(sets_status=True).exclude(pk=obj.pk).update(sets_status=False)
        obj.save()

    def save_related(
        self,
        request: HttpRequest,
        form: forms.ModelForm,
        formsets: Iterable[BaseInlineFormSet],
        change: bool,
    ) -> None:
        """A changed scheme changes verdicts: the worker judges every household anew."""
        super().save_related(request, form, formsets, change)
        if form.changed_data:
            by, why = user_of(request), str(form.instance)
            transaction.on_commit(lambda: enqueue("rejudge", by=by, why=why))

    def has_new_version_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        # Named by a method: unfold looks for "app.permission" in a table that a new database does not have.
        return self.has_add_permission(request)

    @action(description=_("Make a new version"), permissions=["new_version"], url_path="new-version")
    def new_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        scheme = self.get_object(request, object_id)
        return redirect(f"{reverse('admin:households_scheme_add')}?from={scheme.pk}")

    @admin.display(description=_("method"), ordering="method")
    def method_title(self, scheme: Scheme) -> str:
        return gettext(METHODS[scheme.method].title) if scheme.method in METHODS else scheme.method

    @admin.display(description=_("parameters"))
    def parameters_as_text(self, scheme: Scheme) -> SafeString:
        return json_as_text(scheme.parameters)

    @admin.display(description=_("the methods and their parameters"))
    def methods(self, scheme: Scheme) -> SafeString:
        return methods_in_words()
