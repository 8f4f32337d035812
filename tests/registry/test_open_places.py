"""Where the layers of registry/scope.py are opened: a new place is looked at before it is added here."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = {
    str(path.relative_to(ROOT)): path.read_text()
    for room in ("registry", "households", "programs")
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.parts
}
# Both layers; the reason stands there, as the argument.
OPENED = {
    "households/admin/schemes.py": 1,
    "households/imports/known.py": 1,
    "households/services.py": 2,
    "programs/candidates.py": 1,
    "programs/coverage.py": 1,
    "programs/dashboard.py": 3,
}
# The upper layer only: how often, and which seen rows the others hang on.
CHOSEN = {
    "households/admin/forms.py": (1, "the numbers in the village of the household whose form is open"),
    "households/imports/batches.py": (3, "one batch that its page or its job has found, and what it names"),
    "households/imports/known.py": (1, "the households that the rows of one batch name"),
    "households/judging.py": (1, "the parts of the households that were given to be judged"),
    "programs/candidates.py": (1, "the facts of the households on the list being built"),
    "programs/services.py": (2, "one programme's list, by roles that see every household"),
    "programs/targeting/rules.py": (1, "one household that its page has found"),
}


def places(call: str) -> dict[str, int]:
    found = {path: len(re.findall(rf"\b{call}\(", text)) for path, text in SOURCES.items()}
    return {path: count for path, count in found.items() if count}


def test_both_layers_are_opened_only_where_it_was_looked_at() -> None:
    found = places("whole_registry")
    assert found.pop("registry/scope.py") == 1
    assert found == OPENED


def test_the_upper_layer_is_opened_only_where_it_was_looked_at() -> None:
    found = places("chosen_rows")
    assert found.pop("registry/scope.py") == 2  # itself, and inside whole_registry
    assert found == {path: count for path, (count, _reason) in CHOSEN.items()}


def test_an_opening_cannot_go_by_another_name() -> None:
    """Else it would not be counted above."""
    renamed = r"\b(whole_registry|chosen_rows|working_for|become) as\b|\bscope import \*"
    assert [path for path, text in SOURCES.items() if re.search(renamed, text)] == []


def test_nobody_stands_on_another_floor_by_hand() -> None:
    """Requests, jobs, tokens and signing in set the floor, each for the user whose work it is."""
    assert {*places("working_for"), *places("become")} == {
        "registry/api/authentication.py",
        "registry/jobs.py",
        "registry/middleware.py",
        "registry/scope.py",
        "registry/sign_in_views.py",
    }
    setters = [path for path, text in SOURCES.items() if "set_config" in text]
    assert setters == ["registry/scope.py"]
