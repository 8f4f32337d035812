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
    for line in lines:
        if line.get("household"):
            _erase_again(line, done, by, why)
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


def _erase_again(line: dict[str, Any], done: Replayed, by: User, why: str) -> None:
    """Only in the very household of then: another database may use the same id for somebody else."""
    homes = Household.objects.filter(
        pk=line["household"], created_at=datetime.fromisoformat(line["registered_at"])
    )
    if line["member"]:
        member = Member.objects.filter(pk=line["member"], household__in=homes).exclude(name="").first()
        if member:
            erase_member(member=member, by=by, ground=Tombstone.Ground.REPLAY, why=why)
            done.members += 1
        return
    household = homes.exclude(closed_reason=Household.ClosedReason.ERASED).first()
    if household:
        erase_household(household=household, by=by, ground=Tombstone.Ground.REPLAY, why=why)
        done.households += 1


def _bury_again(lines: list[dict[str, Any]], act: Any) -> int:
    """The tombstones that the list leaves standing, in its order: erased, lifted, erased again."""
    standing: dict[str, date] = {}
    for line in lines:
        if "lifted" in line:
            standing.pop(line["lifted"], None)
        elif line["nik_index"]:
            standing[line["nik_index"]] = date.fromisoformat(line["erased_on"])
    known = set(Tombstone.objects.values_list("nik_index", flat=True))
    missing = [
        Tombstone(nik_index=index, erased_on=day, ground=Tombstone.Ground.REPLAY, deed=act)
        for index, day in standing.items()
        if index not in known
    ]
    Tombstone.objects.bulk_create(missing)
    return len(missing)
