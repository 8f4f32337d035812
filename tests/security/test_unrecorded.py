"""What cannot be written down is not shown, at any address that leaves a reading."""

import pytest
from django.db import connection, transaction
from django.urls import reverse

from registry.models import AccessLog
from registry.roles import Role
from tests.matrix.expectations import QUERIES
from tests.security.conftest import World
from tests.security.walk import addresses

ROLES = (Role.VILLAGE_OPERATOR, Role.SOCIAL_OFFICE, Role.SECRETARIAT, Role.AGENCY_OFFICE)
READ = {  # found by asking; these at least must be among them
    *("household-list", "household-detail", "household-change", "member-list", "member-change"),
    *("member-create", "assessment-create", "family-change", "family-create"),
    *("request-list", "request-detail", "request-create"),
    *("import-detail", "import-rejected", "target-list-detail", "coverage-list"),
    *("api-household-list", "api-household-detail", "api-member-list", "api-assessment-list"),
    *("api-assessment-detail", "api-status-list", "api-realisation-list", "api-target-row-list"),
    *("api-target-rows-csv", "api-target-rows-json", "api-target-rows-xlsx"),
    *("admin:households_household_changelist", "admin:households_household_change"),
    *("admin:households_member_changelist", "admin:households_member_change"),
}
WORDS = {"reason": "Membandingkan dengan kartu"}


def break_log(accepts: str = "false") -> None:
    """Every new row of the access log that is not as ``accepts`` says is refused by the database."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE registry_accesslog ADD CONSTRAINT full_up CHECK ({accepts}) NOT VALID")


def ask(client, url: str, body: dict[str, str] | None = None):
    """The answer, and how many readings it has left."""
    with transaction.atomic():
        before = AccessLog.objects.count()
        answer = client.post(url, body) if body else client.get(url)
        text = b"".join(answer) if answer.streaming else answer.content
        left = 0 if answer.status_code == 503 else AccessLog.objects.count() - before
        transaction.set_rollback(True)
    return answer, text.decode(errors="replace"), left


def people_of(world: World) -> list[str]:
    home = world.own.household
    return [home.number, home.address, *home.members.values_list("name", flat=True)]


def test_no_address_shows_what_it_could_not_record(world: World) -> None:
    asked = {
        (role, address.name): address.url(world.known) + QUERIES.get(address.name, "").format(year=2026)
        for role in ROLES
        for address in addresses()
    }
    recorded = [key for key, url in asked.items() if ask(world.client(key[0]), url)[2]]
    assert READ - {name for _role, name in recorded} == set()
    clients, names = {role: world.client(role) for role in ROLES}, people_of(world)
    break_log()
    for role, name in recorded:
        answer, text, _left = ask(clients[role], asked[role, name])
        assert (name, answer.status_code) == (name, 503)
        assert int(answer.headers["Retry-After"]) > 0, name
        assert [word for word in names if word in text] == [], name


@pytest.mark.parametrize("accepts", ["false", "NOT is_full"])
@pytest.mark.parametrize("page", ["member-number", "family-number"])
def test_no_full_number_is_shown_that_could_not_be_recorded(world: World, page: str, accepts: str) -> None:
    client, home = world.client(Role.VILLAGE_OPERATOR), world.own.household
    number = {"member-number": home.members.first().nik, "family-number": home.families.first().card_number}
    url = reverse(page, args=[world.known[page]])
    _answer, text, left = ask(client, url, WORDS)
    assert (number[page].reveal() in text, left) == (True, 2)
    break_log(accepts)
    answer, text, _left = ask(client, url, WORDS)
    assert answer.status_code == 503
    assert number[page].reveal() not in text
