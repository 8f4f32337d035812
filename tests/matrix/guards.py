"""Takes away each guard of the product in turn; every such mutant must be caught.

``python -m tests.matrix.guards`` for all of them, ``python -m tests.matrix.guards FILE…`` for some.

The guards are found in the source, not listed: the calls that narrow rows to a user, the decorators and
tables of permissions, the refusals, the records of readings. Each mutant, a copy of the tree with one of
them gone, is asked the part of the matrix and the canaries that its file answers, then the tests of its
room; two at a time. Caught is what fails in a test that passes on the tree as it is: a test that has failed
is asked again without the mutant.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any
from xml.etree import ElementTree

from registry import embedded_postgres

ROOT = Path(__file__).resolve().parents[2]
LANES = 2
ALL_METHODS = (
    "GET HEAD POST PUT PATCH DELETE OPTIONS"  # without Django, tests/matrix/cases.py cannot be asked
)
ROOMS = ("registry", "households", "programs")
LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv", ".local", "node_modules", "__pycache__", "mutants")
EVERYBODY_MAY = '"registry.view_area"'  # a permission of every role
STATEMENTS = ("_require_area", "record_reading", "record_full_view", "log_reading", "become")
REFUSALS = ("PermissionDenied", "TooManyFullViews")
PERMISSION_METHOD = re.compile(
    r"has_(add|change|delete|view|module|new_version)?_?permission|has_permission|_may_write"
)
# What is asked after the matrix; where nothing is named, the tests of the room. Never those of the words on
# screen: a sentence that went with its guard would be missed there, which says nothing of the guard.
FORMS_OF_STAFF = tuple(f"tests/{room}/test_admin.py" for room in ROOMS)
TESTS = {
    "registry/admin": (
        *FORMS_OF_STAFF,
        "tests/registry/test_changes.py",
        "tests/registry/test_tokens.py",
    ),
    "registry/audit.py": (
        "tests/registry/test_readings.py",
        "tests/programs/test_sealed_numbers.py",
        "tests/households/test_pages.py",
    ),
    "registry/settings.py": (
        "tests/registry/test_row_security.py",
        "tests/registry/test_production.py",
        "tests/registry/sign_in",
        "tests/security/test_headers.py",
        "tests/security/test_parameters.py",
        "tests/security/test_unrecorded.py",
    ),
    "households/admin": FORMS_OF_STAFF,
    "households/management": (
        "tests/programs/test_subject_report.py",
        "tests/programs/test_subject_imports.py",
        "tests/programs/test_breach_report.py",
    ),
    "households/models/import_batch.py": ("tests/households/imports",),
    "households/services.py": ("tests/matrix/test_floor.py", "tests/households"),
}
SLOW = (
    "embedded_postgres",
    "production",
    "translations",
    "trails",
    "trail_heads",
    "trail_histories",
    "spreadsheets",
    "upload_guard",
)
NO_GUARDS = {  # of the middleware
    "WhiteNoiseMiddleware": "static files",
    "request_context": "the name of the request, and its line in the log",
    "SessionMiddleware": "without it nobody is signed in",
    "LocaleMiddleware": "languages",
    "CommonMiddleware": "slashes at the end",
    "AuthenticationMiddleware": "without it nobody is known",
    "MessageMiddleware": "messages",
}
# The patterns that a file's guards stand before; where none is named, those that read people.
PATTERNS = {
    "registry/token_views.py": "^token",
    "registry/sign_in_views.py": "^(account|password-change|second-factor|recovery-codes|login|logout)",
    "registry/report_views.py": "^report",
    "registry/api": "^(api-|report-data)",
    "registry/views.py": "^(home|healthz|readyz)",
    "registry/admin/base.py": (
        "^admin:(registry_auditevent|programs_program|households_(household|assessment))_"
    ),
    "registry/admin/places.py": "^admin:registry_(area|agency)",
    "registry/admin/trails.py": "^admin:registry_(auditevent|accesslog)",
    "registry/admin/users.py": "user",
    "registry/admin_site.py": "^admin:(index|search|app_list|login|logout)",
    "registry/settings.py": "^(household-list|household-detail|dashboard)$",
    "registry/middleware.py": "^(household-list|household-detail|dashboard)$",
    "registry/services.py": "^token",
    "households/views/households.py": "^household-",
    "households/views/people.py": "^(family|member)-",
    "households/views/assessments.py": "^assessment-",
    "households/views/imports.py": "^import-",
    "households/views/numbers.py": "-number$",
    "households/views/requests.py": "^request-",
    "households/rights": "^request-",
    "households/imports": "^import-",
    "households/api": "^api-(household|member|assessment|status)",
    "households/forms.py": "^household-create",
    "households/admin/people.py": "^admin:households_(household|family|member)_",
    "households/admin/records.py": "^admin:households_(assessment|povertystatus)_",
    "households/admin/schemes.py": "^admin:households_scheme",
    "households/admin": "^admin:households_",
    "programs/views/dashboard.py": "^(dashboard|coverage-list)",
    "programs/views/programs.py": "^(program|target-list)-",
    "programs/api": "^api-(program|target|realisation)",
    "programs/admin.py": "^admin:programs_",
    "programs/panels.py": "^household-detail",
    "programs/reports.py": "^report",
    "programs/models": "^(program-|target-list-|api-(program|target|realisation))",
}
READERS_OF_PEOPLE = (
    "^(household-(list|detail|change)|member-list|member-change|family-change|import-detail|"
    "api-(household|member|assessment|status)-list|api-household-detail|dashboard|target-list-detail|"
    "admin:households_(household|member)_(changelist|change))$"
)
# A mutant that changes nothing anybody could observe, and why.
EQUIVALENT = {
    (
        "programs/panels.py",
        "support: Program.objects.visible_to()",
    ): "whoever may open a household sees every programme, or none",
    (
        "programs/views/programs.py",
        "target_list_build: Program.objects.visible_to()",
    ): "whoever builds target lists sees every programme",
    (
        "households/management/commands/subject_report.py",
        "_rows_of: everybody.visible_to()",
    ): "the rows that are found are narrowed once more",
}


class Undecided(Exception):
    """The mutant does not load, or what failed fails without it too: nothing is proved."""


@dataclass(frozen=True)
class Guard:
    """One place in a file, and what stands there once the guard is gone."""

    file: str
    line: int
    kind: str
    begin: int
    end: int
    instead: str

    def mutate(self, source: bytes) -> bytes:
        return source[: self.begin] + self.instead.encode() + source[self.end :]

    @property
    def methods(self) -> str:
        """Those that read and write, unless the guard is about methods."""
        return ALL_METHODS if "require" in self.kind or self.kind == "page_methods" else "GET POST"

    @property
    def patterns(self) -> str:
        return self._named_in(PATTERNS) or READERS_OF_PEOPLE

    @property
    def tests(self) -> list[str]:
        room = self.file.partition("/")[0]
        slow = (f"--ignore=tests/{room}/test_{name}.py" for name in SLOW)
        return list(self._named_in(TESTS) or (f"tests/{room}", *slow))

    def _named_in(self, table: dict[str, Any]) -> Any:
        """By the longest beginning of the file's name."""
        fitting = [prefix for prefix in table if self.file.startswith(prefix)]
        return table[max(fitting, key=len)] if fitting else None


def guards() -> Iterator[Guard]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts and "seeding" not in path.parts:
                yield from _Finder(path).found()
    yield from _settings()


class _Finder(ast.NodeVisitor):
    def __init__(self, path: Path) -> None:
        self.file = str(path.relative_to(ROOT))
        self.source = path.read_bytes()
        self.starts = [0]
        for line in self.source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.guards: list[Guard] = []
        self.function = ""

    def found(self) -> list[Guard]:
        self.visit(ast.parse(self.source))
        return self.guards

    def add(self, node: ast.expr | ast.stmt, kind: str, instead: str) -> None:
        begin = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        self.guards.append(Guard(self.file, node.lineno, kind, begin, end, instead))

    def text(self, node: ast.AST) -> str:
        return ast.get_source_segment(self.source.decode(), node) or ""

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if isinstance(node.func, ast.Attribute) and name in ("visible_to", "frozen", "usable"):
            whole = self.text(node.func.value)
            narrowed = "".join(whole.split())[-25:]
            self.add(node, f"{self.function}: {narrowed}.{name}()", f"{whole}.all()")
        if name in ("get_object_or_404", "filter"):
            for keyword in node.keywords:
                if (
                    keyword.arg
                    and keyword.arg.endswith("user")
                    and "request.user" in self.text(keyword.value)
                ):
                    others = [self.text(each) for each in node.args]
                    others += [f"{k.arg}={self.text(k.value)}" for k in node.keywords if k is not keyword]
                    self.add(node, f"{keyword.arg}=", f"{self.text(node.func)}({', '.join(others)})")
        self.generic_visit(node)

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            if self.text(item.context_expr).startswith("working_for("):
                self.add(item.context_expr, "working_for", '__import__("contextlib").nullcontext()')
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        call = node.value
        if isinstance(call, ast.Call) and self.text(call.func).split(".")[-1] in (*STATEMENTS, "record"):
            self.add(node, self.text(call.func), "pass")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        for refusal in REFUSALS:
            if node.exc is not None and refusal in self.text(node.exc):
                self.add(node, f"raise {refusal}", "pass")

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self.function = self.function, node.name
        for decorator in node.decorator_list:
            if self.text(decorator).startswith(("permission_required", "require_POST")):
                self.add(
                    decorator, f"@{self.text(decorator).split('(')[0]} {node.name}", "(lambda view: view)"
                )
        if node.name in ("visible_to", "covers", "q") and not isinstance(node.body[-1], ast.Raise):
            instead = {"visible_to": "return self", "covers": "return True", "q": "return Q()"}[node.name]
            self.add(node.body[0], f"def {node.name}", f"{instead}\n        {self.text(node.body[0])}")
        if PERMISSION_METHOD.fullmatch(node.name):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value and self.text(inner.value) != "True":
                    self.add(inner, f"{node.name}: {self.text(inner.value)[:30]}", "return True")
        self.generic_visit(node)
        self.function = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        names = [self.text(target) for target in node.targets]
        if names == ["permissions"] and isinstance(node.value, ast.Dict):
            for value in node.value.values:
                if self.text(value) != EVERYBODY_MAY:
                    self.add(value, f"permissions {self.text(value)}", EVERYBODY_MAY)
        if names == ["throttle_classes"]:
            self.add(node.value, "throttle_classes", "[]")
        self.generic_visit(node)


def _settings() -> Iterator[Guard]:
    """The middleware that asks who it is, closes people's tables, refuses, or makes browsers refuse."""
    source = (ROOT / "registry" / "settings.py").read_bytes()
    begin = source.index(b"MIDDLEWARE = [")
    for match in re.finditer(rb'    "[\w.]+\.(\w+)",\n', source[: source.index(b"]", begin)]):
        name = match[1].decode()
        if match.start() > begin and name not in NO_GUARDS:
            line = source[: match.start()].count(b"\n") + 1
            yield Guard("registry/settings.py", line, name, match.start(), match.end(), "")


@contextmanager
def bench() -> Iterator["Bench"]:
    """A copy of the tree and a database server, for one mutant after the other."""
    with tempfile.TemporaryDirectory(prefix="simpul-mutant-") as folder, embedded_postgres.throwaway() as url:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_BEHIND, symlinks=True)
        (tree / ".venv").symlink_to(ROOT / ".venv")
        yield Bench(tree, url)


@dataclass(frozen=True)
class Bench:
    tree: Path
    url: str

    def caught_by(self, guard: Guard) -> str:
        """The kind of test that failed, or nothing."""
        place = self.tree / guard.file
        whole = place.read_bytes()
        questions = {
            "matrix": ["tests/matrix", "-m", "matrix or canary"],
            "the tests of its room": guard.tests,
        }
        for kind, tests in questions.items():
            place.write_bytes(guard.mutate(whole))
            try:
                broken = self._failed(tests, guard.patterns, guard.methods)
            finally:
                place.write_bytes(whole)
            if broken:
                if self._failed([*broken, "-m", ""], guard.patterns):
                    raise Undecided(f"fails without the mutant too: {broken}")
                return kind
        return ""

    def _failed(self, options: Sequence[str], patterns: str, methods: str = ALL_METHODS) -> dict[str, str]:
        """The first test that fails, by its name, and why; none if all pass."""
        environment = os.environ | {
            "DATABASE_URL": self.url,
            "SIMPUL_PATTERNS": patterns,
            # Without the floor of the database, which would stand in for a filter that is gone.
            "SIMPUL_LAYER": "application",
            "SIMPUL_METHODS": methods,
        }
        report = self.tree / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-x", "--reuse-db", "-p", "no:cacheprovider"]
        command += [f"--junitxml={report}", "-o", "junit_family=xunit1"]
        report.unlink(missing_ok=True)
        done = subprocess.run(
            [*command, *options], cwd=self.tree, env=environment, capture_output=True, check=False
        )
        broken = broken_tests(report) if report.exists() else {}
        if done.returncode not in (0, 1) or bool(done.returncode) != bool(broken):
            raise Undecided((done.stdout + done.stderr).decode()[-500:])
        return broken


def broken_tests(report: Path) -> dict[str, str]:
    """Of a pytest report, with what they say. What does not even load proves nothing: an exception."""
    broken = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - pytest has just written it
        ends = [*case.iter("failure"), *case.iter("error")]
        if any(end.get("message") == "collection failure" for end in ends):
            raise Undecided(f"does not load: {case.get('name')}\n{ends[0].text}")
        if ends:
            broken[f"{case.get('file')}::{case.get('name')}"] = (ends[0].text or "")[-1500:]
    return broken


def main(files: list[str]) -> int:
    wanted = [guard for guard in guards() if not files or guard.file.startswith(tuple(files))]
    survivors = []
    with ExitStack() as stack, ThreadPoolExecutor(LANES) as pool:
        free: Queue[Bench] = Queue()
        for _lane in range(LANES):
            free.put(stack.enter_context(bench()))

        def try_out(guard: Guard) -> str:
            bench = free.get()
            try:
                return bench.caught_by(guard)
            except Undecided as why:
                print(f"{guard.file}:{guard.line} {why}", flush=True)
                return ""
            finally:
                free.put(bench)

        for number, (guard, caught) in enumerate(
            zip(wanted, pool.map(try_out, wanted), strict=True), start=1
        ):
            reason = EQUIVALENT.get((guard.file, guard.kind), "")
            verdict = f"caught by {caught}" if caught else reason or "SURVIVED"
            if verdict == "SURVIVED":
                survivors.append(guard)
            place = f"{guard.file}:{guard.line}"
            print(f"{number:3}/{len(wanted)} {place:45} {guard.kind:50} {verdict}", flush=True)
    print(f"\n{len(wanted)} guards, {len(survivors)} survived")
    return int(bool(survivors))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
