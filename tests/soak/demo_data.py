"""A database filled with the demo's people, and their access tokens."""

import os
import subprocess
import sys
from typing import Any

from common.config import ROOT
from common.http.auth import issue_access_token
from wsgi import create_app

SECRET = "a secret that only the soak of this project uses"


def fill(settings: dict[str, Any]) -> dict[int, str]:
    """The demo's people in an empty database; the ids and access tokens of its tutors."""
    for command in (["db", "upgrade"], ["seed-demo", "--quiet"]):
        subprocess.run(
            [sys.executable, "-m", "flask", *command],
            cwd=ROOT,
            env=os.environ | {name: str(value) for name, value in settings.items()},
            check=True,
            stdout=subprocess.DEVNULL,
        )
    app = create_app(settings)
    with app.app_context():
        tutors = app.test_client().get("/api/marketplace/tutors/?page_size=100").json
        return {card["id"]: issue_access_token(card["id"]) for card in tutors["results"]}
