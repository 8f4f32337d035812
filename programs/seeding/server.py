"""The demonstration's processes: the web server and one worker, started and stopped together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.utils.translation import gettext as _

from registry import embedded_postgres
from registry.errors import Conflict

HOST = "127.0.0.1"
START_SECONDS, STOP_SECONDS = 60, 15
PAUSE = 0.2
QUIETLY = ("--log-level", "warning")


class Process(NamedTuple):
    command: Sequence[str]
    role: str = ""


def require_free(port: int) -> None:
    """Raises Conflict when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            sentence = _("Port %(port)s is in use: choose another with --port.")
            raise Conflict(sentence % {"port": port}, code="port_in_use") from error


def collect_static(*, progress: Callable[[int], object]) -> bool:
    """Collects the static files when one is newer than the last collection; returns whether it did."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists() and manifest.stat().st_mtime >= max(_times_of_static_files(), default=0):
        return False
    seen = 0
    collect = Process(_manage("collectstatic", "--noinput", "--verbosity=0"))
    with running(collect) as [collecting]:
        while collecting.poll() is None:
            files = sum(1 for path in Path(settings.STATIC_ROOT).rglob("*") if path.is_file())
            progress(max(files - seen, 0))
            seen = max(files, seen)
            time.sleep(PAUSE)
    if collecting.returncode:
        raise Conflict(_("The static files could not be collected."), code="static")
    return True


def serve(port: int, *, ready: Callable[[], object]) -> None:
    """Serves until interrupted or terminated; calls ``ready`` once the server answers.

    Raises Conflict when a process ends by itself: the other is stopped too.
    """
    web = (sys.executable, "-m", "gunicorn", "registry.wsgi:application", "--bind", f"{HOST}:{port}")
    # The control socket would lie in the home folder, outside the project's.
    options = ("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket")
    server = Process((*web, *options, *QUIETLY), role="simpul_web")
    worker = Process(_manage("worker"), role="simpul_worker")
    with _interruptible(), running(server, worker) as children:
        _wait_for_answer(port, children)
        ready()
        while all_run(children):
            time.sleep(PAUSE)


def _manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments)


def _environment(role: str) -> dict[str, str]:
    """Of a child. On the embedded server it serves under its own role, whom the policies bind."""
    environment = {**os.environ, "SIMPUL_MODE": "demo"}  # noqa: TID251 - passed on to our children
    if role and environment.get("DATABASE_URL") == embedded_postgres.address():
        environment["DATABASE_URL"] = embedded_postgres.address(role=role)
    return environment


def _times_of_static_files() -> Iterator[float]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            yield os.path.getmtime(storage.path(path))


@contextmanager
def running(*processes: Process) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Stops them all at the end. In sessions of their own, so that Ctrl-C reaches this process alone."""
    children: list[subprocess.Popen[bytes]] = []
    try:
        for command, role in processes:
            environment = _environment(role)
            children.append(
                subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, start_new_session=True)
            )
        yield children
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            child.terminate()
        for child in children:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _wait_for_answer(port: int, children: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while all_run(children) and not _answers(port):
        if time.monotonic() > deadline:
            raise Conflict(_("The server does not answer."), code="no_answer")
        time.sleep(PAUSE)


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def all_run(children: list[subprocess.Popen[bytes]]) -> bool:
    """Raises Conflict when one has ended."""
    for child in children:
        if child.poll() is not None:
            sentence = _("A process of the demonstration has ended by itself (code %(code)s).")
            raise Conflict(sentence % {"code": child.returncode}, code="process_ended")
    return True


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends the demonstration as Ctrl-C does, also where a shell started it with SIGINT ignored."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
