"""Every setting of the service: its environment variable, default, range and meaning.

The README's table is checked against `SETTINGS` by a test.
"""

from dataclasses import replace
from pathlib import Path

from common.config import setting_types as types
from common.config.limit_settings import LIMITS
from common.config.mail_settings import MAIL_SETTINGS
from common.config.setting_types import Setting, flag, integer, one_of, rates, text

ROOT = Path(__file__).resolve().parents[2]

# What an operator may still have set, and what to do instead.
REMOVED = {
    "DATABASE_POOL_OVERFLOW": (
        "is no setting any more: DATABASE_POOL_SIZE alone says how many connections a process may"
        " open, all counted"
    ),
}
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
        "PostgreSQL 15 to 18, `postgresql://…` as libpq reads it, a Unix socket too (`?host=/folder`);"
        " unset: an embedded server under `instance/`",
        required_in_production=True,
    ),
    Setting(
        "READ_DATABASE_URLS",
        None,
        types.database_urls,
        "streaming replicas of it for reads, `postgresql://…` each, white space or commas between them;"
        " one that is not up to date, or fails, is not used, and the primary answers",
    ),
    Setting(
        "REDIS_URL",
        None,
        types.redis_url,
        "Redis 6.2 or newer, `redis://…`, `unix://…`, `redis+sentinel://…` or `redis+cluster://…`; unset:"
        " an embedded server under `instance/`",
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
    Setting(
        "INSTANCE_DIR",
        "instance",
        text,
        "where embedded servers and media keep their data",
    ),
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
        "SESSION_DAYS",
        "90",
        integer(1, 3660),
        "how long a session lives at most after its log-in",
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
    *(
        replace(each, parse_in_production=types.effective_rates) if each.parse is rates else each
        for each in LIMITS
    ),
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
        "10",
        integer(6, 500),
        "connections to the primary PostgreSQL that a process opens at most, all counted: twice its"
        " threads and two (one writes events, one sends mails) is enough for all to be served at once",
    ),
    Setting(
        "DATABASE_POOLING",
        "session",
        one_of("session", "transaction"),
        "what a pooler such as PgBouncer in front of PostgreSQL lends: `session`, also for no pooler at"
        " all, or `transaction`, for which `flask role-settings` is needed",
    ),
    Setting(
        "STATEMENT_TIMEOUT_MS",
        "5000",
        integer(50, 60_000),
        "longest SQL statement of a request",
        parse_in_production=integer(500, 60_000),
    ),
    Setting(
        "READ_DATABASE_TIMEOUT_MS",
        "500",
        integer(10, 10_000),
        "longest wait for a replica before the primary is asked",
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
        "WORD_INDEX_MB",
        "48",
        integer(0, 4096),
        "memory of each process for bitmaps of words that searches repeat; 0: all searches are answered by"
        " SQL",
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
