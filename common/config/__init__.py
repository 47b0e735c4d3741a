"""The settings of the service, read from the environment and checked together."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from common.config.catalogue import REMOVED, ROOT, SETTINGS
from common.config.mail_settings import DEVELOPMENT_SENDER, NO_MAIL

# OWASP's cheapest argon2id parameters, 7 MiB and five passes, as a product of the two.
MIN_HASH_WORK_KIB = 7168 * 5


class ConfigError(click.ClickException):
    """The configuration is incomplete or wrong; the message lists everything that is.

    A command ends with the message alone, without a traceback.
    """


def load_settings(
    environ: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Read all settings, `overrides` (already parsed values) winning over the environment.

    Raises ConfigError naming every missing or malformed setting at once.
    """
    texts = os.environ if environ is None else environ
    given = {each.name: texts.get(each.name) or each.default for each in SETTINGS}
    given |= {name: value for name, value in (overrides or {}).items() if name in given}
    environment = str(given["APP_ENV"]).strip().lower()
    settings: dict[str, Any] = {}
    problems = [f"{name} {instead}" for name, instead in REMOVED.items() if texts.get(name)]
    for setting in SETTINGS:
        value = given[setting.name]
        try:
            settings[setting.name] = (
                setting.parse_for(environment, value) if isinstance(value, str) else value
            )
        except ValueError as error:
            problems.append(f"{setting.name} {error}")
            continue
        is_required = setting.required_in_production or (
            # After MAIL_URL, which stands before it.
            setting.name == "MAIL_FROM"
            and settings.get("MAIL_URL") != NO_MAIL
        )
        if environment == "production" and is_required and not value:
            problems.append(f"{setting.name} is not set ({_first_clause(setting.meaning)})")
    problems += _combined_problems(settings) if not problems else []
    if problems:
        raise ConfigError("The configuration is not complete:\n- " + "\n- ".join(problems))
    return _derived(settings)


def _first_clause(meaning: str) -> str:
    return meaning.split(";")[0].split(",")[0]


def _combined_problems(settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with settings that are right one by one."""
    problems = []
    if settings["MEDIA_URL"] and settings["MEDIA_DIR"]:
        problems.append("MEDIA_URL and MEDIA_DIR both say where avatars are kept; unset one")
    if settings["APP_ENV"] != "production":
        return problems
    if settings["PASSWORD_HASH_MEMORY_KIB"] * settings["PASSWORD_HASH_PASSES"] < MIN_HASH_WORK_KIB:
        problems.append(
            "PASSWORD_HASH_MEMORY_KIB times PASSWORD_HASH_PASSES must be at least"
            f" {MIN_HASH_WORK_KIB} in production"
        )
    return problems


def _derived(settings: dict[str, Any]) -> dict[str, Any]:
    """Fill in the settings whose default depends on others."""
    instance = (ROOT / settings["INSTANCE_DIR"]).resolve()
    settings["INSTANCE_DIR"] = str(instance)
    settings["MEDIA_DIR"] = str(
        ROOT / settings["MEDIA_DIR"] if settings["MEDIA_DIR"] else instance / "media"
    )
    settings["FRONTEND_ORIGINS"] = settings["FRONTEND_ORIGINS"] or ("http://localhost:5173",)
    settings["FRONTEND_URL"] = settings["FRONTEND_URL"] or settings["FRONTEND_ORIGINS"][0]
    settings["MAIL_FROM"] = settings["MAIL_FROM"] or DEVELOPMENT_SENDER
    if settings["SECURE_COOKIES"] is None:
        settings["SECURE_COOKIES"] = settings["APP_ENV"] == "production"
    return settings


def development_secret(instance_dir: str) -> str:
    """The random secret of this checkout, made once and shared by all its processes."""
    path = Path(instance_dir) / "secret_key"
    try:
        return _read_or_make(path)
    except OSError as error:
        raise ConfigError(
            f"SECRET_KEY is not set, and none can be kept in {path}: {error.strerror}. Set it, or set"
            " INSTANCE_DIR to a folder that can be written."
        ) from None


def _read_or_make(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        # Written to another file and linked, so that no process can read half a secret.
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_text()
