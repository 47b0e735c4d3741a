"""Sections of the export that other domains hold the data of."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app

from profiles.accounts.models import User

EXTENSION = "own_data_sections"
# The section's value, ready for orjson.
Section = Callable[[User], Any]


def add_export_section(app: Flask, name: str, section: Section) -> None:
    """Have the export hold `section(user)` under `name`, which `Export` describes."""
    app.extensions.setdefault(EXTENSION, {})[name] = section


def read_sections(user: User) -> dict[str, Any]:
    """All sections of other domains."""
    sections: dict[str, Section] = current_app.extensions.get(EXTENSION, {})
    return {name: read(user) for name, read in sections.items()}
