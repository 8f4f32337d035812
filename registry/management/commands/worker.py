"""Runs the jobs: imports, judging, target lists; and hourly the routines, such as sealing the trails. Start
one or several; they share the work.
"""

import signal
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from registry import jobs
from registry.checks import refuse_unreadable_keys, refuse_unsafe_database

PAUSE_SECONDS = 1
ROUND_SECONDS = 60 * 60


class Command(BaseCommand):
    help = "Runs queued jobs until stopped (or until none is left, with --once)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when the queue is empty")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_unsafe_database()
        refuse_unreadable_keys()
        # To end at once would leave the child of a job running, and what the job has open lying about.
        before = signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
        try:
            self._work(is_once=options["once"])
        finally:
            signal.signal(signal.SIGTERM, before)

    def _work(self, *, is_once: bool) -> None:
        next_round = 0.0
        while True:
            if time.monotonic() >= next_round:
                jobs.run_routines()
                next_round = time.monotonic() + ROUND_SECONDS
            if jobs.run_next():
                continue
            if is_once:
                return
            time.sleep(PAUSE_SECONDS)
