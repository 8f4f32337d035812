"""The forms of households, families and members: what is typed is checked as on every other page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from households.forms import FamilyForm, HouseholdForm, MemberForm, keeps
from households.models import Family, Household, Member
from registry.admin.base import ServiceForm
from registry.forms import IntegerField
from registry.scope import chosen_rows


def _digits() -> forms.Widget:
    return UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric", "autocomplete": "off"})


class HouseholdStaffForm(ServiceForm):
    class Meta:
        model = Household
        fields = ("area", "number", "address", "hamlet", "rw", "rt", "latitude", "longitude")

    clean_rt = HouseholdForm.clean_rt
    clean_rw = HouseholdForm.clean_rw

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        others = Household.objects.filter(area=self.instance.area_id, number=number)
        with chosen_rows():  # of the village whose household is open
            is_taken = self.instance.pk and others.exclude(pk=self.instance.pk).exists()
        if is_taken:
            words = {"number": number, "village": self.instance.area.name}
            raise forms.ValidationError(
                _("Household number %(number)s is already in use in %(village)s."), params=words
            )
        return number


class FamilyStaffForm(ServiceForm):
    card_number = forms.CharField(
        label=_("Family card number"),
        required=False,
        help_text=_("16 digits. Leave it empty when the family has no card."),
        widget=_digits(),
    )

    class Meta:
        model = Family
        fields = ("card_number",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.card_number:
            self.fields["card_number"].help_text = keeps(self.instance.card_number)

    clean_card_number = FamilyForm.clean_card_number

    def has_changed(self) -> bool:
        """A new family counts although nothing is typed: it may have no card."""
        return self.instance.pk is None or super().has_changed()


class MemberStaffForm(ServiceForm, MemberForm):
    nik = forms.CharField(
        label=MemberForm.base_fields["nik"].label,
        required=False,
        help_text=MemberForm.base_fields["nik"].help_text,
        widget=_digits(),
    )
    family_number = IntegerField(
        label=_("Family number"),
        min_value=1,
        initial=1,
        help_text=_("1 is the first family of the household."),
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )

    class Meta:
        model = Member
        fields = (*MemberForm.Meta.fields, "closed_on", "closed_reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["family_number"] = self.instance.family.position

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        closed_with_household = self.instance.pk and self.instance.household.is_closed
        if bool(data.get("closed_on")) != bool(data.get("closed_reason")) and not closed_with_household:
            self.add_error("closed_on", _("Give the date and the reason, or neither."))
        return data
