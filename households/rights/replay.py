"""After an old backup is restored: whoever was erased since is erased again, from the list outside it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from households.models import Household, Member, Tombstone
from households.rights import ledger
from households.rights.erasure import erase_household, erase_member
from registry.audit import deed
from registry.models import User
from registry.seals import blind_index


@dataclass(slots=True)
class Replayed:
    households: int = 0
    members: int = 0
    tombstones: int = 0


def replay(*, by: User, why: str) -> Replayed:
    """Safe to run twice: who is not there, or is an empty shell, is passed over. Adds nothing to the list."""
    done = Replayed()
    lines = ledger.read()
    found = [line for line in lines if line.get("household") and _standing(line)]
    for line in found:
        _erase_again(line, by, why)
    done.members = sum(1 for line in found if line["member"])
    done.households = len(found) - done.members
    with deed("replay_erasures", by=by, why=why) as act:
        done.tombstones = _bury_again(lines, act.id)
        act.details = {
            "households": done.households,
            "members": done.members,
            "tombstones": done.tombstones,
        }
    return done


def lift(*, nik: str, by: User, why: str) -> bool:
    """Whoever was erased may be registered again, say on her own wish; False when there is no tombstone."""
    with deed("lift_erasure", by=by, why=why) as act:
        found, _by_model = Tombstone.objects.of_nik(nik).delete()
        act.details = {"tombstones": found}
        if found:
            ledger.append([{"lifted": blind_index("nik", nik)}])
    return bool(found)


def _standing(line: dict[str, Any]) -> Household | Member | None:
    """Only in the very household of then: another database may use the same id for somebody else."""
    homes = Household.objects.filter(
        pk=line["household"], created_at=datetime.fromisoformat(line["registered_at"])
    )
    if line["member"]:
        return Member.objects.filter(pk=line["member"], household__in=homes).exclude(name="").first()
    return homes.exclude(closed_reason=Household.ClosedReason.ERASED).first()


def _erase_again(line: dict[str, Any], by: User, why: str) -> None:
    """As far as then: on the ground of then, which may reach into other households. It may have been done
    with a line before.
    """
    row = _standing(line)
    # A line from before it was noted reached elsewhere whenever it was a request.
    ground = line["ground"] if line.get("elsewhere", True) else Tombstone.Ground.RETENTION
    if isinstance(row, Member):
        erase_member(member=row, by=by, ground=ground, why=why, is_again=True)
    elif row:
        erase_household(household=row, by=by, ground=ground, why=why, is_again=True)


def _bury_again(lines: list[dict[str, Any]], act: Any) -> int:
    """The tombstones are then as the list leaves them, in its order: erased, lifted, erased again. None for
    who is registered: only her old row's time was over.
    """
    standing: dict[str, date] = {}
    lifted: set[str] = set()
    for line in lines:
        if "lifted" in line:
            standing.pop(line["lifted"], None)
            lifted.add(line["lifted"])
        elif line["nik_index"]:
            standing[line["nik_index"]] = date.fromisoformat(line["erased_on"])
    # One from the backup, or set a moment ago by erasing again.
    Tombstone.objects.filter(nik_index__in=lifted - standing.keys()).delete()
    known = set(Tombstone.objects.values_list("nik_index", flat=True))
    living = set(Member.objects.filter(nik_index__in=standing).values_list("nik_index", flat=True))
    missing = [
        Tombstone(nik_index=index, erased_on=day, ground=Tombstone.Ground.REPLAY, deed=act)
        for index, day in standing.items()
        if index not in known | living
    ]
    Tombstone.objects.bulk_create(missing)
    return len(missing)
