"""The world is made once, in a transaction never committed; every case gets a savepoint of its own."""

import gc
import os
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import translation

from tests.matrix import world as worlds
from tests.matrix.cases import Asker
from tests.matrix.layers import layer


@pytest.fixture(scope="package")
def world(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[worlds.World]:
    folder = tmp_path_factory.mktemp("world")
    quick = override_settings(
        STATIC_ROOT=folder,
        MEDIA_ROOT=folder / "files",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SECOND_FACTOR=False,
        ERASURES_FILE=folder / "erasures.jsonl",
    )
    with django_db_blocker.unblock(), quick, translation.override("id"), transaction.atomic():
        made = worlds.build(folder)
        gc.freeze()  # the world and the cases stay: no use in looking through them again and again
        with layer(os.environ.get("SIMPUL_LAYER", "both")):
            yield made
        transaction.set_rollback(True)


@pytest.fixture(scope="package")
def asker(world: worlds.World) -> Asker:
    return Asker(world)


@pytest.fixture(scope="package", autouse=True)
def fast_passwords() -> None:
    """In the world's own settings; set once, not for each of thousands of cases."""


@pytest.fixture(scope="package", autouse=True)
def serving_role() -> None:
    """See ``layer``: with the floor off, requests run as the owner of the tables, whom no policy binds."""


@pytest.fixture(scope="package", autouse=True)
def without_second_factor() -> None:
    """In the world's own settings."""


@pytest.fixture(scope="package", autouse=True)
def own_list_of_erasures() -> None:
    """In the world's own settings."""


@pytest.fixture(autouse=True)
def language() -> None:
    """Each request says what it reads."""
