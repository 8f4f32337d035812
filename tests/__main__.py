"""What must hold before a change goes in: ``python -m tests``, or in part: ``python -m tests lint``.

Ends with a table of what passed, failed or did not run. With CI set, what did not run counts as a failure.

``python -m tests mutants`` asks the tests instead: does one of them notice each change of the guards?
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from registry import embedded_postgres
from tests import chromium

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / ".local" / "test-results"
BIN = Path(sys.executable).parent

PASSED, FAILED, DID_NOT_RUN = "passed", "failed", "DID NOT RUN"
NOTHING_COLLECTED = 5  # pytest's exit code
FULLY_COVERED = ("households/poverty", "programs/targeting")
LONGEST_REPORT = 20_000  # characters
GIVEN_DATABASE = os.environ.get("DATABASE_URL")
MATRIX = ["tests/matrix", "-m", "matrix or canary"]  # and with both layers: pytest -m matrix


@dataclass
class Outcome:
    """What became of one step, and of the tests in it."""

    title: str
    state: str
    why: str = ""
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    if list(arguments) == ["mutants"]:
        return mutants()
    if list(arguments) not in ([], ["lint"]):
        print(__doc__)
        return 2
    RESULTS.mkdir(parents=True, exist_ok=True)
    outcomes = lint()
    if not arguments:
        outcomes += database_steps()
    return report(outcomes)


@contextmanager
def database() -> Iterator[None]:
    """The one that DATABASE_URL names, or a throwaway."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with embedded_postgres.throwaway() as url:
        os.environ["DATABASE_URL"] = url
        yield


def mutants() -> int:
    """Fails unless docs/mutants.md explains exactly those changes that no test notices. Half an hour."""
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    with database():
        # One at a time: they share the test database.
        subprocess.run([BIN / "mutmut", "run", "--max-children", "1"], cwd=ROOT, check=True)
    results = subprocess.check_output([BIN / "mutmut", "results"], cwd=ROOT, text=True)
    states = dict(re.findall(r"^\s+(\S+): (.+)$", results, re.MULTILINE))
    unnoticed = {name for name, state in states.items() if state != "timeout"}
    explained = set(re.findall(r"`(\S+__mutmut_\d+)`", (ROOT / "docs" / "mutants.md").read_text()))
    for name in sorted(unnoticed - explained):
        print(f"{states[name]}: {name}")
    for name in sorted(explained - unnoticed):
        print(f"explained, but noticed or gone: {name}")
    return int(unnoticed != explained)


def lint() -> list[Outcome]:
    templates = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("templates/**/*.html"))
    return [
        step("ruff check", [BIN / "ruff", "check", "--output-format=concise", "."]),
        step("ruff format", [BIN / "ruff", "format", "--check", "."]),
        step("djade", [BIN / "djade", "--target-version", "5.2", "--check", *templates]),
        step("djhtml", [BIN / "djhtml", "--check", "--tabwidth", "2", "templates"]),
        step("import-linter", [BIN / "lint-imports", "--no-cache"]),
        step("mypy", [BIN / "mypy"]),
    ]


def database_steps() -> list[Outcome]:
    manage = [sys.executable, "manage.py"]
    outcomes = [
        step("system check", [*manage, "check", "--fail-level", "WARNING"]),
        step("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
    ]
    # The longest first, two at a time: each run of pytest brings up a server of its own, unless one is given.
    lanes = 1 if GIVEN_DATABASE else 2
    with ThreadPoolExecutor(lanes) as pool:
        runs = [
            pool.submit(tests, "tests", ["--cov", "--cov-report=term"], layer="both"),
            pool.submit(tests, "matrix, filter alone", MATRIX, layer="application"),
            pool.submit(tests, "matrix, floor alone", MATRIX, layer="database"),
            pool.submit(tests, "API fuzzing", ["-m", "fuzz"], layer="both"),
            pool.submit(browser_tests),
        ]
        outcomes += [run.result() for run in runs]
    return [*outcomes, full_coverage()]


def step(title: str, command: Sequence[str | Path]) -> Outcome:
    print(f"\n--- {title}", flush=True)
    begun = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    state, why = (PASSED, "") if code == 0 else (FAILED, f"exit code {code}")
    return Outcome(title, state, why, time.monotonic() - begun)


def tests(title: str, options: Sequence[str], *, layer: str) -> Outcome:
    """One run of pytest, its words printed when it is over. A run that executes nothing did not run."""
    results = RESULTS / f"{title.replace(', ', '-').replace(' ', '-')}.xml"
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", f"--junitxml={results}", "-q", *options]
    begun = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"SIMPUL_LAYER": layer},
        capture_output=True,
        text=True,
        check=False,
    )
    print(f"\n--- {title}\n{done.stdout[-LONGEST_REPORT:]}{done.stderr[-LONGEST_REPORT:]}", flush=True)
    state, why = (PASSED, "") if done.returncode == 0 else (FAILED, f"exit code {done.returncode}")
    outcome = Outcome(title, state, why, time.monotonic() - begun)
    if results.exists():
        count(outcome, results)
    if done.returncode == NOTHING_COLLECTED:
        outcome.state, outcome.why = DID_NOT_RUN, "no such tests were found"
    return outcome


def count(outcome: Outcome, results: Path) -> None:
    for case in ElementTree.parse(results).iter("testcase"):  # noqa: S314 - pytest has just written it
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
        elif skipped is None:
            outcome.passed += 1
        elif skipped.get("type") != "pytest.xfail":
            outcome.skipped.append(f"{case.get('classname')}.{case.get('name')}: {skipped.get('message')}")


def full_coverage() -> Outcome:
    """Every branch of what officials argue about must have been taken."""
    folders = [folder for folder in FULLY_COVERED if (ROOT / folder).is_dir()]
    include = ",".join(f"{folder}/*" for folder in folders)
    coverage = [sys.executable, "-m", "coverage", "report", f"--include={include}", "--fail-under=100"]
    outcome = step("full coverage", coverage)
    if missing := sorted(set(FULLY_COVERED) - set(folders)):
        outcome.state, outcome.why = FAILED, f"no folder {', '.join(missing)}"
    return outcome


def browser_tests() -> Outcome:
    if chromium.find_or_download() is None:
        return Outcome("browser tests", DID_NOT_RUN, "no Chromium: apt-get install chromium")
    return tests("browser tests", ["-m", "browser"], layer="both")


def report(outcomes: Sequence[Outcome]) -> int:
    print("\n--- summary")
    for outcome in outcomes:
        print(f"{outcome.title:20} {outcome.state:12} {outcome.seconds:7.1f} s  {outcome.why}")
    skipped = [name for outcome in outcomes for name in outcome.skipped]
    idle = [f"{outcome.title}: {outcome.why}" for outcome in outcomes if outcome.state == DID_NOT_RUN]
    if skipped or idle:
        print("\nWARNING: not everything was tested. These DID NOT RUN:")
        print("\n".join(f"  {line}" for line in [*idle, *skipped]))
    failed = sum(outcome.failed for outcome in outcomes)
    print(f"\n{sum(outcome.passed for outcome in outcomes)} passed, {failed} failed", flush=True)
    is_incomplete = bool(os.environ.get("CI")) and bool(skipped or idle)
    return int(is_incomplete or any(outcome.state == FAILED for outcome in outcomes))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except embedded_postgres.EmbeddedPostgresError as error:
        sys.exit(str(error))
