"""Where the files of an app without MEDIA_URL lie."""

from pathlib import Path

from flask import current_app


def media_path(name: str) -> Path:
    return Path(current_app.config["MEDIA_DIR"]) / name
