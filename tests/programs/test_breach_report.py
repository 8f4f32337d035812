"""``manage.py breach_report``: exactly whom a user or token was shown, what, when; and the notice."""

import io
from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from households.breach import (
    BIRTH,
    FIELDS,
    HEALTH,
    IDENTITY,
    LIVING,
    STATUS,
    SUPPORT,
    Exposed,
    exposed,
    fields_of,
)
from households.models import ImportBatch
from households.services import record_assessment
from registry.audit import log_reading
from registry.models import AccessLog, ApiToken, Shown
from registry.services import issue_token, revoke_token
from tests import factories

pytestmark = pytest.mark.english

DAY = date(2026, 11, 20)


@pytest.fixture
def read(ana):
    """One reading by ana, or another user, at an hour of the day (UTC)."""

    def write(homes, *, members=(), hour=4, by=ana, shown=Shown.LINE, day=20, **about) -> None:
        with patch("django.utils.timezone.now", lambda: datetime(2026, 11, day, hour, tzinfo=UTC)):
            log_reading(
                user=by,
                route="test",
                purpose="test",
                shown=shown,
                household_ids=[home.pk for home in homes],
                member_ids=[member.pk for member in members],
                **about,
            )

    return write


def shown_to(reader, since=DAY, until=DAY) -> dict[int | None, Exposed]:
    return {person.member: person for person in exposed(reader, since=since, until=until)}


def run(**options) -> str:
    out = io.StringIO()
    asked = {"since": DAY, "until": DAY, "by": "chi", "why": "kasus 3"}
    call_command("breach_report", stdout=out, **{**asked, **options})
    return out.getvalue()


def test_a_page_of_households_showed_all_their_people(read, ana, household, village):
    factories.member(household)
    other = factories.household(village)
    read([household])
    found = shown_to(ana)
    assert set(found) == set(household.members.values_list("pk", flat=True))
    assert {person.household for person in found.values()} == {household.pk}
    assert other.members.get().pk not in found


def test_a_page_of_one_person_showed_only_that_one(read, ana, household):
    head, child = household.members.get(), factories.member(household)
    read([household], members=[child], shown=Shown.PERSON, is_full=True)
    found = shown_to(ana)
    assert list(found) == [child.pk]
    assert (found[child.pk].is_full, found[child.pk].shown) == (True, ("person",))
    assert head.pk not in found


def test_readings_add_up_per_person(read, ana, household):
    head, child = household.members.get(), factories.member(household)
    read([household], hour=1)
    read([household], hour=3)
    read([household], members=[child], shown=Shown.PERSON, hour=2, is_full=True)
    found = shown_to(ana)
    assert (found[head.pk].readings, found[child.pk].readings) == (2, 3)
    assert (found[head.pk].is_full, found[child.pk].is_full) == (False, True)
    assert found[child.pk].shown == ("line", "person")
    assert (found[child.pk].first.hour, found[child.pk].last.hour) == (1, 3)


@pytest.mark.parametrize(
    ("day", "hour", "is_inside"), [(19, 15, False), (19, 16, True), (20, 15, True), (20, 16, False)]
)
def test_days_are_those_of_makassar(day, hour, is_inside, read, ana, household):
    read([household], day=day, hour=hour)
    assert bool(shown_to(ana)) is is_inside


def test_others_readings_do_not_count(read, ana, ben, chi, household):
    read([household], by=ben)
    assert shown_to(ana) == {}
    assert len(shown_to(ben)) == 1


def test_a_token_is_told_apart_from_its_owner(read, eka, household, village):
    token, _key = issue_token(by=eka, name="excel", purpose="uji", expires_on=timezone.localdate())
    other = factories.household(village)
    read([household], by=eka, token=token)
    read([other], by=eka)
    assert {person.household for person in shown_to(token).values()} == {household.pk}
    assert {person.household for person in shown_to(eka).values()} == {household.pk, other.pk}


def test_a_row_that_is_held_no_more_is_still_counted(read, ana, household):
    child = factories.member(household)
    read([household], members=[child])
    gone = child.pk
    child.delete()
    found = shown_to(ana)
    assert (found[gone].name, found[gone].household) == ("", None)


def test_every_kind_of_reading_has_words_for_its_data():
    assert set(FIELDS) == set(Shown.values)


def test_the_reasons_of_a_status_are_told_as_what_they_quote(poor, ana, bps14, client, chi):
    head = poor[0].members.get()
    record_assessment(
        household=poor[0],
        assessed_on=DAY,
        answers=factories.POOR_ANSWERS,
        member_answers={head.pk: factories.POOR_HEAD | {"diploma": 1}},
        by=ana,
    )
    client.force_login(ana)
    [status] = client.get(reverse("api-status-list")).json()["results"]
    assert {"head_work", "head_education"} & {reason["criterion"] for reason in status["reasons"]}
    assert HEALTH in FIELDS[AccessLog.objects.get().shown]


@pytest.mark.parametrize("kind", [Shown.TARGET, Shown.FILE])
def test_a_target_list_may_show_whatever_a_programme_asks(kind):
    assert {BIRTH, LIVING, HEALTH, STATUS, SUPPORT} <= set(FIELDS[kind])


def test_the_page_before_a_full_number_shows_a_masked_one(client, household, ana):
    member = household.members.get()
    member.family.card_number = "9902061705808888"
    member.family.save()
    client.force_login(ana)
    for name, thing in (("member-number", member), ("family-number", member.family)):
        page = client.get(reverse(name, args=[thing.pk])).content.decode()
        assert "******" in page
        reading = AccessLog.objects.latest("pk")
        assert (reading.route, reading.is_full) == (name, False)
        assert IDENTITY in FIELDS[reading.shown]


def test_fields_are_named_once_and_the_identity_first(read, ana, household):
    read([household], shown=Shown.TARGET)
    read([household], shown=Shown.LINE)
    words = fields_of(kind for person in exposed(ana, since=DAY, until=DAY) for kind in person.shown)
    assert words[0] == "name and identity number"
    assert "name" not in words
    assert len(words) == len(set(words))


def test_the_notice_has_what_the_law_wants(read, ana, chi, household):
    read([household], shown=Shown.ANSWERS)
    text = run(user="ana")
    assert "1 person in 1 household" in text
    assert "answers on health, disability, schooling and work" in text
    assert "Between 20 November 2026 12:00 WITA" in text
    assert "the account ana (Village operator)" in text
    assert "3 × 24 hours" in text
    assert "The account is NOT closed yet." in text
    assert "[Steps taken" in text
    assert "were masked" in text
    ana.is_active = False
    ana.save()
    assert "The account is closed." in run(user="ana")


def test_the_notice_of_a_token_says_whether_it_is_revoked(read, eka, chi, household):
    token, _key = issue_token(by=eka, name="excel", purpose="uji", expires_on=timezone.localdate())
    read([household], by=eka, token=token, is_full=True)
    text = run(token="excel")
    assert "NOT revoked" in text
    assert "The identity numbers of 1 person were shown in full" in text
    revoke_token(token=token, by=eka)
    assert "The token was revoked on" in run(token=str(token.pk))


def test_the_persons_are_listed_in_a_file_of_ones_own(read, ana, chi, household, tmp_path: Path):
    household.members.update(name="=Sampel")
    read([household])
    path = tmp_path / "persons.csv"
    run(user="ana", persons=path)
    heading, line = path.read_text(encoding="utf-8-sig").splitlines()
    assert heading.count(";") == line.count(";") == 9
    assert f'{household.pk};{household.members.get().pk};"\'=Sampel"' in line
    assert household.members.get().nik.reveal() not in line
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="already there"):
        run(user="ana", persons=path)


def test_the_report_is_itself_a_reading(read, ana, chi, household):
    read([household])
    run(user="ana")
    reading = AccessLog.objects.latest("pk")
    assert (reading.user, reading.purpose, reading.subject) == (chi, "kasus 3", f"user:{ana.pk}")
    assert reading.household_ids == [household.pk]


def test_nobody_shown_is_said_and_no_reading(ana, chi):
    assert "nobody's data was shown" in run(user="ana")
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize(("is_full", "words"), [(True, "unmasked"), (False, "masked")])
def test_a_workbook_of_people_whom_nobody_registered_is_named(read, ana, chi, is_full, words):
    batch = ImportBatch.objects.create(file_name="desa.xlsx", sha256="0" * 64, uploaded_by=ana)
    shown = {"shown": Shown.IMPORT, "subject": f"importbatch:{batch.pk}", "is_full": is_full}
    read([], count=50, **shown)
    read([], count=800, **shown)
    text = run(user="ana")
    assert f"rows of the workbook desa.xlsx (import {batch.pk}), up to 800 at once, {words}." in text
    assert "health" in text
    assert AccessLog.objects.latest("pk").record_count == 1, "whoever asks has read it"


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "ana", "user": "ana"},
        {"user": "nobody"},
        {"token": "none"},
        {"user": "ana", "until": date(2026, 1, 1)},
    ],
)
def test_what_cannot_be_asked_is_refused(asked, ana, chi):
    with pytest.raises(CommandError):
        run(**asked)


def test_a_name_of_several_tokens_is_not_enough(eka, chi):
    for _ in range(2):
        token, _key = issue_token(by=eka, name="excel", purpose="uji", expires_on=timezone.localdate())
        revoke_token(token=token, by=eka)
    with pytest.raises(CommandError, match=str(ApiToken.objects.latest("created_at").pk)):
        run(token="excel")
