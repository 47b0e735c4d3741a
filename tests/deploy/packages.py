"""The shipped files of deployment, as the tests read them; and the settings of a production process."""

import json
import re
import secrets
from typing import Any

from common.config import ROOT

LOCK = (ROOT / "deploy" / "requirements.lock").read_text(encoding="utf-8")
REQUIREMENTS = (ROOT / "requirements.txt").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    """Versions by package, names as indexes compare them."""
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in PIN.findall(text)}


def section(title: str) -> str:
    """The lines of requirements.txt below a comment."""
    return REQUIREMENTS.partition(f"# {title}")[2].partition("\n\n")[0]


def instruction(name: str) -> str:
    """What stands behind the last such instruction of the Dockerfile."""
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)[-1].strip()


def image_command() -> list[str]:
    command: list[str] = json.loads(instruction("CMD"))
    return command


def health_command() -> list[str]:
    command: list[str] = json.loads(instruction("HEALTHCHECK").partition("CMD ")[2])
    return command


def production_settings(database_url: str, redis_url: str, folder: Any) -> dict[str, str]:
    """An environment in which production starts."""
    return {
        "APP_ENV": "production",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": secrets.token_hex(32),
        "FRONTEND_ORIGINS": "https://app.example",
        "TRUSTED_HOSTS": "api.example,127.0.0.1",
        "MAIL_URL": "none",
        "INSTANCE_DIR": f"{folder}/instance",
        "MEDIA_DIR": f"{folder}/media",
    }
