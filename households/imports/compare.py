"""The file against the registry: who is who, what is new, changed or the same, what cannot be taken in."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from households.identifiers import mask
from households.imports.known import HOUSEHOLD_DETAILS, MEMBER_DETAILS, Known, Place, Record
from households.imports.rows import Home, SheetRow, Verdict
from households.questionnaire.codes import Relationship
from registry.numbers import mask_numbers

Covers = Callable[[str], bool]
IDENTIFIERS = frozenset({"nik", "card_number"})


def compare(home: Home, known: Known, covers: Covers) -> None:
    """Fills records, details, changes, verdicts. ``covers`` says of an area code whether the user sees it."""
    home.row.record = record = known.households.get((home.area_code, home.number))
    if record and record["closed_on"]:
        sentence = _("This household was closed on %(day)s.") % {"day": f"{record['closed_on']:%d/%m/%Y}"}
        home.row.error("household_number", "closed", sentence, home.number)
        return  # its members are closed too: nothing more need be said
    registered = known.members.get(record["id"], []) if record else []
    _match_members(home, registered)
    _refuse_erased(home, known)
    _refuse_taken_niks(home, known, covers)
    _refuse_taken_cards(home, known, covers)
    _check_left_out(home, registered)
    _check_decile(home, known)
    if not home.is_rejected:
        _judge(home, known)


def _match_members(home: Home, registered: list[Record]) -> None:
    """By NIK, else by member number. A person keeps the number first given."""
    by_nik = {member["nik"]: member for member in registered if member["nik"] and not member["closed_on"]}
    by_number = {member["position"]: member for member in registered}
    taken = set()
    for row in home.members:
        row.record = by_nik.get(row.values["nik"])
        if row.record:
            taken.add(row.record["id"])
            if row.record["position"] != row.values["member_number"]:
                sentence = _("Registered in this household as member %(number)s, and stays so.")
                row.warning("member_number", "other_number", sentence % {"number": row.record["position"]})
    for row in home.members:
        found = by_number.get(row.values["member_number"])
        if row.record is None and found is not None:
            _match_by_number(row, found, is_taken=found["id"] in taken)


def _match_by_number(row: SheetRow, found: Record, *, is_taken: bool) -> None:
    is_alike = row.values["name"].casefold() == found["name"].casefold() or (
        row.values["birth_date"] is not None and row.values["birth_date"] == found["birth_date"]
    )
    if is_taken or found["closed_on"]:
        sentence = _("This number belongs to another member in the registry. Give this one a new number.")
        row.error("member_number", "number_taken", sentence, str(row.values["member_number"]))
    elif row.values["nik"] and found["nik"] and not is_alike:
        sentence = _(
            "The registry has another person with another NIK under this number. Give this one a new number."
        )
        row.error("member_number", "number_taken", sentence, str(row.values["member_number"]))
    else:
        row.record = found
        if not is_alike:
            sentence = _(
                "The registry has another name and birth date under this number: is it the same person?"
            )
            row.warning("name", "another_person", sentence)


def _refuse_erased(home: Home, known: Known) -> None:
    """Flagged at the cell and held back: an import never brings back whom the registry has forgotten."""
    for row in home.members:
        if sentence := known.erased.get(row.values["nik"]):
            known.told[row.values["nik"]] = None
            row.error("nik", "erased", sentence, mask(row.values["nik"]))


def _refuse_taken_niks(home: Home, known: Known, covers: Covers) -> None:
    here = home.row.record["id"] if home.row.record else None
    for row in home.members:
        place = known.niks.get(row.values["nik"])
        if place and place.household != here:
            known.told[row.values["nik"]] = place
            row.error("nik", "nik_taken", _where(_("This NIK"), place, covers), mask(row.values["nik"]))


def _refuse_taken_cards(home: Home, known: Known, covers: Covers) -> None:
    here = home.row.record["id"] if home.row.record else None
    for row in home.members:
        card = row.values["card_number"]
        place = known.cards.get(card)
        if place and place.household != here:
            known.told[card] = place
            row.error("card_number", "card_taken", _where(_("This family card"), place, covers), mask(card))
        elif place and place.family != row.values["family_number"]:
            sentence = _("This card is registered in this household as family %(number)s.") % {
                "number": place.family
            }
            row.error("card_number", "other_family", sentence, mask(card))


def _where(what: str, place: Place, covers: Covers) -> str:
    """Says where only to someone who may see that household."""
    if covers(place.area):
        sentence = _("%(what)s is already registered: household %(number)s, %(village)s.")
        return sentence % {"what": what, "number": place.number, "village": place.village}
    return _("%(what)s is already registered in another area. Ask the district verifier.") % {"what": what}


def _check_left_out(home: Home, registered: list[Record]) -> None:
    matched = {row.record["id"] for row in home.members if row.record}
    left_out = [member for member in registered if not member["closed_on"] and member["id"] not in matched]
    heads = [member for member in left_out if member["household_relationship"] == Relationship.HEAD]
    if heads:
        sentence = _("The registry has another head, member %(number)s, who is not in the file.")
        home.row.error(
            "household_number", "other_head", sentence % {"number": heads[0]["position"]}, home.number
        )
    elif left_out:
        numbers = ", ".join(str(member["position"]) for member in left_out)
        sentence = _("Registered members who are not in the file stay in the registry: member %(numbers)s.")
        home.row.warning("household_number", "left_out", sentence % {"numbers": numbers})


def _check_decile(home: Home, known: Known) -> None:
    values = home.row.values
    if values["decile"] is None:
        return
    here = home.row.record["id"] if home.row.record else 0
    stored = known.deciles.get((here, values["decile_source"], values["decile_on"]))
    if stored is None:
        home.has_new_decile = True
        return
    if stored != values["decile"]:
        sentence = _(
            "The registry has decile %(stored)s of this source and date; a correction needs its own date."
        )
        home.row.error("decile", "other_decile", sentence % {"stored": stored}, str(values["decile"]))


def _judge(home: Home, known: Known) -> None:
    record, assessed_on = home.row.record, home.row.values["assessed_on"]
    seen = known.same_day.get((record["id"], assessed_on)) if record else None
    before = seen or (known.current.get(record["id"]) if record else None)
    home.is_assessed = _compare_household(home, seen, before)
    for row in home.members:
        home.is_assessed &= _compare_member(home, row, known, seen, before)
    if record and (current := known.current.get(record["id"])) and assessed_on < current["assessed_on"]:
        sentence = _("The registry has a newer assessment, of %(day)s.") % {
            "day": f"{current['assessed_on']:%d/%m/%Y}"
        }
        home.row.warning("assessed_on", "newer_known", sentence)


def _compare_household(home: Home, seen: Record | None, before: Record | None) -> bool:
    """Whether the registry has the household's answers of this day."""
    row = home.row
    if row.record is None:
        row.verdict, row.details = Verdict.NEW, {name: row.values[name] for name in HOUSEHOLD_DETAILS}
        return False
    row.details = _differing_details(row, row.record, HOUSEHOLD_DETAILS)
    row.changes += [_change(name, row.record[name], value) for name, value in row.details.items()]
    changed = _answer_changes(row, seen, before)
    enumerator = row.values["enumerator"]
    if seen and enumerator and enumerator != seen["enumerator"]:
        changed.append(_change("enumerator", seen["enumerator"], enumerator))
    row.changes += changed
    if home.has_new_decile:
        row.changes.append(_change("decile", None, row.values["decile"]))
    row.verdict = Verdict.CHANGED if row.changes else Verdict.SAME
    return not changed


def _compare_member(
    home: Home, row: SheetRow, known: Known, seen: Record | None, before: Record | None
) -> bool:
    """Whether the registry has this very person's answers of this day."""
    if row.record is None:
        row.verdict, row.details = Verdict.NEW, {name: row.values[name] for name in MEMBER_DETAILS}
        return False
    row.details = _differing_details(row, row.record, MEMBER_DETAILS)
    if row.details.get("nik"):
        row.details["nik_missing"] = ""
    elif row.record["nik"] and not row.values["nik"]:
        row.warning("nik", "nik_kept", _("The registry has a NIK of this member: it stays."))
    row.changes += [_change(name, row.record[name], value) for name, value in row.details.items()]
    if row.record["family__position"] != row.values["family_number"]:
        row.details["family"] = row.values["family_number"]
        row.changes.append(
            _change("family_number", row.record["family__position"], row.values["family_number"])
        )
    row.changes += _card_change(row.record["household_id"], row, known)
    answers_seen = known.answers.get((seen["id"], row.record["id"])) if seen else None
    answers_before = known.answers.get((before["id"], row.record["id"])) if before else None
    changed = _answer_changes(
        row, seen and (answers_seen or {}), answers_before, home.row.values["assessed_on"], before
    )
    row.changes += changed
    row.verdict = Verdict.CHANGED if row.changes else Verdict.SAME
    return seen is not None and not changed


def _card_change(household: int, row: SheetRow, known: Known) -> list[dict[str, Any]]:
    """Told on the row that carries the number."""
    number, card = row.values["family_number"], row.values["card_number"]
    stored = known.families.get(household, {}).get(number)
    known_card = stored["card_number"] if stored else ""
    return [_change("card_number", known_card, card)] if card and card != known_card else []


def _differing_details(row: SheetRow, record: Record, names: Iterable[str]) -> dict[str, Any]:
    """An empty cell takes nothing away: what the registry knows stays."""
    found = {name: row.values[name] for name in names}
    if record.get("nik") and not found.get("nik"):
        found.pop("nik_missing", None)
    return {name: value for name, value in found.items() if value not in ("", None) and value != record[name]}


def _answer_changes(
    row: SheetRow,
    seen: Record | None,
    before: Record | None,
    day: date | None = None,
    older: Record | None = None,
) -> list[dict[str, Any]]:
    """Against the assessment of the same day; without one, against the current one, and the day is new."""
    day, older = day or row.values["assessed_on"], older or before
    changes = []
    if seen is None:
        changes.append(_change("assessed_on", older["assessed_on"] if older else None, day))
    return changes + [
        _change(name, before.get(name) if before else None, row.values[name])
        for name in _differing(row.answers, before or {})
    ]


def _differing(answers: Mapping[str, Any], stored: Record) -> list[str]:
    return [name for name, value in answers.items() if value != stored.get(name)]


def _change(name: str, before: Any, after: Any) -> dict[str, Any]:
    if name in IDENTIFIERS:
        before, after = mask(before or ""), mask(after)
    return {"field": name, "before": _plain(before), "after": _plain(after)}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return mask_numbers(value)  # typed before free text refused such numbers
    return str(value) if isinstance(value, Decimal) else value
