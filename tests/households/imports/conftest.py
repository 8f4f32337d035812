from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from tests.households.imports.files import Files


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)
