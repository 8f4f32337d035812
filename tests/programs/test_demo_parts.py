"""What the demonstration is made of, and where it refuses to go: beside real records and into production."""

import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from households.models import Household
from programs.seeding import server
from programs.seeding.agencies import EARLIER, TODAY, ensure_agencies
from programs.seeding.users import DEMO_PASSWORD, LOGINS, VILLAGE, ensure_users
from registry.errors import Conflict
from registry.models import Agency, Area, AuditEvent, User
from registry.roles import Role
from tests import factories

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
END = (sys.executable, "-c", "raise SystemExit(3)")


def run_demo(**options: Any) -> None:
    call_command("demo", **{"households": 300, "no_serve": True, "verbosity": 0, **options})


@pytest.fixture(autouse=True)
def files_of_its_own(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def users(village: Area) -> None:
    factories.area(VILLAGE, "Rapak Lambur")
    ensure_agencies()
    ensure_users()


@pytest.mark.usefixtures("users")
@pytest.mark.parametrize("login", LOGINS, ids=lambda login: login.username)
def test_each_role_signs_in_with_the_password_on_the_screen(client: Any, login: Any) -> None:
    assert client.login(username=login.username, password=DEMO_PASSWORD)
    assert User.objects.get(username=login.username).role == login.role


def test_there_is_one_login_for_every_role() -> None:
    assert sorted(login.role for login in LOGINS) == sorted(Role)


def test_beside_households_that_are_not_invented_the_demo_refuses(household: Household) -> None:
    with pytest.raises(CommandError):
        run_demo()
    assert list(Household.objects.all()) == [household]
    assert not User.objects.filter(username="bappeda").exists()


def test_in_production_the_demo_refuses(db: None, settings: Any) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError):
        run_demo()
    assert not Household.objects.exists()


def test_users_with_a_known_password_are_never_made_in_production(db: None, settings: Any) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(Conflict):
        ensure_users()
    assert not User.objects.exists()


def test_agencies_keep_the_name_that_they_had_in_earlier_years(db: None) -> None:
    assert ensure_agencies() == len(EARLIER) + len(TODAY)
    assert ensure_agencies() == 0
    assert AuditEvent.objects.filter(verb="add_agencies").count() == 1
    village_office = Agency.objects.get(code="dpmd")
    assert village_office.predecessor is not None
    assert village_office.predecessor.code == "bpmpd"
    in_2012 = set(Agency.objects.on(date(2012, 5, 1)).values_list("code", flat=True))
    assert {"bpmpd", "bappeda"} <= in_2012
    assert "dpmd" not in in_2012


def test_a_port_in_use_is_named_before_anything_is_written() -> None:
    with socket.socket() as taken:
        taken.bind((server.HOST, 0))
        taken.listen()
        with pytest.raises(Conflict, match=str(taken.getsockname()[1])):
            server.require_free(taken.getsockname()[1])


def test_the_processes_end_together() -> None:
    with server.running(server.Process(SLEEP), server.Process(SLEEP)) as children:
        assert server.all_run(children)
    assert all(child.poll() is not None for child in children)


def test_an_interrupt_ends_the_processes_quietly() -> None:
    with server.running(server.Process(SLEEP)) as children:
        raise KeyboardInterrupt
    assert children[0].poll() is not None


def wait_for_the_end_of_one(children: list[subprocess.Popen[bytes]]) -> None:
    while server.all_run(children):
        time.sleep(0.05)


def test_when_one_process_ends_the_other_is_stopped_and_the_code_is_told() -> None:
    with (
        server.running(server.Process(SLEEP), server.Process(END)) as children,
        pytest.raises(Conflict, match="3"),
    ):
        wait_for_the_end_of_one(children)
    assert children[0].poll() is not None


@pytest.mark.django_db
def test_prepare_adds_what_is_missing_and_nothing_twice(capsys):
    for count in ("3", "0"):
        call_command("prepare")
        assert f": {count} " in capsys.readouterr().out
