"""One filter, three uses: the page, the API and the export read the same parameters."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, MultipleChoiceFilter, NumberFilter

from households.models import Assessment, Household, Member, PovertyStatus
from households.models.household import StatusChoice
from registry.models import Area
from registry.numbers import IDENTITY_NUMBER
from registry.permissions import within

LARGEST_ID = 2**63 - 1
NIK = [("missing", _("without NIK")), ("given", _("with NIK"))]
CLOSED = [("no", _("active")), ("yes", _("closed")), ("all", _("active and closed"))]


def area_choices() -> list[tuple[str, Any]]:
    """Districts, each with its villages. One query."""
    areas = Area.objects.filter(level__in=[Area.Level.DISTRICT, Area.Level.VILLAGE]).order_by("code")
    districts: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for area in areas:
        if area.level == Area.Level.DISTRICT:
            whole = _("whole district of %(district)s") % {"district": area.name}
            districts[area.code] = (area.name, [(area.code, whole)])
        elif area.district_code in districts:
            districts[area.district_code][1].append((area.code, area.name))
    return [("", _("everywhere")), *districts.values()]


class AreaSelect(forms.Select):
    """Reads the areas when it is drawn, so that the API, which draws nothing, does not pay for them."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        self.choices = area_choices()
        return super().optgroups(name, value, attrs)


class WithinArea(CharFilter):
    """The area of this code and everything beneath it; an unknown code of the right form finds nothing."""

    def __init__(self) -> None:
        super().__init__(
            "area__code",
            label=_("area"),
            validators=Area._meta.get_field("code").validators,
            widget=AreaSelect,
        )

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(within(value or ""))


class WholeNumber(NumberFilter):
    field_class = forms.IntegerField


class Key(WholeNumber):
    """The id of another object."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **kwargs)


def _no_identity_number(text: str) -> None:
    """An address ends up in logs and histories, where a NIK must never be."""
    if IDENTITY_NUMBER.search(text):
        raise ValidationError(
            _("Do not search for a NIK or family card number here."), code="identity_number"
        )


class HouseholdFilter(FilterSet):
    """Active households unless ``closed`` says otherwise. Parameters are named as their columns are."""

    area = WithinArea()
    status = MultipleChoiceFilter(
        choices=StatusChoice.choices, label=_("poverty status"), widget=forms.CheckboxSelectMultiple
    )
    decile_min = WholeNumber(
        field_name="decile", lookup_expr="gte", min_value=1, max_value=10, label=_("decile from")
    )
    decile_max = WholeNumber(
        field_name="decile", lookup_expr="lte", min_value=1, max_value=10, label=_("decile up to")
    )
    closed = ChoiceFilter(choices=CLOSED, method="filter_closed", empty_label=None, label=_("open or closed"))
    q = CharFilter(
        method="filter_text",
        max_length=100,
        validators=[_no_identity_number],
        label=_("head of household, number or address"),
    )

    class Meta:
        model = Household
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Household]) -> QuerySet[Household]:
        self.form.cleaned_data["closed"] = self.form.cleaned_data.get("closed") or "no"
        return super().filter_queryset(queryset)

    def filter_closed(self, queryset: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        return queryset if value == "all" else queryset.filter(closed_on__isnull=value == "no")

    def filter_text(self, queryset: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        """``%`` and ``_`` stand for themselves: Django escapes them."""
        head = Member.objects.active().heads().filter(household=OuterRef("pk"), name__icontains=value)
        return queryset.filter(Exists(head) | Q(number__icontains=value) | Q(address__icontains=value))


class MemberFilter(FilterSet):
    """Active members of active households, unless ``closed`` says otherwise."""

    household = Key(label=_("household"))
    area = WithinArea()
    nik = ChoiceFilter(choices=NIK, method="filter_nik", label=_("NIK"), empty_label=_("with or without"))
    closed = ChoiceFilter(choices=CLOSED, method="filter_closed", empty_label=None, label=_("open or closed"))

    class Meta:
        model = Member
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Member]) -> QuerySet[Member]:
        self.form.cleaned_data["closed"] = self.form.cleaned_data.get("closed") or "no"
        return super().filter_queryset(queryset)

    def filter_nik(self, queryset: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        return queryset.filter(nik_index="") if value == "missing" else queryset.exclude(nik_index="")

    def filter_closed(self, queryset: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        is_active = Q(closed_on=None, household__closed_on=None)
        return queryset if value == "all" else queryset.filter(is_active if value == "no" else ~is_active)


class AssessmentFilter(FilterSet):
    household = Key(label=_("household"))
    area = WithinArea()
    assessed_from = DateFilter(field_name="assessed_on", lookup_expr="gte", label=_("assessed from"))
    assessed_until = DateFilter(field_name="assessed_on", lookup_expr="lte", label=_("assessed until"))

    class Meta:
        model = Assessment
        fields: list[str] = []


class PovertyStatusFilter(FilterSet):
    household = Key(label=_("household"))
    area = WithinArea()
    scheme = CharFilter(
        field_name="scheme__code", validators=[RegexValidator(r"^[\w-]+$")], label=_("code of the scheme")
    )
    status = MultipleChoiceFilter(choices=StatusChoice.choices, label=_("poverty status"))
    judged_from = DateFilter(field_name="judged_on", lookup_expr="gte", label=_("judged from"))

    class Meta:
        model = PovertyStatus
        fields: list[str] = []
