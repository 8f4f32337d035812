"""docs/security-checks.md names 26 checks, and every test it names exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs" / "security-checks.md"
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall(DOCUMENT.read_text())
NAMED = sorted({name for row in ROWS for name in re.findall(r"`([^`]+)`", row[3])})
REFERENCE = re.compile(r"V\d+(\.\d+){0,2}|A\d\d")


def exists(name: str) -> bool:
    """``path::test``, or a path alone that holds at least one test."""
    path, _colons, test = name.partition("::")
    if not (ROOT / path).is_file():
        return False
    tree = ast.parse((ROOT / path).read_text())
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return test in tests if test else any(each.startswith("test_") for each in tests)


def test_there_are_26_checks_each_with_a_reference_and_a_test():
    assert [int(row[0]) for row in ROWS] == list(range(1, 27))
    for number, check, references, tests in ROWS:
        assert check.strip(), number
        assert all(REFERENCE.fullmatch(each) for each in references.strip().split(", ")), number
        assert re.fullmatch(r"`[^`]+`(, `[^`]+`)*", tests.strip()), number


@pytest.mark.parametrize("name", NAMED)
def test_the_test_that_the_document_names_exists(name):
    assert exists(name)


@pytest.mark.parametrize(
    "name",
    ["tests/no_such_file.py::test_x", "tests/conftest.py", f"{Path(__file__).relative_to(ROOT)}::test_x"],
)
def test_a_test_that_does_not_exist_would_be_noticed(name):
    assert not exists(name)
