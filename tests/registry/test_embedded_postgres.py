"""Real clusters, each in a folder of its own; nothing here touches the demo's database."""

import os
import pwd
import shlex
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from registry import embedded_postgres
from registry.embedded_postgres import FORGETFUL, Account, Cluster, EmbeddedPostgresError

PROJECT_FOLDER = Path(embedded_postgres.__file__).parent.parent


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """Not below tmp_path: that is closed to the account which stands in for root."""
    with tempfile.TemporaryDirectory(prefix="simpul-") as folder:
        Path(folder).chmod(0o755)
        made = Cluster(Path(folder) / "postgres", FORGETFUL)
        yield made
        embedded_postgres.stop(made)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with own_cluster() as made:
        yield made


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    """One started server for the tests that only look."""
    with own_cluster() as made:
        embedded_postgres.start(made)
        yield made


def ask(url: str, question: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            row = cursor.fetchone()
            assert row is not None
            return row[0]
    finally:
        connection.close()


def postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


def test_it_speaks_utf8_and_listens_on_this_machine_only(running: Cluster) -> None:
    url = embedded_postgres.address(running)
    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert ask(url, "SHOW jit") == "off"
    assert ask(url, "SHOW listen_addresses") == "127.0.0.1"
    assert ask(url, "SELECT lower('MUARA KAMAN É')") == "muara kaman é"
    socket_folder = (running.data / "postmaster.pid").read_text().splitlines()[4]
    assert socket_folder == ""


def test_it_stops_when_told_and_twice_is_no_error(cluster: Cluster) -> None:
    embedded_postgres.stop(cluster)
    embedded_postgres.start(cluster)
    assert embedded_postgres.is_running(cluster)
    embedded_postgres.stop(cluster)
    assert not embedded_postgres.is_running(cluster)
    embedded_postgres.stop(cluster)


def test_a_second_start_changes_nothing(cluster: Cluster) -> None:
    first = embedded_postgres.start(cluster)
    server = postmaster(cluster)
    assert embedded_postgres.start(cluster) == first == embedded_postgres.address(cluster)
    assert postmaster(cluster) == server


def test_data_password_and_port_outlive_a_stop(cluster: Cluster) -> None:
    first = embedded_postgres.start(cluster)
    connection = psycopg2.connect(first)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 1 AS one")
    connection.close()
    embedded_postgres.stop(cluster)
    assert embedded_postgres.start(cluster) == first
    assert ask(first, "SELECT one FROM kept") == 1


def test_eight_starts_at_once_give_one_server(cluster: Cluster) -> None:
    code = (
        "import sys; from pathlib import Path; from registry import embedded_postgres as e; "
        "print(e.start(e.Cluster(Path(sys.argv[1]), e.FORGETFUL)))"
    )
    command = [sys.executable, "-c", code, str(cluster.folder)]

    def start_in_a_process_of_its_own(_number: int) -> str:
        done = subprocess.run(command, cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    with ThreadPoolExecutor(8) as pool:
        urls = set(pool.map(start_in_a_process_of_its_own, range(8)))
    assert urls == {embedded_postgres.address(cluster)}
    assert ask(urls.pop(), "SELECT 1") == 1


def test_it_starts_again_after_kill_9_of_the_postmaster(cluster: Cluster) -> None:
    url = embedded_postgres.start(cluster)
    os.kill(postmaster(cluster), signal.SIGKILL)
    assert ask(embedded_postgres.start(cluster), "SELECT 1") == 1
    assert embedded_postgres.address(cluster) == url


def test_a_stale_pid_that_now_belongs_to_another_program_does_not_block(cluster: Cluster) -> None:
    url = embedded_postgres.start(cluster)
    left_behind = (cluster.data / "postmaster.pid").read_text()
    embedded_postgres.stop(cluster)
    same_account = embedded_postgres._identity(embedded_postgres._account(cluster))
    bystander = subprocess.Popen(["sleep", "60"], **same_account)
    try:
        lines = [str(bystander.pid), *left_behind.splitlines()[1:]]
        (cluster.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
        assert not embedded_postgres.is_running(cluster)
        assert ask(embedded_postgres.start(cluster), "SELECT 1") == 1
        assert embedded_postgres.address(cluster) == url
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_it_moves_to_another_port_when_its_own_is_taken(cluster: Cluster) -> None:
    embedded_postgres.start(cluster)
    embedded_postgres.stop(cluster)
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", int(cluster.port.read_text())))
        squatter.listen()
        assert not embedded_postgres.is_running(cluster)
        assert ask(embedded_postgres.start(cluster), "SELECT 1") == 1


def test_a_start_killed_half_way_is_begun_anew(cluster: Cluster) -> None:
    (cluster.folder / "data.new" / "base").mkdir(parents=True)
    assert ask(embedded_postgres.start(cluster), "SELECT 1") == 1


def test_the_role_owns_its_database_and_is_no_superuser(running: Cluster) -> None:
    url = embedded_postgres.address(running)
    assert ask(url, "SELECT current_user::text") == "simpul"
    rights = "(rolsuper, rolcreatedb, rolcreaterole, rolbypassrls)::text"
    assert ask(url, f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") == "(f,t,f,t)"
    owner = "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = 'simpul'"
    assert ask(url, owner) == "simpul"


@pytest.mark.parametrize("role", ["simpul", "postgres"])
def test_nobody_gets_in_without_the_password(running: Cluster, role: str) -> None:
    port = int(running.port.read_text())
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(host="127.0.0.1", port=port, user=role, password="guessed", dbname="simpul")


def test_the_password_is_readable_by_its_owner_alone_and_is_not_in_the_log(running: Cluster) -> None:
    for role in embedded_postgres.PASSWORD_FILES:
        assert stat.S_IMODE(running.password(role).stat().st_mode) == 0o600
        assert running.password(role).read_text().strip() not in running.log.read_text()


@pytest.mark.parametrize("role", ["simpul_web", "simpul_worker"])
def test_the_roles_that_serve_own_nothing_and_bypass_nothing(running: Cluster, role: str) -> None:
    rights = "(rolsuper, rolcreatedb, rolcreaterole, rolbypassrls)::text"
    url = embedded_postgres.address(running, role)
    assert ask(url, f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") == "(f,f,f,f)"


def test_a_cluster_from_before_there_were_several_roles_gets_them(cluster: Cluster) -> None:
    embedded_postgres.start(cluster)
    embedded_postgres.stop(cluster)
    cluster.password("simpul_web").unlink()
    embedded_postgres.start(cluster)
    for role in embedded_postgres.PASSWORD_FILES:
        assert ask(embedded_postgres.address(cluster, role), "SELECT current_user::text") == role


@pytest.mark.parametrize("extension", ["pg_trgm", "unaccent", "citext", "btree_gist", "fuzzystrmatch"])
def test_the_role_may_add_the_extensions_that_search_needs(running: Cluster, extension: str) -> None:
    connection = psycopg2.connect(embedded_postgres.address(running))
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE EXTENSION {extension}")
    connection.close()


def test_data_of_another_major_version_is_refused_and_kept(cluster: Cluster) -> None:
    embedded_postgres.start(cluster)
    embedded_postgres.stop(cluster)
    (cluster.data / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 12.*delete"):
        embedded_postgres.start(cluster)
    assert (cluster.data / "base").is_dir()


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder that the server's account cannot enter, whoever runs the tests."""
    folder = tmp_path / "closed folder"
    (folder / "inner").mkdir(parents=True)
    folder.chmod(0o700 if os.geteuid() == 0 else 0o600)
    yield folder
    folder.chmod(0o700)


def test_a_closed_folder_is_named_with_the_command_that_opens_it(closed: Path) -> None:
    entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    with pytest.raises(EmbeddedPostgresError, match="cannot enter") as refusal:
        embedded_postgres.require_reach(account, closed / "inner")
    needed = stat.S_IXOTH if os.geteuid() == 0 else stat.S_IXUSR
    named = next(step for step in [*reversed(closed.parents), closed] if not step.stat().st_mode & needed)
    assert f"cannot enter {named}. " in str(refusal.value)
    assert f"chmod a+x {shlex.quote(str(named))}" in str(refusal.value)
    assert "DATABASE_URL" in str(refusal.value)


def test_a_start_in_a_closed_folder_is_refused_and_opens_nothing(closed: Path) -> None:
    before = stat.S_IMODE(closed.stat().st_mode)
    with pytest.raises(EmbeddedPostgresError, match="DATABASE_URL"):
        embedded_postgres.start(Cluster(closed / "postgres"))
    assert stat.S_IMODE(closed.stat().st_mode) == before


def test_the_address_is_known_before_anything_runs(tmp_path: Path) -> None:
    assert embedded_postgres.address(Cluster(tmp_path)) == "postgresql://simpul@127.0.0.1/simpul"
    assert list(tmp_path.iterdir()) == []


def test_a_throwaway_server_is_forgetful_and_leaves_nothing() -> None:
    with embedded_postgres.throwaway() as url:
        assert [ask(url, f"SHOW {name}") for name in FORGETFUL] == ["off"] * 3
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(url)


def test_what_a_killed_test_run_left_behind_is_removed(cluster: Cluster) -> None:
    run = Cluster(cluster.folder / "run-killed", FORGETFUL)
    url = embedded_postgres.start(run)
    (run.folder / "owner.lock").touch()
    embedded_postgres.remove_abandoned(cluster.folder)
    assert not run.folder.exists()
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(url)


def test_a_test_run_that_goes_on_is_left_alone() -> None:
    with embedded_postgres.throwaway() as url:
        embedded_postgres.remove_abandoned()
        assert ask(url, "SELECT 1") == 1


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["dance"], 2), (["url"], 0)])
def test_the_command_line_answers_with_an_exit_code(arguments: list[str], code: int) -> None:
    command = [sys.executable, "-m", "registry.embedded_postgres", *arguments]
    assert subprocess.run(command, cwd=PROJECT_FOLDER, capture_output=True, check=False).returncode == code
