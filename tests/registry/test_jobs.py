import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from households.models import Member
from registry import jobs
from registry.errors import Conflict
from registry.models import AuditEvent, Job
from registry.roles import Role
from registry.scope import UnscopedQuery, chosen_rows
from tests import factories

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def handlers():
    before = dict(jobs.HANDLERS)
    yield jobs.HANDLERS
    jobs.HANDLERS.clear()
    jobs.HANDLERS.update(before)


def _lose_lease(job: Job) -> None:
    """As when the worker that held it has died some minutes ago."""
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, leased_until=timezone.now() - timedelta(seconds=1)
    )


def test_a_job_runs_once_and_under_the_name_of_who_asked(ana, handlers):
    seen = []
    jobs.handler("greet")(lambda run: seen.append((run.arguments, run.by)))
    job = jobs.enqueue("greet", by=ana, word="halo")
    assert jobs.run_pending() == 1
    assert jobs.run_next() is None
    job.refresh_from_db()
    assert (seen, job.state) == ([({"word": "halo"}, ana)], Job.State.DONE)


def test_a_job_sees_only_whom_its_asker_may(ana, household, next_village, handlers):
    factories.household(next_village)
    seen = []

    def look(run):
        with pytest.raises(UnscopedQuery):
            Member.objects.count()
        with chosen_rows():
            seen.extend(Member.objects.values_list("area_id", flat=True))

    jobs.handler("look")(look)
    for by in (ana, None):
        job = jobs.enqueue("look", by=by)
        jobs.run_pending()
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.message
    assert seen == [ana.area_id], "nobody's job sees nobody"
    assert Member.objects.count() == 2, "and after it the worker stands where it stood"


def test_an_unknown_job_is_refused_when_asked_for(ana):
    with pytest.raises(KeyError):
        jobs.enqueue("no such work", by=ana)


def test_a_conflict_is_said_and_a_bug_is_named(ana, handlers):
    def refuse(run):
        raise Conflict("Belum ada kriteria.", code="no_criteria")

    jobs.handler("refuse")(refuse)
    jobs.handler("break")(lambda run: 1 / 0)
    refused, broken = jobs.enqueue("refuse", by=ana), jobs.enqueue("break", by=ana)
    assert jobs.run_pending() == 2
    refused.refresh_from_db()
    broken.refresh_from_db()
    assert (refused.state, refused.message) == (Job.State.FAILED, "Belum ada kriteria.")
    assert (broken.state, broken.message) == (Job.State.FAILED, "ZeroDivisionError")


def test_the_next_worker_goes_on_from_the_last_committed_chunk(ana, handlers):
    done = []

    def count(run):
        for number in range(run.cursor.get("next", 0), 5):
            with transaction.atomic():
                done.append(number)
                run.progress(number + 1, 5, next=number + 1)
            if number == 2 and run.job.attempts == 1:
                raise SystemExit  # the process ends here

    jobs.handler("count")(count)
    job = jobs.enqueue("count", by=ana)
    with pytest.raises(SystemExit):
        jobs.run_next()
    assert jobs.run_next() is None, "its lease still runs"
    _lose_lease(job)
    jobs.run_next()
    job.refresh_from_db()
    assert done == [0, 1, 2, 3, 4]
    assert (job.state, job.done, job.total, job.attempts) == (Job.State.DONE, 5, 5, 2)


def test_work_that_kills_every_worker_is_given_up(ana, handlers):
    jobs.handler("poison")(lambda run: None)
    job = jobs.enqueue("poison", by=ana)
    Job.objects.filter(pk=job.pk).update(attempts=jobs.MAX_ATTEMPTS)
    assert jobs.run_next() is None
    job.refresh_from_db()
    assert job.state == Job.State.FAILED


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_loses_nothing(settings, tmp_path):
    """A real worker, a real kill -9: the half-done work is rolled back and the next worker does it all."""
    address = connection.settings_dict
    url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**address)
    command = [sys.executable, "manage.py", "worker", "--once"]
    environment = os.environ | {"DATABASE_URL": url}
    by = factories.user("fia", Role.SECRETARIAT)
    job = jobs.enqueue("rejudge", by=by, why="test")
    with transaction.atomic(), connection.cursor() as cursor:
        # Judging must read the schemes, so it waits here until it is killed.
        cursor.execute("LOCK TABLE households_scheme IN ACCESS EXCLUSIVE MODE")
        worker = subprocess.Popen(command, cwd=ROOT, env=environment)
        _wait_until(lambda: Job.objects.get(pk=job.pk).state == Job.State.RUNNING)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    _lose_lease(job)
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2), job.message
    assert AuditEvent.objects.filter(verb="judge_households").count() == 1


def test_a_worker_that_is_asked_to_stop_cleans_up_first(monkeypatch):
    """As by systemd in the middle of a job: what the job has open is closed, its child ended."""
    before, cleaned = signal.getsignal(signal.SIGTERM), []

    def work():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(10)
        finally:
            cleaned.append(True)

    monkeypatch.setattr(jobs, "run_routines", lambda: None)
    monkeypatch.setattr(jobs, "run_next", work)
    with pytest.raises(SystemExit) as stopped:
        call_command("worker")
    assert (stopped.value.code, cleaned) == (0, [True])
    assert signal.getsignal(signal.SIGTERM) is before


def _wait_until(holds, patience: float = 30) -> None:
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
