"""The entry forms. They validate what was typed; households.services decides and writes."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from households.identifiers import check_family_card, check_nik
from households.models import Assessment, Family, Household, Member, MemberAssessment
from households.questionnaire import codes
from households.questionnaire.blocks import HOUSEHOLD_BLOCKS, MEMBER_BLOCKS, QUESTIONS
from households.questionnaire.edits import Finding, edit
from households.questionnaire.questions import Block, Question
from registry.forms import DateField, formfield, left_to_the_service
from registry.models import Area, User
from registry.numbers import IdentityNumber, no_identity_number
from registry.permissions import scope_of

EARLIEST_BIRTH = 1900
EARLIEST_ASSESSMENT = 2005  # the first census of poor households


class HouseholdForm(forms.ModelForm):
    class Meta:
        model = Household
        fields = ["area", "number", "address", "hamlet", "rw", "rt", "latitude", "longitude"]
        formfield_callback = formfield

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.validate_constraints = left_to_the_service
        if self.instance.pk:
            # A household's village changes by moving it, never by editing it.
            del self.fields["area"]
            return
        where = scope_of(user).q("code")
        villages = Area.objects.villages().filter(where) if where is not None else Area.objects.none()
        self.fields["area"].queryset = villages  # type: ignore[attr-defined]  # a model choice field
        if user.area and user.area.level == Area.Level.VILLAGE:
            self.fields["area"].initial = user.area

    def clean_rt(self) -> str:
        return _three_digits(self.cleaned_data["rt"])

    def clean_rw(self) -> str:
        return _three_digits(self.cleaned_data["rw"])


class CloseHouseholdForm(forms.Form):
    on = DateField(label=_("Closed on"), initial=timezone.localdate)
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[pair for pair in Household.ClosedReason.choices if pair[0] != Household.ClosedReason.ERASED],
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=200,
        validators=[no_identity_number],
        help_text=_("Minutes, certificate or letter: number, date and signer."),
    )

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise ValidationError(_("The date lies in the future."))
        return day


def keeps(number: IdentityNumber) -> Any:
    """The help of a field that never shows the number that is registered."""
    words = _("%(number)s is registered. Leave this empty to keep it, or type the number that replaces it.")
    return words % {"number": number}


class FamilyForm(forms.Form):
    """For a ``family`` with a card an empty field keeps its number; ``has_no_card`` takes it away."""

    card_number = forms.CharField(
        label=_("Family card number"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("16 digits. Leave it empty when the family has no card."),
    )
    has_no_card = forms.BooleanField(label=_("The family has no card: take the number away"), required=False)

    def __init__(self, *args: Any, family: Family | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.family = family
        if family and family.card_number:
            self.fields["card_number"].help_text = keeps(family.card_number)
        else:
            del self.fields["has_no_card"]

    def clean(self) -> dict[str, Any]:
        """Leaves ``card_number`` only."""
        data = super().clean() or self.cleaned_data
        if data.pop("has_no_card", False):
            if data.get("card_number"):
                self.add_error("has_no_card", _("Type a number or tick this, not both."))
        elif self.family and not data.get("card_number"):
            data["card_number"] = self.family.card_number.reveal()
        return data

    def clean_card_number(self) -> str:
        if not self.cleaned_data["card_number"]:
            return ""
        check = check_family_card(self.cleaned_data["card_number"])
        if check.errors:
            raise ValidationError(list(check.errors))
        return check.value


class MemberForm(forms.ModelForm):
    """``warnings`` after validation: oddities of the NIK that are said but not refused.

    A registered NIK is never shown. An empty field keeps it, and is then absent from ``cleaned_data``;
    a reason why it is missing takes it away.
    """

    nik = forms.CharField(
        label=_("National identity number (NIK)"),
        required=False,
        help_text=_("16 digits; spaces and dots are ignored."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    class Meta:
        model = Member
        fields = [
            "name",
            "nik",
            "nik_missing",
            "sex",
            "birth_place",
            "birth_date",
            "household_relationship",
            "family_relationship",
        ]
        formfield_callback = formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.validate_constraints = left_to_the_service
        self.warnings: list[str] = []
        self.initial["nik"] = ""
        if self.instance.nik:
            self.fields["nik"].help_text = keeps(self.instance.nik)
            self.fields["nik_missing"].help_text = _("A reason takes the registered NIK away.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("nik"):
            self._check_nik(data)
            data["nik_missing"] = ""
        elif self.instance.nik and not data.get("nik_missing"):
            self._keep_nik(data)
        elif not data.get("nik_missing"):
            self.add_error("nik_missing", _("Say why the NIK is missing."))
        born = data.get("birth_date")
        if born and born > timezone.localdate():
            self.add_error("birth_date", _("The date lies in the future."))
        if born and born.year < EARLIEST_BIRTH:
            self.add_error(
                "birth_date", _("The year is before %(year)s: check it.") % {"year": EARLIEST_BIRTH}
            )
        return data

    def _check_nik(self, data: dict[str, Any]) -> None:
        check = check_nik(data["nik"], birth_date=data.get("birth_date"), sex=data.get("sex"))
        if check.errors:
            self.add_error("nik", list(check.errors))
            return
        self.warnings = list(check.warnings)
        data["nik"] = check.value

    def _keep_nik(self, data: dict[str, Any]) -> None:
        """It may contradict what was typed now all the same."""
        kept, born, sex = self.instance.nik.reveal(), data.get("birth_date"), data.get("sex")
        self.warnings = list(check_nik(kept, birth_date=born, sex=sex).warnings)
        del data["nik"], data["nik_missing"]


class TickBoxesField(forms.TypedMultipleChoiceField):
    """Several boxes, stored as the sum of their codes; nothing ticked is not answered."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, boxes: type[codes.Bitmask], **kwargs: Any) -> None:
        self.boxes = boxes
        super().__init__(choices=boxes.choices, coerce=int, required=False, **kwargs)

    def clean(self, value: Any) -> int | None:
        ticked = super().clean(value)
        return self.boxes.encode(ticked) if ticked else None

    def prepare_value(self, value: Any) -> Any:
        return [box.value for box in self.boxes.decode(value)] if isinstance(value, int) else value


def answer_field(field: Any, **kwargs: Any) -> forms.Field | None:
    question = QUESTIONS.get(field.name)
    if question and question.answers and issubclass(question.answers, codes.Bitmask):
        return TickBoxesField(boxes=question.answers, label=field.verbose_name)
    return formfield(field, **kwargs)


class AnswersForm(forms.ModelForm):
    """Questions of one household or member, in blocks. An answer that the edit rules refuse is an error
    there.
    """

    blocks: tuple[Block, ...] = ()
    age: int | None = None
    sex: int | None = None

    def sections(self) -> list[dict[str, Any]]:
        return [
            {"legend": block.title, "fields": [self[question.field] for question in block.questions]}
            for block in self.blocks
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        answers = {question.field: data.get(question.field) for question in _questions(self.blocks)}
        self.findings: list[Finding] = edit(answers, age=self.age, sex=self.sex)
        for finding in self.findings:
            if finding.level == "error" and finding.field in self.fields and finding.field not in self.errors:
                self.add_error(finding.field, str(finding))
        return data

    def answers(self) -> dict[str, Any]:
        return {question.field: self.cleaned_data[question.field] for question in _questions(self.blocks)}


class AssessmentForm(AnswersForm):
    blocks = HOUSEHOLD_BLOCKS

    class Meta:
        model = Assessment
        fields = [
            "assessed_on",
            "enumerator",
            *(q.field for block in HOUSEHOLD_BLOCKS for q in block.questions),
        ]
        formfield_callback = answer_field

    def clean_assessed_on(self) -> date:
        day: date = self.cleaned_data["assessed_on"]
        if day > timezone.localdate():
            raise ValidationError(_("The date lies in the future."))
        if day.year < EARLIEST_ASSESSMENT:
            raise ValidationError(_too_early(EARLIEST_ASSESSMENT))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not any(value is not None and value != "" for value in self._said(data)):
            raise ValidationError(_("Nothing is answered yet: an empty assessment would wipe the status."))
        return data

    def _said(self, data: dict[str, Any]) -> list[Any]:
        return [data.get(question.field) for question in _questions(self.blocks)]


class MemberAnswersForm(AnswersForm):
    blocks = MEMBER_BLOCKS

    class Meta:
        model = MemberAssessment
        fields = [q.field for block in MEMBER_BLOCKS for q in block.questions]
        formfield_callback = answer_field

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"prefix": f"member-{member.pk}"}))
        self.member = member
        self.age = member.age_on(timezone.localdate())
        self.sex = member.sex


def member_forms(members: Iterable[Member], data: Mapping[str, Any] | None) -> list[MemberAnswersForm]:
    return [MemberAnswersForm(data, member=member) for member in members]


def _questions(blocks: Iterable[Block]) -> list[Question]:
    return [question for block in blocks for question in block.questions]


def _three_digits(text: str) -> str:
    return text.strip().zfill(3) if text.strip().isdigit() else text.strip()


def _too_early(year: int) -> str:
    return gettext("The year is before %(year)s: check it.") % {"year": year}
