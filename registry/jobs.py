"""Long work: a row claimed with SKIP LOCKED under a lease, its cursor committed with each chunk.

A job is a name and JSON, and safe to run twice. A worker that dies loses its lease; the next one goes on
from the last committed cursor. Handlers register themselves: ``@handler("check_import")``.
A handler may raise Conflict: its sentence is the job's message.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from registry.errors import Conflict
from registry.models import Job, User
from registry.scope import working_for

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 3

Handler = Callable[["Run"], None]
HANDLERS: dict[str, Handler] = {}
# What every worker does now and then besides its jobs: safe to run twice, and at the same time.
ROUTINES: list[Callable[[], object]] = []


def handler(name: str) -> Callable[[Handler], Handler]:
    def register(function: Handler) -> Handler:
        HANDLERS[name] = function
        return function

    return register


def routine(function: Callable[[], object]) -> Callable[[], object]:
    ROUTINES.append(function)
    return function


def run_routines() -> None:
    """One that fails is logged and tried again in the next round; the worker goes on."""
    for function in ROUTINES:
        try:
            function()
        except Exception:
            logger.exception("routine %s failed", function.__name__)


def newest(name: str, **arguments: Any) -> Job | None:
    """The last job of this name and these arguments: what a page shows of work it has asked for."""
    return Job.objects.filter(name=name, arguments__contains=arguments).order_by("-pk").first()


def enqueue(name: str, *, by: User | None, **arguments: Any) -> Job:
    if name not in HANDLERS:
        raise KeyError(name)
    return Job.objects.create(name=name, arguments=arguments, requested_by=by)


def is_open(job: Job | None) -> bool:
    return job is not None and job.state in (Job.State.QUEUED, Job.State.RUNNING)


class Run:
    """What a handler holds: its arguments and where it was."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.arguments: dict[str, Any] = job.arguments
        self.cursor: dict[str, Any] = job.cursor

    @property
    def by(self) -> User:
        """Work is done under the name, and within the area, of whoever asked for it."""
        if self.job.requested_by is None:
            raise ValueError("This job was asked for by nobody.")
        return self.job.requested_by

    def progress(self, done: int, total: int, **cursor: Any) -> None:
        """Call inside the chunk's transaction: work and cursor are committed together, the lease renewed."""
        self.cursor = self.job.cursor = self.cursor | cursor
        self.job.done, self.job.total = done, total
        self.job.leased_until = timezone.now() + LEASE
        self.job.save(update_fields=["cursor", "done", "total", "leased_until"])


def run_next() -> Job | None:
    """Claims and runs the oldest job that nobody holds; ``None`` when there is none."""
    job = _claim()
    if job is None:
        return None
    try:
        with _kept_alive(job), working_for(job.requested_by or AnonymousUser()):
            HANDLERS[job.name](Run(job))
    except Conflict as conflict:
        _finish(job, Job.State.FAILED, message=conflict.message)
    except Exception as error:
        # The worker must outlive any one job; the traceback goes to the log, the sentence to the page.
        logger.exception("job %s failed", job.pk)
        _finish(job, Job.State.FAILED, message=type(error).__name__)
    else:
        _finish(job, Job.State.DONE)
    return job


@contextmanager
def _kept_alive(job: Job) -> Iterator[None]:
    """Renews the lease over a connection of its own: a long transaction would hide the renewal."""
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.wait(LEASE.total_seconds() / 4):
            Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(leased_until=timezone.now() + LEASE)
        connection.close()

    heart = threading.Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield
    finally:
        is_over.set()
        heart.join()


def run_pending() -> int:
    count = 0
    while run_next():
        count += 1
    return count


@transaction.atomic
def _claim() -> Job | None:
    now = timezone.now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, leased_until__lt=now)
    job = Job.objects.select_for_update(skip_locked=True).filter(free).order_by("pk").first()
    if job is None:
        return None
    job.attempts += 1
    job.leased_until = now + LEASE
    job.state = Job.State.RUNNING if job.attempts <= MAX_ATTEMPTS else Job.State.FAILED
    job.save(update_fields=["attempts", "leased_until", "state"])
    return job if job.state == Job.State.RUNNING else _claim()


def _finish(job: Job, state: str, message: str = "") -> None:
    job.state, job.message, job.finished_at = state, message, timezone.now()
    job.save(update_fields=["state", "message", "finished_at"])
