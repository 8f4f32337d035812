"""Whose data a user or a token was shown in a period: from the access log, for the notice after a breach."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import ImportBatch
from registry.models import AccessLog, ApiToken, Shown, User

# The personal data in each kind of reading, as a notice names it.
IDENTITY = gettext_lazy("name and identity number")
ADDRESS = gettext_lazy("address")
BIRTH = gettext_lazy("place and date of birth, sex and relationships in the family")
LIVING = gettext_lazy("answers on housing, possessions and income")
HEALTH = gettext_lazy("answers on health, disability, schooling and work")
STATUS = gettext_lazy("poverty status and welfare decile")
SUPPORT = gettext_lazy("support received")
EVERYTHING = (IDENTITY, ADDRESS, BIRTH, LIVING, HEALTH, STATUS, SUPPORT)
# Rather too much than too little: a verdict's reasons name work and schooling, the facts of a target list are
# whatever a programme asks, illness and other support included, and a list may be of those who received it.
FIELDS: dict[str, tuple[Any, ...]] = {
    Shown.LINE: (gettext_lazy("name"), ADDRESS, STATUS, SUPPORT),
    Shown.PERSON: (IDENTITY, ADDRESS, BIRTH),
    Shown.RECORD: EVERYTHING,
    Shown.ANSWERS: (gettext_lazy("name"), LIVING, HEALTH, SUPPORT),
    Shown.STATUS: (LIVING, HEALTH, STATUS),
    Shown.IMPORT: EVERYTHING,
    Shown.TARGET: EVERYTHING,
    Shown.FILE: EVERYTHING,
    Shown.REALISATION: (SUPPORT,),
    Shown.CHANGES: (IDENTITY, ADDRESS, BIRTH, STATUS),
    Shown.REPORT: EVERYTHING,
}
HEADINGS = (
    gettext_lazy("Household ID"),
    gettext_lazy("Member ID"),
    gettext_lazy("Name"),
    gettext_lazy("Household number"),
    gettext_lazy("Village"),
    gettext_lazy("Shown"),
    gettext_lazy("Full identity numbers"),
    gettext_lazy("Readings"),
    gettext_lazy("First time"),
    gettext_lazy("Last time"),
)

# A reading without member ids showed all people of its households; whoever joined a household later is
# counted too. Ids whose rows are held no more come with empty names. Table names are ours.
PEOPLE_SHOWN = """
WITH homes AS (
    SELECT home AS id, shown, count(*) AS n, min(at) AS first, max(at) AS last, bool_or(is_full) AS is_full
    FROM registry_accesslog, unnest(household_ids) AS home
    WHERE {whose} = %(pk)s AND at >= %(begins)s AND at < %(ends)s AND member_ids = '{{}}'
    GROUP BY home, shown
), people AS (
    SELECT person AS id, shown, count(*) AS n, min(at) AS first, max(at) AS last, bool_or(is_full) AS is_full
    FROM registry_accesslog, unnest(member_ids) AS person
    WHERE {whose} = %(pk)s AND at >= %(begins)s AND at < %(ends)s
    GROUP BY person, shown
), seen AS (
    SELECT homes.id AS household_id, member.id AS member_id, shown, n, first, last, is_full
    FROM homes LEFT JOIN households_member AS member ON member.household_id = homes.id
    UNION ALL
    SELECT member.household_id, people.id, shown, n, first, last, is_full
    FROM people LEFT JOIN households_member AS member ON member.id = people.id
)
SELECT seen.household_id, seen.member_id, COALESCE(member.name, ''), COALESCE(home.number, ''),
    COALESCE(area.name, ''), shown, n, first, last, is_full
FROM seen
LEFT JOIN households_member AS member ON member.id = seen.member_id
LEFT JOIN households_household AS home ON home.id = seen.household_id
LEFT JOIN registry_area AS area ON area.code = home.area_id
ORDER BY home.area_id, seen.household_id, seen.member_id
"""


@dataclass(frozen=True, slots=True)
class Exposed:
    """One person, or a household of which nobody is held any more. ``shown`` are values of Shown."""

    household: int | None
    member: int | None
    name: str
    number: str
    village: str
    shown: tuple[str, ...]
    is_full: bool
    readings: int
    first: datetime
    last: datetime


def exposed(reader: User | ApiToken, *, since: date, until: date) -> list[Exposed]:
    """Everybody whom ``reader`` was shown on these days (WITA, both included), by village and household.

    A user's readings include those with his or her tokens. One query.
    """
    begins, ends = _moments(since, until)
    column = "token_id" if isinstance(reader, ApiToken) else "user_id"
    period: dict[str, Any] = {"pk": reader.pk, "begins": begins, "ends": ends}
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE_SHOWN.format(whose=column), period)
        return list(_people(cursor.fetchall()))


def _people(rows: Iterable[tuple[Any, ...]]) -> Iterator[Exposed]:
    for (household, member), found in groupby(rows, key=lambda row: row[:2]):
        same = list(found)
        name, number, village = same[0][2:5]
        yield Exposed(
            household=household,
            member=member,
            name=name,
            number=number,
            village=village,
            shown=tuple(sorted({row[5] for row in same})),
            is_full=any(row[9] for row in same),
            readings=sum(row[6] for row in same),
            first=min(row[7] for row in same),
            last=max(row[8] for row in same),
        )


@dataclass(frozen=True, slots=True)
class ImportShown:
    """An import whose rows were shown. ``rows`` is the most that one reading showed: many of them may be
    people who are not registered, whom no list of persons can name.
    """

    id: str
    file_name: str
    rows: int
    is_full: bool
    first: datetime
    last: datetime


def imports_shown(reader: User | ApiToken, *, since: date, until: date) -> list[ImportShown]:
    """The imports ``reader`` looked into on these days; without a name where the import is held no more."""
    whose = {"token" if isinstance(reader, ApiToken) else "user": reader}
    begins, ends = _moments(since, until)
    readings = AccessLog.objects.filter(shown=Shown.IMPORT, at__gte=begins, at__lt=ends, **whose)
    seen = readings.values("subject").annotate(
        rows=Max("record_count"), is_full=BoolOr("is_full"), first=Min("at"), last=Max("at")
    )
    found = {each["subject"].partition(":")[2]: each for each in seen.order_by("subject")}
    names = {str(batch.pk): batch.file_name for batch in ImportBatch.objects.filter(pk__in=found)}
    return [
        ImportShown(pk, names.get(pk, ""), each["rows"], each["is_full"], each["first"], each["last"])
        for pk, each in found.items()
    ]


def _moments(since: date, until: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(since, time(), tzinfo=timezone.get_default_timezone())
    return midnight, midnight + (until - since) + timedelta(days=1)


def cells(people: Iterable[Exposed]) -> Iterator[tuple[Any, ...]]:
    """A row for each, in the order of HEADINGS."""
    labels = {value: str(label) for value, label in Shown.choices}
    yes, no = _("yes"), _("no")
    for person in people:
        kinds = ", ".join(labels.get(kind, kind) for kind in person.shown)
        place = (person.household, person.member, person.name, person.number, person.village)
        seen = (person.readings, person.first, person.last)
        yield (*place, kinds, yes if person.is_full else no, *seen)


def fields_of(kinds: Iterable[str]) -> list[str]:
    """The personal data in readings of these kinds (values of Shown), the most identifying first."""
    words = {str(word) for kind in kinds for word in FIELDS[kind]}
    if str(IDENTITY) in words:
        words.discard(_("name"))
    order = [_("name"), *map(str, EVERYTHING)]
    return [word for word in order if word in words]
