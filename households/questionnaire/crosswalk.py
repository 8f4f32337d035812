"""From the codes of an older form to those of Regsosek 2022.K. The same number often means something else:
floor 9 was earth and is now "other", sewage disposal 3 and 4 changed places."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from households.questionnaire.blocks import QUESTIONS
from households.questionnaire.codes import IdentityDocument, Relationship, Sex

BDT_2015 = "bdt2015"
REGSOSEK_2022 = "regsosek2022"
VERSIONS = (BDT_2015, REGSOSEK_2022)

# BDT asset and programme columns alternate so that no two answers side by side look alike:
# one column has 1 yes, 2 no, the next 3 yes, 4 no. Columns 50 and 58 break the rhythm.
ONE_IS_YES = frozenset({33, 35, 37, 39, 41, 43, 45, 47, 50, 58, 59, 61, 63, 65, 67, 89, 91, 98})
THREE_IS_YES = frozenset({34, 36, 38, 40, 42, 44, 46, 52, 60, 62, 64, 66})


class UnknownCode(ValidationError):
    """The form of that version has no such code for this question."""

    def __init__(self, *, version: str, field: str, code: int) -> None:
        super().__init__(
            _("%(code)s is not an answer to “%(field)s” in the form %(version)s."),
            code="unknown_code",
            params={"code": code, "field": field, "version": version},
        )


@dataclass(frozen=True, slots=True)
class Translation:
    """``code`` is the answer to store: a Regsosek code, or True and False for a yes/no question.

    It is ``None`` when several ``candidates`` fit (then ``closest`` is the one that the older label names,
    if it names just one) or when the newer form does not ask (no candidates). ``is_exact`` means that the
    older code can be read back from the new one: nothing was lost or guessed.
    """

    code: int | None
    is_exact: bool = True
    candidates: tuple[int, ...] = ()
    closest: int | None = None
    note: Promise | str = ""


Table = Mapping[int, Translation]


def translate(*, version: str, field: str, code: int, others: Mapping[str, int] | None = None) -> Translation:
    """``others`` are the older codes of the same row, by field: lighting is decided by ``power`` and the
    diploma by ``education_level``. UnknownCode when the form lacks the code; LookupError, the question.
    """
    if version not in VERSIONS:
        raise LookupError(f"No questionnaire version {version!r}: known are {', '.join(VERSIONS)}.")
    if version == REGSOSEK_2022:
        return _from_regsosek(field, code)
    if field == "documents":
        return _documents(code)
    if field in BDT:
        if code not in BDT[field]:
            raise UnknownCode(version=version, field=field, code=code)
        return _decided(field, BDT[field][code], others or {})
    columns = _bdt_columns(field)
    if not columns:
        raise LookupError(f"BDT 2015 has no coded answer for {field!r}.")
    note = _("This BDT question is worded more widely.") if field in WIDER_IN_BDT else ""
    return Translation(bdt_yes_no(columns[0], code), is_exact=not note, note=note)


def bdt_yes_no(column: int, code: int) -> bool:
    """A yes/no answer of the BDT 2015 file. UnknownCode when ``code`` belongs to the other kind of column."""
    if column not in ONE_IS_YES | THREE_IS_YES:
        raise LookupError(f"BDT column {column} is not a yes/no column.")
    yes = 1 if column in ONE_IS_YES else 3
    if code not in (yes, yes + 1):
        raise UnknownCode(version=BDT_2015, field=str(column), code=code)
    return code == yes


def bdt_codes(field: str, code: int) -> tuple[int, ...]:
    """The BDT codes that may have stood for this Regsosek code: the crosswalk read backwards."""
    return tuple(old for old, new in BDT[field].items() if code in (new.candidates or (new.code,)))


def _bdt_columns(field: str) -> list[int]:
    """The field's yes/no columns; none when it is a number or has no BDT column."""
    columns = QUESTIONS[field].bdt_column.split(",") if field in QUESTIONS else []
    return [int(column) for column in columns if column and int(column) in ONE_IS_YES | THREE_IS_YES]


def _from_regsosek(field: str, code: int) -> Translation:
    if field in QUESTIONS and QUESTIONS[field].is_yes_no and QUESTIONS[field].code:
        if code not in (1, 2):
            raise UnknownCode(version=REGSOSEK_2022, field=field, code=code)
        return Translation(code == 1)
    known = PEOPLE[field].values if field in PEOPLE else QUESTIONS[field].codes if field in QUESTIONS else []
    if not known:
        raise LookupError(f"Regsosek 2022 has no coded answer for {field!r}.")
    if code not in known:
        raise UnknownCode(version=REGSOSEK_2022, field=field, code=code)
    return Translation(code)


def _decided(field: str, found: Translation, others: Mapping[str, int]) -> Translation:
    """The translation once a second answer of the row has had its say."""
    if field == "lighting" and found.candidates and others.get("power") in BDT["power"]:
        return Translation(2 if others["power"] == BDT_UNMETERED else 1)
    if field == "diploma" and found.candidates and others.get("education_level") in BDT["education_level"]:
        level = BDT["education_level"][others["education_level"]]
        left = [code for code in found.candidates if code in (level.candidates or (level.code,))]
        if len(left) == 1:
            return replace(found, code=left[0], note=_("Taken from the highest level of education attended."))
    return found


def _documents(code: int) -> Translation:
    """BDT adds 1 birth certificate, 2 student card, 4 KTP, 8 driving licence."""
    if not 0 <= code <= 15:
        raise UnknownCode(version=BDT_2015, field="documents", code=code)
    notes: dict[int, Promise | str] = {
        0: "",
        2: _("BDT's student card stands where the newer form has the child identity card."),
        8: _("The newer form does not record driving licences."),
        10: _("Student card became child identity card; the driving licence is not recorded."),
    }
    changed = code & (2 | 8)
    kept = code & sum(IdentityDocument.boxes())
    return Translation(kept, is_exact=not changed, note=notes[changed])


def _same(codes: Iterable[int]) -> dict[int, Translation]:
    return {code: Translation(code) for code in codes}


def _coarser(code: int, note: Promise) -> Translation:
    return Translation(code, is_exact=False, note=note)


def _one_of(*candidates: int, closest: int | None = None) -> Translation:
    note = _("The newer form tells apart what BDT counted as one.")
    return Translation(None, False, candidates, closest, note)


def _not_asked(note: Promise) -> Translation:
    return Translation(None, is_exact=False, note=note)


PEOPLE: dict[str, type[models.IntegerChoices]] = {"sex": Sex, "relationship": Relationship}
BDT_UNMETERED = 6
# A television of any size, gold or savings, any cylinder of 5.5 kg; other land was any real estate.
WIDER_IN_BDT = frozenset({"has_television", "has_gold", "has_other_land"})

_WOOD = _("BDT told high-quality from low-quality wood; the newer form has one answer for all wood.")
_TILES = _("Ceramic, metal and clay tiles became one answer.")
_PIPES = _("Metered and retail piped water became one answer.")
_ILLNESS = _("“Other” held kidney failure and the rest; the newer form lists them one by one.")
_SECTORS = _("The two lists of sectors are not one to one; matched by their labels.")
# Read from the labels of both lists: there is no official table. 20 is scavenging.
_SECTOR_CODES = {
    1: 1, 2: 2, 3: 3, 4: 4, 5: 4, 6: 5, 7: 6, 8: 7, 9: 8, 10: 9, 11: 11,
    12: 12, 13: 14, 14: 13, 15: 15, 16: 16, 17: 21, 18: 22, 20: 10,
}  # fmt: skip

BDT: Mapping[str, Table] = {
    "sex": _same(Sex.values),
    "relationship": _same(Relationship.values),
    "tenure": _same(range(1, 6)),
    "floor": {
        **_same(range(1, 5)),
        5: _coarser(5, _WOOD),
        6: Translation(6),
        7: Translation(7),
        8: _coarser(5, _WOOD),
        9: Translation(8),
        10: Translation(9),
    },
    "wall": _same(range(1, 8)),
    "wall_is_poor_quality": {1: Translation(False), 2: Translation(True)},
    "roof": {
        1: Translation(1),
        2: _coarser(2, _TILES),
        3: _coarser(2, _TILES),
        4: _coarser(2, _TILES),
        5: Translation(4),
        6: Translation(3),
        7: Translation(5),
        8: Translation(6),
        9: Translation(7),
        10: Translation(8),
    },
    "roof_is_poor_quality": {1: Translation(False), 2: Translation(True)},
    "water": {
        1: Translation(1),
        2: Translation(2),
        3: _coarser(3, _PIPES),
        4: _coarser(3, _PIPES),
        **{code: Translation(code - 1) for code in range(5, 13)},
    },
    "lighting": {1: _one_of(1, 2), 2: Translation(3), 3: Translation(4)},
    "power": {
        **_same(range(1, 6)),
        BDT_UNMETERED: _not_asked(_("Electricity without a meter: the newer form asks for no power.")),
    },
    "fuel": {
        1: Translation(1),
        2: _one_of(2, 3),
        3: Translation(4),
        4: _one_of(5, 6),
        **{code: Translation(code + 2) for code in range(5, 9)},
        9: Translation(12),
    },
    "toilet": {
        1: Translation(1),
        2: Translation(2),
        3: _one_of(3, 4, closest=4),
        4: _one_of(5, 6, closest=6),
    },
    "closet": {
        1: Translation(1),
        2: _one_of(2, 3),
        3: Translation(4),
        4: _not_asked(_("No toilet bowl is used: the newer form does not ask for its type.")),
    },
    "waste_disposal": {
        1: Translation(1),
        2: Translation(2),
        3: Translation(4),
        4: Translation(3),
        5: Translation(5),
        6: Translation(6),
    },
    "marital_status": _same(range(1, 5)),
    "school_attendance": {code: Translation(code + 1) for code in range(3)},
    "education_level": {
        1: _one_of(2, 3),
        2: Translation(1),
        3: Translation(4),
        4: _one_of(7, 8),
        5: Translation(6),
        6: Translation(9),
        7: _one_of(12, 13, 15),
        8: Translation(11),
        9: _one_of(14, 16, closest=14),
        10: _one_of(18, 19, 20, 21, 22),
    },
    "grade": _same(range(1, 9)),
    "diploma": {
        0: Translation(23),
        1: _one_of(1, 2, 3, 4, 5, closest=3),
        2: _one_of(6, 7, 8, 9, 10, closest=8),
        3: _one_of(11, 12, 13, 14, 15, 16, 17, closest=13),
        4: Translation(18),
        5: _one_of(19, 20, closest=19),
        6: _one_of(21, 22),
    },
    "sector": {
        **{code: _coarser(new, _SECTORS) for code, new in _SECTOR_CODES.items()},
        19: replace(_one_of(18, 19, 20, 23, 24, 25, 26), note=_SECTORS),
        21: replace(_one_of(10, 17, 18, 19, 20, 23, 24, 25, 26), note=_SECTORS),
    },
    "work_status": _same(range(1, 9)),
    "chronic_illness": {
        **{code: Translation(code + 1) for code in range(9)},
        9: _coarser(18, _ILLNESS),
    },
}
