"""Filters of programmes, target lists, rows and realisations: one for page, API and file."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, DateFilter, FilterSet, MultipleChoiceFilter

from households.filters import Key, WholeNumber, WithinArea
from households.models.household import StatusChoice
from programs.models import Program, Realisation, TargetList, TargetRow

SLUG = [RegexValidator(r"^[\w-]{1,40}$")]
YEARS = {"min_value": 2011, "max_value": 2100}


class ProgramFilter(FilterSet):
    agency = CharFilter(field_name="agency__code", validators=SLUG, label=_("code of the agency"))
    year = WholeNumber(label=_("year"), **YEARS)
    code = CharFilter(validators=SLUG, label=_("code"))

    class Meta:
        model = Program
        fields = ["cluster", "unit"]


class TargetListFilter(FilterSet):
    program = Key(label=_("programme"))
    program_code = CharFilter(field_name="program__code", validators=SLUG, label=_("code of the programme"))
    agency = CharFilter(field_name="program__agency__code", validators=SLUG, label=_("code of the agency"))
    year = WholeNumber(field_name="program__year", label=_("year"), **YEARS)

    class Meta:
        model = TargetList
        fields = ["state"]


class TargetRowFilter(FilterSet):
    area = WithinArea()
    status = MultipleChoiceFilter(choices=StatusChoice.choices, label=_("poverty status"))

    class Meta:
        model = TargetRow
        fields: list[str] = []


class RealisationFilter(FilterSet):
    target_list = Key(label=_("target list"))
    area = WithinArea()
    outcome = MultipleChoiceFilter(choices=Realisation.Outcome.choices, label=_("outcome"))
    realised_from = DateFilter(field_name="realised_on", lookup_expr="gte", label=_("realised from"))
    realised_until = DateFilter(field_name="realised_on", lookup_expr="lte", label=_("realised until"))

    class Meta:
        model = Realisation
        fields: list[str] = []
