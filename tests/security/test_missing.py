"""What lies in somebody else's area and what is not there at all get the same answer; strangers get none."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.roles import Role
from tests.security.conftest import known_of
from tests.security.walk import addresses

MISSING = 987_654_321
KEYED = [
    address
    for address in addresses()
    if {"pk", "object_id", "target_list"} & set(address.arguments) and address.name != "api-area-detail"
]
# Areas, schemes and the trails are not anybody's; only who may read them at all is asked.
OF_NOBODY = ("admin:registry_", "admin:households_scheme_")
# What a stranger may see: that the site lives, where to sign in, and how the API is described.
OPEN = {"healthz", "readyz", "login", "set_language", "openapi", "swagger", "privacy-notice"}
ROLES = (Role.VILLAGE_OPERATOR, Role.AGENCY_OFFICE)


def told(answer):
    """Without what differs from one answer to the next: keys in addresses, names of requests, form tokens."""
    if answer.status_code == 302:
        return re.sub(r"[\d.]+", "0", answer.headers["Location"])
    text = answer.content.decode()
    text = re.sub(r"urn:simpul:request:[\w-]+|csrfmiddlewaretoken\" value=\"\w+", "", text)
    return re.sub(r"\d+", "0", text)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("address", KEYED, ids=lambda address: address.name)
def test_a_foreign_object_answers_as_a_missing_one(world, role, address):
    if address.name.startswith(OF_NOBODY):
        role = Role.AGENCY_OFFICE
    foreign = address.url(known_of(world.other, world.users))
    missing = address.url(dict.fromkeys(known_of(world.other, world.users), MISSING))
    for method in ("get", "post"):
        answers, asked = [], []
        for url in (foreign, missing):
            client = world.client(role)
            with CaptureQueriesContext(connection) as queries:
                answers.append(getattr(client, method)(url))
            asked.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries])
        assert len({answer.status_code for answer in answers}) == 1, answers
        assert answers[0].status_code in (302, 403, 404, 405)
        assert told(answers[0]) == told(answers[1])
        assert asked[0] == asked[1], "they can be told apart by the time they take"


def test_own_objects_are_found(world):
    """The comparison above would hold for a site that shows nothing."""
    seen = {
        address.name
        for address in KEYED
        for role in ROLES
        if world.client(role).get(address.url(world.known)).status_code == 200
    }
    assert {
        "household-detail",
        "member-change",
        "import-detail",
        "target-list-detail",
        "token-revoke",
    } <= seen
    assert {"api-household-detail", "api-target-row-list", "admin:households_household_change"} <= seen


def test_nothing_opens_for_a_stranger(world):
    opened = set()
    for address in addresses():
        for method in ("get", "post", "put", "patch", "delete", "options", "head"):
            answer = getattr(world.client(""), method)(address.url(world.known))
            if answer.status_code == 302:
                assert "/login/" in answer.headers["Location"] or address.name == "set_language", address.name
            elif answer.status_code not in (401, 403, 405):
                opened.add(address.name)
    assert opened <= OPEN
    assert opened >= OPEN - {"set_language"}
