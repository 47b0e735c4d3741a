"""The document of the last release is stored, and what breaks its clients is announced."""

import json
import re

import pytest

from common.config import ROOT
from tests.released_document.breaking_changes import breaking_changes

pytestmark = pytest.mark.quick


def unreleased(changelog: str) -> str:
    """The section of what the next release brings."""
    return changelog.partition("\n## Unreleased\n")[2].partition("\n## ")[0]


def announced(changelog: str) -> set[str]:
    """The operations that an entry beginning with **Breaking:** names, each in backticks."""
    entries = re.split(r"(?m)^- ", unreleased(changelog))
    breaking = "\n".join(entry for entry in entries if entry.startswith("**Breaking:**"))
    return set(re.findall(r"`([A-Z]+ /[^`]*)`", breaking))


def test_what_breaks_a_client_of_the_last_release_is_announced(client):
    """Restore it, or say in CHANGELOG.md what a client has to do: see its first lines."""
    released = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    told = announced((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    found = breaking_changes(released, client.get("/api/openapi.json").json)
    assert [f"{name}: {what}" for name, what in found if name not in told] == []


def test_only_entries_that_say_so_announce_what_breaks():
    changelog = """# Changelog

## Unreleased

### Changed

- `GET /api/one/` has a field more.
- **Breaking:** `GET /api/two/` and
  `POST /api/two/` have moved.

## 1.0.0

- **Breaking:** `GET /api/three/` is gone.
"""
    assert announced(changelog) == {"GET /api/two/", "POST /api/two/"}


def test_the_stored_document_is_of_a_release_that_the_changelog_has():
    released = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## {released['info']['version']} " in changelog
