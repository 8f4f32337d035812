"""What comes in from outside is pinned by its hash, and no secret lies in the tree."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,_-]+\])?==\S+", re.MULTILINE)
SECRETS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "token of ours": re.compile(r"\bsimpul_[A-Za-z0-9_-]{43}\b"),
    "key of a cloud": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b"),
    "token of a forge": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{40,}|glpat-[\w-]{20,})"),
    "password in an address": re.compile(r"\b[a-z]+://[^\s:/@'\"{}$]+:(?!\$)[^\s@'\"{}$]{8,}@[\w.]+"),
}
SAMPLES = {
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "token of ours": "simpul_" + "a" * 43,
    "key of a cloud": "AKIA" + "A" * 16,
    "token of a forge": "ghp_" + "a" * 36,
    "password in an address": "postgresql" + "://simpul:" + "longpassword@db.example/simpul",
}


def names_of(lock: str) -> set[str]:
    return set(PINNED.findall((ROOT / lock).read_text()))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hash(lock):
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text().strip())
    assert len(entries) > 20
    for entry in entries:
        assert PINNED.match(entry), entry.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    def asked(requirements):
        return {re.match(r"[A-Za-z0-9._-]+", each)[0].lower().replace("_", "-") for each in requirements}

    assert asked(project["dependencies"]) <= names_of("requirements.lock")
    assert asked(project["optional-dependencies"]["dev"]) <= names_of("requirements-dev.lock")
    assert names_of("requirements.lock") <= names_of("requirements-dev.lock")


@pytest.mark.parametrize("installer", ["Makefile", "Dockerfile"])
def test_nothing_is_installed_without_its_hash(installer):
    commands = re.sub(r"\\\n", " ", (ROOT / installer).read_text()).splitlines()
    installing = [line for line in commands if re.search(r"\binstall\b.*-r requirements", line)]
    assert installing
    assert all("--require-hashes" in line for line in installing)


def tracked() -> list[Path]:
    """The files of the tree; of a copy without its history, all that are not made on the way."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.splitlines()]
    made = {".venv", ".local", ".git", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not made & set(path.parts)]


def test_no_secret_lies_in_the_tree():
    paths = [path for path in tracked() if path.is_file()]
    assert len(paths) > 100
    texts = {path: path.read_text(errors="ignore") for path in paths}
    found = [
        f"{path.relative_to(ROOT)}: {what}"
        for path, text in texts.items()
        for what, pattern in SECRETS.items()
        if pattern.search(text)
    ]
    assert found == []


@pytest.mark.parametrize("what", SECRETS)
def test_a_secret_would_be_found(what):
    assert SECRETS[what].search(f"x = '{SAMPLES[what]}'")
