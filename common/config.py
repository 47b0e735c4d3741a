"""Every setting of the service: its environment variable, default and meaning, on one page.

The README's table is checked against `SETTINGS` by a test.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from limits import parse_many

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ("development", "testing", "production")
SHORTEST_SECRET = 32


class ConfigError(click.ClickException):
    """The configuration is incomplete or wrong; the message lists everything that is.

    A command ends with the message alone, without a traceback.
    """


def _text(value: str) -> str:
    return value.strip()


def _integer(value: str) -> int:
    return int(value.strip())


def _positive(value: str) -> int:
    number = int(value.strip())
    if number < 1:
        raise ValueError("must be at least 1")
    return number


def _flag(value: str) -> bool:
    lowered = value.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise ValueError("must be true or false")


def _environment(value: str) -> str:
    if value not in ENVIRONMENTS:
        raise ValueError(f"must be one of {', '.join(ENVIRONMENTS)}")
    return value


def _names(value: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())


def _rate(value: str) -> str:
    parse_many(value)
    return value.strip()


def _database_url(value: str) -> str:
    """Name the driver: since SQLAlchemy 2.1 a bare `postgresql://` means another one."""
    scheme, separator, rest = value.strip().partition("://")
    if not separator or scheme not in {"postgres", "postgresql", "postgresql+psycopg2"}:
        raise ValueError("must start with postgresql:// or postgres://")
    return f"postgresql+psycopg2://{rest}"


def _redis_url(value: str) -> str:
    if not value.strip().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must start with redis://, rediss:// or unix://")
    return value.strip()


@dataclass(frozen=True)
class Setting:
    """One setting. `default` is written as the environment would hold it; None means unset."""

    name: str
    default: str | None
    parse: Callable[[str], Any]
    meaning: str
    required_in_production: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "APP_ENV",
        "development",
        _environment,
        "`development`, `testing` or `production`; production refuses to start half configured",
    ),
    Setting(
        "DATABASE_URL",
        None,
        _database_url,
        "PostgreSQL 15 to 18, `postgresql://…`; unset: an embedded server under `instance/`",
        required_in_production=True,
    ),
    Setting(
        "REDIS_URL",
        None,
        _redis_url,
        "Redis 6.2 or newer, `redis://…`; unset: an embedded server under `instance/`",
        required_in_production=True,
    ),
    Setting(
        "SECRET_KEY",
        None,
        _text,
        "signs access tokens and cursors, at least 32 bytes; unset: a random one kept in `instance/`",
        required_in_production=True,
    ),
    Setting(
        "FRONTEND_ORIGINS",
        None,
        _names,
        "origins that may call from a browser, comma-separated; unset: `http://localhost:5173`",
        required_in_production=True,
    ),
    Setting(
        "TRUSTED_HOSTS",
        None,
        _names,
        "host names the service answers to, comma-separated; unset: any",
    ),
    Setting(
        "PROXY_HOPS",
        "0",
        _integer,
        "how many reverse proxies stand in front and set `X-Forwarded-*`; 0 ignores those headers",
    ),
    Setting(
        "SECURE_COOKIES",
        None,
        _flag,
        "mark the refresh cookie `Secure` and send HSTS; unset: true in production only",
    ),
    Setting("INSTANCE_DIR", "instance", _text, "where embedded servers and media keep their data"),
    Setting("MEDIA_DIR", None, _text, "where avatars are kept; unset: `media` in `INSTANCE_DIR`"),
    Setting("LOG_LEVEL", "INFO", _text, "lowest level written to the log"),
    Setting("ACCESS_TOKEN_MINUTES", "30", _positive, "how long an access token lives"),
    Setting("REFRESH_TOKEN_DAYS", "30", _positive, "how long a refresh token lives"),
    Setting(
        "REFRESH_GRACE_SECONDS",
        "10",
        _integer,
        "how long an already rotated refresh token still counts as a second tab, not a thief",
    ),
    Setting("LOGIN_ACCOUNT_LIMIT", "10/minute", _rate, "log-ins per account and address together"),
    Setting("LOGIN_ADDRESS_LIMIT", "60/minute", _rate, "log-ins per address"),
    Setting("REGISTER_LIMIT", "30/hour", _rate, "registrations per address"),
    Setting("REFRESH_LIMIT", "60/minute", _rate, "token refreshes per address"),
    Setting("TRIGGER_LIMIT", "5/second;30/minute", _rate, "telemetry triggers per user"),
    Setting("EVENTS_LIMIT", "120/minute", _rate, "batches of client events per user or address"),
    Setting("PASSWORD_LIMIT", "10/minute", _rate, "password checks outside log-in, per user"),
    Setting("RATE_LIMITS_ENABLED", "true", _flag, "whether limits are enforced at all"),
    Setting(
        "PASSWORD_HASH_MEMORY_KIB", "19456", _positive, "argon2id: memory of one password hash"
    ),
    Setting("PASSWORD_HASH_PASSES", "2", _positive, "argon2id: passes over that memory"),
    Setting("MAX_BODY_BYTES", "1048576", _positive, "largest request body, avatars aside"),
    Setting("DATABASE_POOL_SIZE", "5", _positive, "connections each process keeps open"),
    Setting("DATABASE_POOL_OVERFLOW", "5", _integer, "connections beyond those, under load"),
    Setting("STATEMENT_TIMEOUT_MS", "5000", _positive, "longest SQL statement of a request"),
    Setting("LOCK_TIMEOUT_MS", "3000", _positive, "longest wait for a row's lock"),
    Setting("REDIS_TIMEOUT_MS", "250", _positive, "longest wait for Redis before going on without"),
    Setting(
        "LIST_CACHE_SECONDS", "120", _integer, "how long the default list stays cached; 0: never"
    ),
    Setting(
        "EVENT_QUEUE_SIZE", "10000", _positive, "implicit events a process holds before it drops"
    ),
)


def load_settings(
    environ: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Read all settings, `overrides` (already parsed values) winning over the environment.

    Raises ConfigError naming every missing or malformed setting at once.
    """
    environ = os.environ if environ is None else environ
    overrides = overrides or {}
    settings: dict[str, Any] = {}
    problems: list[str] = []
    for setting in SETTINGS:
        raw = environ.get(setting.name) or setting.default
        if setting.name in overrides:
            raw = overrides[setting.name]
        if isinstance(raw, str):
            try:
                settings[setting.name] = setting.parse(raw)
            except ValueError as error:
                problems.append(f"{setting.name} {error}")
        else:
            settings[setting.name] = raw
    if settings.get("APP_ENV") == "production":
        problems += [
            f"{setting.name} is not set ({setting.meaning.split(';')[0].split(',')[0]})"
            for setting in SETTINGS
            if setting.required_in_production and not settings.get(setting.name)
        ]
    secret = settings.get("SECRET_KEY")
    if secret and len(secret.encode()) < SHORTEST_SECRET:
        problems.append(f"SECRET_KEY must be at least {SHORTEST_SECRET} bytes")
    if problems:
        raise ConfigError("The configuration is not complete:\n- " + "\n- ".join(problems))
    return _derived(settings)


def _derived(settings: dict[str, Any]) -> dict[str, Any]:
    """Fill in the settings whose default depends on others."""
    instance = (ROOT / settings["INSTANCE_DIR"]).resolve()
    settings["INSTANCE_DIR"] = str(instance)
    settings["MEDIA_DIR"] = str(
        ROOT / settings["MEDIA_DIR"] if settings["MEDIA_DIR"] else instance / "media"
    )
    settings["FRONTEND_ORIGINS"] = settings["FRONTEND_ORIGINS"] or ("http://localhost:5173",)
    if settings["SECURE_COOKIES"] is None:
        settings["SECURE_COOKIES"] = settings["APP_ENV"] == "production"
    return settings


def development_secret(instance_dir: str) -> str:
    """The development secret of this checkout, made once and shared by all its processes."""
    path = Path(instance_dir) / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        # Written aside and linked into place, so that no process can read half a secret.
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_text()
