"""The draft of a notice after a breach, with what article 46 of UU 27/2022 wants in it: which data, when and
how it came out, and what is done about it. Places in square brackets are for the officer to fill in.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from households.breach import Exposed, ImportShown, fields_of
from registry.models import ApiToken, Shown, User
from registry.roles import Role
from registry.templatetags.simpul import choice_label, number, wita


def notice(
    people: Sequence[Exposed],
    files: Sequence[ImportShown],
    reader: User | ApiToken,
    *,
    since: date,
    until: date,
    place: str,
) -> list[str]:
    """The paragraphs. Without ``people`` and ``files`` it says that nobody was shown."""
    if not people and not files:
        sentence = _("From %(since)s to %(until)s nobody's data was shown to %(reader)s.")
        return [sentence % {"since": wita(since), "until": wita(until), "reader": _name_of(reader)}]
    return [
        _("DRAFT – NOTICE OF A FAILURE TO PROTECT PERSONAL DATA"),
        _("[Place, date]"),
        _("To: [the person concerned] and [the authority for the protection of personal data]"),
        _("From: %(place)s, as the controller of the personal data") % {"place": place},
        _(
            "We inform you that personal data in the household poverty registry was seen by somebody who had "
            "no right to it. The law asks us to say so in writing within 3 × 24 hours after we learnt of it: "
            "[day and hour]."
        ),
        *_which(people, files),
        *_when_and_how([*people, *files], reader),
        *_handling(reader),
        _("Questions, requests and complaints: [name, telephone, address of the officer]."),
    ]


def _which(people: Sequence[Exposed], files: Sequence[ImportShown]) -> Iterator[str]:
    yield _("1. Which data")
    households = len({person.household for person in people if person.household})
    persons = sum(1 for person in people if person.member)
    counted = ngettext("%(count)s person", "%(count)s persons", persons) % {"count": number(persons)}
    homes = ngettext("%(count)s household", "%(count)s households", households) % {
        "count": number(households)
    }
    yield _("Concerned: %(persons)s in %(homes)s.") % {"persons": counted, "homes": homes}
    kinds = {kind for person in people for kind in person.shown} | ({Shown.IMPORT} if files else set())
    yield _("Kinds of data: %(fields)s.") % {"fields": "; ".join(fields_of(kinds))}
    for file in files:
        facts = {"file": file.file_name or _("no longer held"), "id": file.id, "rows": number(file.rows)}
        if file.is_full:
            words = _("Also rows of the workbook %(file)s (import %(id)s), up to %(rows)s at once, unmasked.")
        else:
            words = _("Also rows of the workbook %(file)s (import %(id)s), up to %(rows)s at once, masked.")
        yield words % facts
    if files:
        yield _("People in a workbook may not be registered: [look them up in the file].")
    full = sum(1 for person in people if person.is_full)
    if full:
        sentence = ngettext(
            "The identity numbers of %(count)s person were shown in full, those of others masked.",
            "The identity numbers of %(count)s persons were shown in full, those of others masked.",
            full,
        )
        yield sentence % {"count": number(full)}
    elif not any(file.is_full for file in files):
        yield _("Identity numbers, where they were shown, were masked.")


def _when_and_how(seen: Sequence[Exposed | ImportShown], reader: User | ApiToken) -> Iterator[str]:
    yield _("2. When and how")
    period = {
        "first": wita(min(each.first for each in seen)),
        "last": wita(max(each.last for each in seen)),
    }
    yield _("Between %(first)s and %(last)s, through %(reader)s.") % {**period, "reader": _name_of(reader)}
    yield _("[How it came about, and what the data may have been used for.]")


def _handling(reader: User | ApiToken) -> Iterator[str]:
    """What is known of the account says itself; the rest is the officer's."""
    yield _("3. What is done about it")
    if isinstance(reader, ApiToken):
        revoked = _("The token was revoked on %(at)s.") % {"at": wita(reader.revoked_at)}
        yield revoked if reader.revoked_at else _("The token is NOT revoked yet.")
    else:
        yield _("The account is NOT closed yet.") if reader.is_active else _("The account is closed.")
    yield _("[Steps taken to stop it, to repair the harm, and to keep it from happening again.]")
    yield _("[What you can do yourself, such as watching for loans or registrations in your name.]")


def _name_of(reader: User | ApiToken) -> str:
    if isinstance(reader, ApiToken):
        return _("the token %(name)s of %(agency)s") % {"name": reader.name, "agency": reader.agency.name}
    return _("the account %(name)s (%(role)s)") % {
        "name": reader.username,
        "role": choice_label(reader.role, Role),
    }
