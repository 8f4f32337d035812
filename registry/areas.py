"""Finding areas as files name them: by a code old or new, by the official name, or by another spelling."""

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NoReturn, Self

from django.conf import settings
from django.utils.translation import gettext as _

from registry.models import Area

PREFIXES = frozenset({"desa", "ds", "kelurahan", "kel", "kecamatan", "kec", "kabupaten", "kab"})
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
WORDS = ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh")
NUMERALS = {name: str(number) for names in (ROMAN, WORDS) for number, name in enumerate(names, start=1)}
APOSTROPHES = str.maketrans("", "", "'`‘’ʼ")
CODE = re.compile(r"\d[\d.]*\d", re.ASCII)


class AreaError(LookupError):
    """A name or code that is not exactly one area; ``str()`` is a sentence for the person who wrote it."""

    def __init__(self, sentence: str, candidates: Iterable[Area] = ()) -> None:
        super().__init__(sentence)
        self.candidates = tuple(candidates)


class AreaNotFound(AreaError):
    """``candidates`` are suggestions, best first; there may be none."""


class AreaAmbiguous(AreaError):
    """``candidates`` are the areas that fit equally well."""


def normalise(name: str) -> str:
    """The key two spellings share: ``Desa Kota-Bangun II`` and ``KOTABANGUN 2`` are both ``kotabangun2``.

    A numeral counts only as the last of several words, where Indonesian villages carry it.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = re.findall(r"[^\W\d_]+|\d+", plain.casefold().translate(APOSTROPHES))
    while len(words) > 1 and words[0] in PREFIXES:
        del words[0]
    if len(words) > 1:
        last = words[-1].lstrip("0") or "0"
        words[-1] = NUMERALS.get(last, last)
    return "".join(words)


class AreaBook:
    """The districts and villages of one area, in memory: loaded once per file, asked for every row."""

    def __init__(self, areas: Iterable[Area]) -> None:
        """``areas`` with aliases and former codes prefetched; levels above the district are left out."""
        areas = list(areas)
        self._districts = _Shelf(area for area in areas if area.level == Area.Level.DISTRICT)
        self._villages = _Shelf(area for area in areas if area.level == Area.Level.VILLAGE)
        self._district_names = {area.code: area.name for area in self._districts.areas}

    @classmethod
    def load(cls, within: str | None = None) -> Self:
        """The areas within a code; without one, of the regency this installation serves. Three queries."""
        areas = Area.objects.within(within or settings.HOME_REGENCY)
        return cls(areas.prefetch_related("aliases", "former_codes"))

    def find_district(self, name_or_code: str) -> Area:
        """Raises AreaNotFound or AreaAmbiguous."""
        text = name_or_code.strip()
        if not text:
            raise AreaNotFound(_("The district is not named."))
        code = _as_code(text)
        if code:
            found = self._districts.coded(code)
            missing = _("No district has the code %(code)s.") % {"code": text}
            return self._only(found, text) if found else self._refuse(missing)
        key = normalise(text)
        found = self._districts.named(key)
        if found:
            return self._only(found, text)
        return self._refuse(
            _("There is no district “%(name)s”.") % {"name": text}, self._districts.close_to(key)
        )

    def find_village(self, *, district: Area | str | None = None, name_or_code: str) -> Area:
        """Raises AreaNotFound or AreaAmbiguous.

        A village that has moved to a new district is still found under the district it once belonged to.
        """
        if isinstance(district, str):
            district = self.find_district(district) if district.strip() else None
        text = name_or_code.strip()
        if not text:
            raise AreaNotFound(_("The village is not named."))
        code = _as_code(text)
        if code:
            return self._village_coded(code, text, district)
        return self._village_named(text, district)

    def label(self, area: Area) -> str:
        """``Sumber Sari (Loa Kulu)`` for a village, the bare name for a district."""
        district = self._district_names.get(area.parent_code)
        return f"{area.name} ({district})" if district else area.name

    def _village_coded(self, code: str, text: str, district: Area | None) -> Area:
        found = self._villages.coded(code)
        if not found:
            return self._refuse(_("No village has the code %(code)s.") % {"code": text})
        if district is not None:
            inside = [area for area in found if district.code in _districts_ever(area)]
            if not inside:
                sentence = _("%(code)s is %(village)s, which is not in %(district)s.")
                values = {"code": text, "village": self.label(found[0]), "district": district.name}
                raise AreaNotFound(sentence % values, found)
            found = inside
        return self._only(found, text)

    def _village_named(self, text: str, district: Area | None) -> Area:
        key = normalise(text)
        found = self._villages.named(key)
        if district is None:
            if found:
                return self._only(found, text)
            missing = _("There is no village “%(name)s”.") % {"name": text}
            return self._refuse(missing, self._villages.close_to(key))
        today = [area for area in found if area.parent_code == district.code]
        official = [area for area in today if normalise(area.name) == key]
        once = [area for area in found if district.code in _districts_ever(area)]
        if best := official or today or once:
            return self._only(best, text)
        nearby = [a for a in self._villages.close_to(key, district=district.code) if a not in found]
        missing = _("There is no village “%(name)s” in %(district)s.")
        return self._refuse(missing % {"name": text, "district": district.name}, [*found, *nearby])

    def _only(self, found: list[Area], text: str) -> Area:
        if len(found) == 1:
            return found[0]
        if len({area.parent_code for area in found}) == len(found) and found[0].level == Area.Level.VILLAGE:
            names = [self._district_names.get(area.parent_code, area.parent_code) for area in found]
            sentence = _("“%(name)s” is a village in %(count)s districts: %(candidates)s. Name the district.")
        else:
            names = [f"{area.code} {self.label(area)}" for area in found]
            sentence = _("“%(name)s” fits %(count)s areas: %(candidates)s. Give the code.")
        raise AreaAmbiguous(
            sentence % {"name": text, "count": len(found), "candidates": ", ".join(names)}, found
        )

    def _refuse(self, sentence: str, suggestions: Iterable[Area] = ()) -> NoReturn:
        suggestions = list(suggestions)
        if suggestions:
            names = ", ".join(self.label(area) for area in suggestions)
            sentence += " " + _("Did you mean %(suggestions)s?") % {"suggestions": names}
        raise AreaNotFound(sentence, suggestions)


class _Shelf:
    """The areas of one level, by every code and every name they are known by."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self.areas = list(areas)
        self._by_code: dict[str, list[Area]] = defaultdict(list)
        self._by_former_code: dict[str, list[Area]] = defaultdict(list)
        self._by_name: dict[str, list[Area]] = defaultdict(list)
        for area in self.areas:
            for code in {area.code, area.code.replace(".", ""), area.bps_code} - {""}:
                self._by_code[code].append(area)
            for former in area.former_codes.all():
                for code in {former.code, former.code.replace(".", "")}:
                    self._by_former_code[code].append(area)
            for key in {normalise(name) for name in [area.name, *(a.name for a in area.aliases.all())]}:
                self._by_name[key].append(area)
        self.close_to = lru_cache(maxsize=1000)(self._close_to)

    def coded(self, code: str) -> list[Area]:
        """By today's code first: a number given out again means its present bearer."""
        return self._by_code.get(code) or self._by_former_code.get(code) or []

    def named(self, key: str) -> list[Area]:
        return self._by_name.get(key, [])

    def _close_to(self, key: str, district: str = "") -> list[Area]:
        """At most three. Costs milliseconds, so repeats are remembered: a file repeats its misspellings."""
        keys = [k for k, areas in self._by_name.items() if any(a.code.startswith(district) for a in areas)]
        close = difflib.get_close_matches(key, keys, n=3, cutoff=0.7)
        found = [area for k in close for area in self._by_name[k] if area.code.startswith(district)]
        return list(dict.fromkeys(found))[:3]


def _as_code(text: str) -> str:
    """``text`` as a code without spaces or a spreadsheet's apostrophe; empty when it is a name."""
    code = "".join(text.split()).lstrip("'")
    return code if CODE.fullmatch(code) else ""


def _districts_ever(area: Area) -> set[str]:
    return {area.parent_code, *(former.code[:8] for former in area.former_codes.all())}
