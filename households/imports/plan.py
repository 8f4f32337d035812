"""What taking the file in would do. Reads, never writes: the check shows it, the confirmation redoes it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from households.imports import known as registry
from households.imports.compare import compare
from households.imports.homes import check_homes, join, read_rows
from households.imports.rows import HELD_BACK, Home, SheetRow, Verdict
from registry.areas import AreaBook, AreaError
from registry.models import Area
from registry.permissions import Scope


@dataclass(frozen=True, slots=True)
class Plan:
    """Every row of the file has its verdict; ``accepted`` are the households that would be taken in whole.

    ``elsewhere`` counts the file's numbers that are registered where a user may not look, or were erased.
    """

    rows: list[SheetRow]
    homes: list[Home]
    known: registry.Known
    elsewhere: int

    @property
    def accepted(self) -> list[Home]:
        return [home for home in self.homes if not home.is_rejected]

    def count(self, verdict: Verdict) -> int:
        return sum(row.verdict == verdict for row in self.rows)


def make_plan(
    rows: Iterable[SheetRow],
    *,
    scopes: Sequence[Scope],
    today: date,
    is_locking: bool = False,
    progress: Callable[[int], object] = lambda count: None,
) -> Plan:
    """``scopes`` are of everybody whose right the import rests on: a village must lie in all of them."""
    read = read_rows(rows, today=today, progress=progress)
    homes, orphans = join(read)
    check_homes(homes, orphans)
    _find_villages(homes, scopes)
    known = registry.load(homes, is_locking=is_locking)

    def covers(code: str) -> bool:
        return all(scope.covers(code) for scope in scopes)

    for home in homes:
        if home.area_code:
            compare(home, known, covers)
        _hold_back(home)
    for row in orphans:
        row.verdict = Verdict.REJECTED
    elsewhere = sum(place is None or not covers(place.area) for place in known.told.values())
    return Plan(read, homes, known, elsewhere)


def _find_villages(homes: Iterable[Home], scopes: Sequence[Scope]) -> None:
    villages = _Villages()
    for home in homes:
        column, found = villages.find(home.row.values["district"], home.row.values["village"])
        if isinstance(found, Area) and all(scope.covers(found.code) for scope in scopes):
            home.area_code = found.code
        elif isinstance(found, Area):
            home.row.error("village", "outside", _("This village is outside your area."), found.name)
        elif found:
            home.row.error(column, "area", found, home.row.values[column])


class _Villages:
    """Each pair of names is looked up once: a file repeats its villages, and its misspellings."""

    def __init__(self) -> None:
        self.book = AreaBook.load()
        self.found: dict[tuple[str, str], tuple[str, Area | str]] = {}

    def find(self, district: str, village: str) -> tuple[str, Area | str]:
        """The village, or a sentence why there is none, and the column it concerns."""
        if (district, village) not in self.found:
            self.found[district, village] = self._look_up(district, village)
        return self.found[district, village]

    def _look_up(self, district: str, village: str) -> tuple[str, Area | str]:
        if not village:
            return "village", ""  # told already: the cell must be filled in
        try:
            within = self.book.find_district(district) if district else None
        except AreaError as error:
            return "district", str(error)
        try:
            return "village", self.book.find_village(district=within, name_or_code=village)
        except AreaError as error:
            return "village", str(error)


def _hold_back(home: Home) -> None:
    """One bad row keeps the whole household out; the good rows say which."""
    wrong = [row for row in home.rows if row.errors]
    if not wrong:
        return
    places = ", ".join(f"{row.sheet} {row.number}" for row in wrong)
    for row in home.rows:
        row.verdict, row.changes, row.details = Verdict.REJECTED, [], {}
        if not row.errors:
            row.error("", HELD_BACK, _("Correct in itself; held back by: %(rows)s.") % {"rows": places})
