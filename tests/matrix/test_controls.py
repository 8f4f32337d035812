"""Whether the canaries would be seen at all: where they must be, and with both layers off."""

import logging

import pytest
from django.urls import reverse

from registry.scope import PeopleQuerySet
from tests.matrix.bodies import TYPED, fields_of, multipart
from tests.matrix.canaries import search
from tests.matrix.cases import Asker, Lines
from tests.matrix.layers import FILTERED, both_off
from tests.matrix.test_canary import foreign

pytestmark = pytest.mark.canary


@pytest.mark.parametrize(
    ("role", "name", "of", "at_least"),
    [
        ("agency_token", "api-target-rows-csv", "target_list", 40),
        ("agency_token", "api-target-rows-json", "target_list", 40),
        ("agency_token", "api-target-rows-xlsx", "target_list", 40),
        ("village_operator", "household-detail", "household", 20),
        ("village_operator", "api-household-list", "", 20),
    ],
)
def test_the_answer_to_whom_it_is_for_is_full_of_canaries(
    asker: Asker, role: str, name: str, of: str, at_least: int
):
    address = reverse(name, args=[asker.world.thing(of, "own", role)] if of else [])
    answer = asker.send(role, "GET", address)
    assert answer.status == 200
    assert len(answer.canaries) >= at_least
    assert answer.readings != []


@pytest.mark.parametrize(("name", "of"), [("member-number", "member"), ("family-number", "family")])
def test_a_whole_number_is_noticed(asker: Asker, name: str, of: str):
    address = reverse(name, args=[asker.world.thing(of, "own", "village_operator")])
    assert not asker.send("village_operator", "GET", address).has_identity_number
    assert asker.send("village_operator", "POST", address, multipart(TYPED[name])).has_identity_number


@pytest.mark.parametrize(
    "address", ["/households/", "/members/", "/api/v1/households/", "/admin/households/member/"]
)
def test_with_both_layers_off_other_areas_people_are_seen_and_noticed(asker: Asker, address: str):
    with both_off():
        answer = asker.send("village_operator", "GET", address)
    assert answer.status == 200
    assert foreign(asker.world, "village_operator", answer.canaries) != {}
    after = asker.send("village_operator", "GET", address)
    assert foreign(asker.world, "village_operator", after.canaries) == {}


def test_an_error_in_the_answers_of_a_member_is_a_refusal(asker: Asker):
    """It is in no form but the member's own."""
    world, role = asker.world, "village_operator"
    address = reverse("assessment-create", args=[world.thing("household", "own", role)])
    typed = {name: value for name, value in TYPED["assessment-create"].items() if not callable(value)}
    fields = fields_of(asker.client(role), address) | typed
    member = world.thing("member", "own", role)
    answers = [
        asker.send(role, "POST", address, multipart(fields | {f"member-{member}-monthly_income": income}))
        for income in ("1000000", "banyak")
    ]
    assert [(answer.status, answer.is_refused_form) for answer in answers] == [(302, False), (200, True)]


def test_a_word_of_somebody_in_the_log_is_heard(asker: Asker):
    word = next(value for value in asker.world.canaries if str(value).startswith("ZQ"))
    with (lines := Lines()).listening():
        logging.getLogger("households.anything").info("request", extra={"facts": {"name": word}})
        logging.getLogger("django.request").warning("%s", word)
    assert [search(line, asker.world.canaries) for line in lines.lines] == [{word}, {word}]


def test_every_filter_is_among_those_that_can_be_taken_off():
    def below(queryset: type) -> set[type]:
        return {queryset}.union(*(below(each) for each in queryset.__subclasses__()))

    assert {each for each in below(PeopleQuerySet) - {PeopleQuerySet} if "visible_to" in vars(each)} == set(
        FILTERED
    )
