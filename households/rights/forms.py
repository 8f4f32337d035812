"""The forms of citizens' requests: what was asked, and what is answered."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from households.models import Household, Member, SubjectRequest
from registry.numbers import no_identity_number

GRANTED, REFUSED = "granted", "refused"


class ReceiveForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What is asked"), choices=SubjectRequest.Kind, widget=forms.RadioSelect, initial="access"
    )
    member = forms.ModelChoiceField(
        Member.objects.none(),
        label=_("About whom"),
        required=False,
        empty_label=_("the whole household"),
    )
    asker = forms.CharField(
        label=_("Who asks"),
        max_length=100,
        validators=[no_identity_number],
        help_text=_("The person's name, or the guardian's. Look at the identity card first."),
    )
    asked = forms.CharField(
        label=_("What the person says"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[no_identity_number],
        help_text=_("In the person's own words. Write no identity numbers here."),
    )

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = household.members.exclude(name="")
        self.fields["member"].queryset = people  # type: ignore[attr-defined]  # a model choice field


class DecideForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[(GRANTED, _("Grant the request")), (REFUSED, _("Refuse the request"))],
        widget=forms.RadioSelect,
    )
    outcome = forms.CharField(
        label=_("Answer to the person"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[no_identity_number],
        help_text=_("What was done, or why it is refused. After an erasure write no names: this is kept."),
    )

    @property
    def is_granted(self) -> bool:
        return self.cleaned_data["decision"] == GRANTED
