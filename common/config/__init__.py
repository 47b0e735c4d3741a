"""Every setting of the service: its environment variable, default, range and meaning.

The README's table is checked against `SETTINGS` by a test.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from common.config import setting_types as types
from common.config.limit_settings import LIMITS
from common.config.mail_settings import DEVELOPMENT_SENDER, MAIL_SETTINGS, NO_MAIL
from common.config.setting_types import Setting, flag, integer, one_of, text

ROOT = Path(__file__).resolve().parents[2]
# OWASP's cheapest argon2id parameters, 7 MiB and five passes, as a product of the two.
MIN_HASH_WORK_KIB = 7168 * 5


class ConfigError(click.ClickException):
    """The configuration is incomplete or wrong; the message lists everything that is.

    A command ends with the message alone, without a traceback.
    """


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "APP_ENV",
        "development",
        one_of("development", "testing", "production"),
        "`development`, `testing` or `production`; production refuses to start half configured",
    ),
    Setting(
        "DATABASE_URL",
        None,
        types.database_url,
        "PostgreSQL 15 to 18, `postgresql://…` as libpq reads it; unset: an embedded server under"
        " `instance/`",
        required_in_production=True,
    ),
    Setting(
        "REDIS_URL",
        None,
        types.redis_url,
        "Redis 6.2 or newer, `redis://…`, `redis+sentinel://…` or `redis+cluster://…`; unset: an embedded"
        " server under `instance/`",
        required_in_production=True,
    ),
    Setting(
        "SECRET_KEY",
        None,
        types.secrets,
        "signs access tokens and cursors and encrypts the secrets of authenticators, at least 32 bytes;"
        " several, comma-separated: the first signs and encrypts, all verify and decrypt;"
        " unset: a random one kept in `instance/`",
        required_in_production=True,
        parse_in_production=types.strong_secrets,
    ),
    Setting(
        "FRONTEND_ORIGINS",
        None,
        types.origins,
        "origins that may call from a browser, comma-separated; unset: `http://localhost:5173`",
        required_in_production=True,
        parse_in_production=types.secure_origins,
    ),
    Setting(
        "TRUSTED_HOSTS",
        None,
        types.hosts,
        "host names the service answers to, comma-separated, `.example.org` with all subdomains;"
        " unset: any",
        required_in_production=True,
    ),
    *MAIL_SETTINGS,
    Setting(
        "PROXY_HOPS",
        "0",
        integer(0, 10),
        "how many reverse proxies stand in front and set `X-Forwarded-*`; 0 ignores those headers",
    ),
    Setting(
        "SECURE_COOKIES",
        None,
        flag,
        "mark the refresh cookie `Secure` and send HSTS; unset: true in production only",
        parse_in_production=types.only_true,
    ),
    Setting(
        "METRICS_TOKEN",
        None,
        types.bearer_token,
        "the bearer token `/metrics` asks for; unset: it answers direct calls from this machine only",
    ),
    Setting("INSTANCE_DIR", "instance", text, "where embedded servers and media keep their data"),
    Setting(
        "MEDIA_DIR",
        None,
        text,
        "where avatars are kept, if `MEDIA_URL` is unset; unset: `media` in `INSTANCE_DIR`",
    ),
    Setting(
        "MEDIA_URL",
        None,
        types.media_url,
        "where avatars are kept: `file:///a/folder`, or `s3://bucket/prefix?endpoint=https://…&region=…` with"
        " `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; unset: `MEDIA_DIR`",
    ),
    Setting(
        "LOG_LEVEL",
        "INFO",
        one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        "lowest level written to the log",
    ),
    Setting("ACCESS_TOKEN_MINUTES", "30", integer(1, 1440), "how long an access token lives"),
    Setting("REFRESH_TOKEN_DAYS", "30", integer(1, 400), "how long a refresh token lives"),
    Setting(
        "SESSION_DAYS", "90", integer(1, 3660), "how long a session lives at most after its log-in"
    ),
    Setting(
        "SESSIONS_PER_ACCOUNT",
        "50",
        integer(1, 1000),
        "sessions an account may have at once; a further log-in ends the longest unused one",
    ),
    Setting(
        "REFRESH_GRACE_SECONDS",
        "10",
        integer(0, 60),
        "how long a rotated refresh token is still accepted, as from a second tab, and not taken as stolen",
    ),
    Setting(
        "DEVICE_COOKIE_DAYS",
        "365",
        integer(1, 3660),
        "how long a browser proves an earlier log-in",
    ),
    Setting(
        "UNVERIFIED_ACCOUNT_DAYS",
        "30",
        integer(0, 36_500),
        "how long an account whose email nobody has verified is kept after its latest use; 0: for ever",
    ),
    Setting(
        "LOGIN_FAILED_EVENT_MINUTES",
        "10",
        integer(1, 1440),
        "minutes between two events of an account's failed log-ins in its owner's log, at least",
    ),
    *LIMITS,
    Setting(
        "PASSWORD_HASH_MEMORY_KIB",
        "19456",
        integer(8, 1_048_576),
        "argon2id: memory of one password hash",
        parse_in_production=integer(7168, 1_048_576),
    ),
    Setting("PASSWORD_HASH_PASSES", "2", integer(1, 20), "argon2id: passes over that memory"),
    Setting(
        "DATABASE_POOL_SIZE",
        "5",
        integer(1, 100),
        "connections that each of a process's two pools keeps open; events are written by one"
        " more, mails sent by another",
    ),
    Setting(
        "DATABASE_POOL_OVERFLOW",
        "5",
        integer(0, 100),
        "connections of each pool beyond those, under load",
    ),
    Setting(
        "STATEMENT_TIMEOUT_MS",
        "5000",
        integer(50, 60_000),
        "longest SQL statement of a request",
        parse_in_production=integer(500, 60_000),
    ),
    Setting("LOCK_TIMEOUT_MS", "3000", integer(10, 60_000), "longest wait for a row's lock"),
    Setting(
        "REDIS_TIMEOUT_MS",
        "250",
        integer(10, 10_000),
        "longest wait for Redis before going on without",
    ),
    Setting(
        "LIST_CACHE_SECONDS",
        "120",
        integer(0, 86_400),
        "how long the default list stays cached; 0: never",
    ),
    Setting(
        "FILTER_INDEX",
        "true",
        flag,
        "count and filter lists by bitmaps in each process; false: by SQL, with counts up to 1000",
    ),
    Setting(
        "EXPENSIVE_READS",
        "2",
        integer(1, 100),
        "searches for phrases and facets of searches that a process works on at once;"
        " beyond, they are a 503",
    ),
    Setting(
        "EVENT_QUEUE_SIZE",
        "10000",
        integer(1, 1_000_000),
        "implicit events a process holds before it drops",
        parse_in_production=integer(1000, 1_000_000),
    ),
    Setting(
        "DRAFT_RETENTION_DAYS",
        "400",
        integer(0, 36_500),
        "how long after its last save `flask maintain` leaves a draft; 0: for ever",
    ),
    Setting(
        "ACTIVITY_RETENTION_DAYS",
        "400",
        integer(0, 36_500),
        "how long events are kept, whole months at a time; 0: for ever",
    ),
    Setting(
        "ACTIVITY_ADDRESS_DAYS",
        "90",
        integer(0, 36_500),
        "how long events keep their IP address and user agent; 0: as long as the event",
    ),
    Setting(
        "INSIGHTS_RETENTION_DAYS",
        "400",
        integer(0, 36_500),
        "how long daily counts of views, appearances and searches are kept; 0: for ever",
    ),
)


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
    problems: list[str] = []
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
