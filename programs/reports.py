"""The coordination report: for each district, who is poor and what each programme and cluster has reached."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from programs.coverage import EVERYWHERE, Coverage, Measure, coverage
from programs.models import Program
from registry.models import Area, User
from registry.permissions import scope_of
from registry.reports import Column, Kind, Report, Row, register


class CoordinationForm(forms.Form):
    """Every field may be left empty: the newest year, the whole regency, all clusters, one line for a
    district.
    """

    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int, empty_value=None)
    area = forms.ChoiceField(label=_("District"), required=False)
    cluster = forms.TypedChoiceField(
        label=_("Cluster"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("All clusters")), *Program.Cluster.choices],
    )
    level = forms.ChoiceField(
        label=_("Detail"),
        required=False,
        choices=[("", _("districts")), ("cluster", _("and clusters")), ("program", _("and programmes"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = Program.objects.order_by("-year").values_list("year", flat=True).distinct()
        districts = Area.objects.within(settings.HOME_REGENCY).districts()
        self.fields["year"].choices = [(year, str(year)) for year in years]  # type: ignore[attr-defined]
        self.fields["area"].choices = [  # type: ignore[attr-defined]
            ("", _("Whole regency")),
            *((area.code, area.name) for area in districts),
        ]


def newest_year() -> int:
    """The newest year that has a programme: what the report and the dashboard show unless asked otherwise."""
    newest: int | None = Program.objects.aggregate(newest=Max("year"))["newest"]
    return newest or timezone.localdate().year


def coordination_rows(user: User, parameters: Mapping[str, Any]) -> list[Row]:
    """The whole regency, then each district; with ``level`` also each cluster, and each programme."""
    year, cluster = parameters.get("year") or newest_year(), parameters.get("cluster")
    programs = list(Program.objects.filter(year=year).prefetch_related("criteria"))
    if cluster:
        programs = [program for program in programs if program.cluster == cluster]
    area = _area(user, parameters.get("area") or "")
    found = coverage(programs, on=timezone.localdate(), area=area)
    groups = _groups(programs, parameters.get("level") or "")
    tables = [
        _group_rows(found, ids, {"year": year, "cluster_number": cluster} | words) for ids, words in groups
    ]
    places = [(place.code, place.name) for place in Area.objects.within(area).districts()]
    if not area or area == settings.HOME_REGENCY:
        places.insert(0, (EVERYWHERE, _t("Whole regency")))
    return [
        {"district_code": code, "district": name, **table(code)} for code, name in places for table in tables
    ]


def _area(user: User, chosen: str) -> str:
    """What was chosen, or of who sees one area only, that one."""
    own = scope_of(user).area_code
    return chosen if chosen.startswith(own) else own


def _groups(programs: list[Program], level: str) -> list[tuple[list[int], dict[str, Any]]]:
    """The programme ids of each line with its words: everything, the clusters in use, the programmes."""
    groups: list[tuple[list[int], dict[str, Any]]] = [
        ([p.pk for p in programs], {"cluster": "", "program": _t("All programmes"), "program_id": None})
    ]
    for cluster in Program.Cluster if level else ():
        inside = [p for p in programs if p.cluster == cluster]
        if inside:
            words = {"cluster": str(cluster.label), "program": _t("All of the cluster"), "program_id": None}
            groups.append(([p.pk for p in inside], {"cluster_number": cluster.value} | words))
        for p in inside if level == "program" else ():
            groups.append(([p.pk], {"cluster": str(cluster.label), "program": p.name, "program_id": p.pk}))
    return groups


def _group_rows(found: Coverage, ids: list[int], words: dict[str, Any]) -> Any:
    counts = {measure: found.by_district(found.households(measure, ids)) for measure in Measure}
    rates = found.rates(ids)

    def row(code: str) -> dict[str, Any]:
        figures = {measure.value: counts[measure][code] for measure in Measure}
        return {**words, **figures, "coverage": rates.get(code)}

    return row


def opens(measure: Measure) -> Any:
    """The address of the households behind a figure of a row."""

    def address(row: Row) -> str:
        query = {"measure": measure.value, "area": row["district_code"], "year": row["year"]}
        if row.get("program_id"):
            query["program"] = row["program_id"]
        elif row.get("cluster_number"):
            query["cluster"] = row["cluster_number"]
        return f"{reverse('coverage-list')}?{urlencode(query)}"

    return address


def _figure(measure: Measure, heading: Any) -> Column:
    return Column(measure.value, heading, Kind.NUMBER, opens(measure))


COORDINATION = Report(
    slug="coordination",
    title=_("Coordination report"),
    permission="programs.view_coordination",
    list_permission="households.view_household",
    form=CoordinationForm,
    columns=(
        Column("district", _("District")),
        Column("cluster", _("Cluster")),
        Column("program", _("Programme")),
        _figure(Measure.POOR, _("Poor")),
        _figure(Measure.NEAR_POOR, _("Near poor")),
        _figure(Measure.ELIGIBLE, _("Eligible")),
        _figure(Measure.TARGETED, _("Targeted")),
        _figure(Measure.REALISED, _("Realised")),
        Column("coverage", _("Coverage"), Kind.RATIO),
        _figure(Measure.UNSERVED, _("Not served")),
    ),
    rows=coordination_rows,
    explanation=(
        _("All figures count households of the registry; they are not the figures of the BPS survey."),
        _("Poor: very poor and poor under the scheme that sets the status."),
        _(
            "Eligible: meets every criterion of the programme today."
            " Targeted: on its last approved target list."
        ),
        _("Coverage: eligible households that received it, out of all eligible households."),
        _("Not served: poor or near poor, on no approved target list of the line and reached by none of it."),
    ),
)

register(COORDINATION)
