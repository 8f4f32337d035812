"""The regency's figures for the meeting room, each with the list that makes it."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import gettext as _

from households.models import Household, Member
from households.models.household import POOR, StatusChoice
from programs.coverage import Coverage, Measure
from programs.models import Program, Realisation
from registry.models import Area
from registry.permissions import within
from registry.scope import whole_registry

FIGURES = "figures for the meeting room; the lists behind them go through visible_to"


@whole_registry(FIGURES)
def status_counts(area: str) -> dict[str, dict[str, int]]:
    """Active households by district and status: one query over the covering index."""
    rows = (
        Household.objects.active()
        .within(area)
        .order_by()
        .annotate(district=Left("area_id", 8))
        .values_list("district", "status")
        .annotate(n=Count("pk"))
    )
    counts: dict[str, dict[str, int]] = {}
    for district, status, n in rows:
        counts.setdefault(district, {})[status] = n
    return counts


@whole_registry(FIGURES)
def cards(
    counts: Mapping[str, Mapping[str, int]], found: Coverage, programs: list[Program], area: str
) -> list[dict[str, Any]]:
    """The figures on top; ``query`` is the list behind each."""
    everything = [program.pk for program in programs]
    totals = {status: sum(district.get(status, 0) for district in counts.values()) for status in StatusChoice}
    people = Member.objects.active().filter(household__closed_on=None).filter(within(area))
    members = people.aggregate(all=Count("pk"), without_nik=Count("pk", filter=Q(nik_index="")))
    year = programs[0].year if programs else ""
    return [
        _card(_("Registered households"), sum(totals.values()), note=_("all statuses"), url=_homes()),
        _card(_("People"), members["all"], url=_people(), note=_("active members")),
        _card(
            _("Poor households"),
            sum(totals[status] for status in POOR),
            url=_homes(status=POOR),
            note=_("very poor and poor"),
        ),
        _card(
            _("Near-poor households"),
            totals[StatusChoice.NEAR_POOR],
            url=_homes(status=[StatusChoice.NEAR_POOR]),
        ),
        _card(
            _("Served by nothing"),
            len(found.households(Measure.UNSERVED, everything)),
            url=_covered(Measure.UNSERVED, year),
            note=_("poor or near poor, no programme in %(year)s") % {"year": year},
            tone="accent",
        ),
        _card(
            _("Targeted"),
            len(found.households(Measure.TARGETED, everything)),
            url=_covered(Measure.TARGETED, year),
        ),
        _card(
            _("Realised"),
            len(found.households(Measure.REALISED, everything)),
            url=_covered(Measure.REALISED, year),
        ),
        _card(
            _("Status not known yet"),
            totals[StatusChoice.UNKNOWN],
            url=_homes(status=[StatusChoice.UNKNOWN]),
            note=_("answers are missing"),
        ),
        _card(
            _("People without NIK"),
            members["without_nik"],
            url=_people(nik="missing"),
            note=_("each with a reason"),
        ),
    ]


def districts(counts: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """The districts by number of poor and near-poor households, most first."""
    rows = []
    for area in Area.objects.within(settings.HOME_REGENCY).districts():
        mine = counts.get(area.code, {})
        rows.append(
            {
                "area": area,
                "total": sum(mine.values()),
                "url": _homes(area=area.code),
                "parts": [
                    {
                        "value": mine.get(status, 0),
                        "tone": status.value,
                        "url": _homes(area=area.code, status=[status]),
                    }
                    for status in StatusChoice
                ],
                "need": sum(mine.get(status, 0) for status in (*POOR, StatusChoice.NEAR_POOR)),
            }
        )
    return sorted(rows, key=lambda row: -row["need"])


@whole_registry(FIGURES)
def program_lines(found: Coverage, programs: list[Program], area: str) -> list[dict[str, Any]]:
    """Each programme: eligible, targeted, realised, coverage, and the money. Two queries for all."""
    paid = dict(
        Realisation.objects.delivered()
        .filter(within(area), target_list__program__in=programs)
        .order_by()
        .values_list("target_list__program_id")
        .annotate(paid=Sum("amount"))
    )
    lines = []
    for program in programs:
        eligible = found.households(Measure.ELIGIBLE, [program.pk])
        reached = eligible & found.households(Measure.REALISED, [program.pk])
        lines.append(
            {
                "program": program,
                "paid": paid.get(program.pk),
                "coverage": Fraction(len(reached), len(eligible)) if eligible else None,
                **{
                    measure.value: {
                        "total": len(found.households(measure, [program.pk])),
                        "url": _covered(measure, program.year, program=program.pk),
                    }
                    for measure in (Measure.ELIGIBLE, Measure.TARGETED, Measure.REALISED)
                },
            }
        )
    return lines


def _card(label: str, value: int, *, url: str, note: str = "", tone: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "url": url, "note": note, "tone": tone}


def _homes(**query: Any) -> str:
    return f"{reverse('household-list')}?{urlencode({'area': settings.HOME_REGENCY} | query, doseq=True)}"


def _people(**query: Any) -> str:
    return f"{reverse('member-list')}?{urlencode({'area': settings.HOME_REGENCY} | query)}"


def _covered(measure: Measure, year: Any, **query: Any) -> str:
    return f"{reverse('coverage-list')}?{urlencode({'measure': measure.value, 'year': year} | query)}"
