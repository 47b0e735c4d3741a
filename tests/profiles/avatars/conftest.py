"""A tutor, their client, and the folder their avatar is stored in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from profiles.accounts.models import User
from tests.factories import as_user, make_tutor


@pytest.fixture
def folder(app, tmp_path) -> Iterator[Path]:
    """Where this test's avatars lie, and nobody else's."""
    before = app.config["MEDIA_DIR"]
    app.config["MEDIA_DIR"] = str(tmp_path / "media")
    (tmp_path / "media" / "avatars").mkdir(parents=True)
    yield tmp_path / "media" / "avatars"
    app.config["MEDIA_DIR"] = before


@pytest.fixture
def tutor(folder) -> User:
    return make_tutor()


@pytest.fixture
def me(client, tutor) -> Any:
    return as_user(client, tutor)
