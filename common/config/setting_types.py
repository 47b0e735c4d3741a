"""How the text of a setting becomes a value: one parser for each type of setting.

A parser takes the text and returns the value, or raises ValueError with what would be right. No
message quotes an address or a key: these may contain passwords.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

import psycopg2
from limits import parse_many
from psycopg2.extensions import parse_dsn

from common.redis.address import client_opener
from common.stores.address import parse_address

Parser = Callable[[str], Any]

MIN_SECRET_BYTES = 32
MIN_SECRET_CHARACTERS = 10
# The time of each call within a window is stored.
LARGEST_RATE = 10_000_000
LONGEST_WINDOW_SECONDS = 31 * 86_400
MOST_CALLS_A_SECOND = 100
PLACEHOLDER = re.compile(r"change.?me|your.?secret|secret.?key|placeholder|example|insecure", re.I)
HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?", re.I)
LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}
DEFAULT_PORTS = {"http": 80, "https": 443}
POSTGRES_SCHEMES = {"postgres", "postgresql", "postgresql+psycopg2"}
# A comma within an address stands between its hosts.
BETWEEN_URLS = re.compile(r"\s+|,\s*(?=[a-z0-9+]+://)", re.I)
# A folder that is never there: libpq checks every option before it looks for a socket in it.
NO_SERVER = "/nonexistent/tutor-marketplace"
NO_SERVER_FOUND = "connection to server on socket"


@dataclass(frozen=True)
class Setting:
    """One setting. `default` is written as the environment would hold it; None means unset."""

    name: str
    default: str | None
    parse: Parser
    meaning: str
    required_in_production: bool = False
    # Parses instead of `parse` where APP_ENV is production: a narrower range.
    parse_in_production: Parser | None = None

    def parse_for(self, environment: str, value: str) -> Any:
        """The value of the text. Raises ValueError with what would be right."""
        if environment == "production" and self.parse_in_production:
            return self.parse_in_production(value)
        return self.parse(value)


def text(value: str) -> str:
    """Any text, without surrounding white space."""
    if not value.isprintable():
        raise ValueError("must not contain control characters")
    return value.strip()


def integer(low: int, high: int) -> Parser:
    """A whole number from `low` to `high`, in ASCII digits."""

    def parse(value: str) -> int:
        stripped = value.strip()
        if re.fullmatch(r"[+-]?[0-9]{1,18}", stripped) and low <= int(stripped) <= high:
            return int(stripped)
        raise ValueError(f"must be a whole number from {low} to {high}")

    return parse


def flag(value: str) -> bool:
    lowered = value.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise ValueError("must be true or false")


def only_true(value: str) -> bool:
    """A flag that production does not let be switched off."""
    if not flag(value):
        raise ValueError("must not be false in production")
    return True


def one_of(*choices: str) -> Parser:
    """One of `choices`, in any case; the value is spelled as in the list."""
    by_lower = {choice.lower(): choice for choice in choices}

    def parse(value: str) -> str:
        try:
            return by_lower[value.strip().lower()]
        except KeyError:
            raise ValueError(f"must be one of {', '.join(choices)}") from None

    return parse


def rates(value: str) -> str:
    """Rate limits in the notation of the `limits` library, `5/second;30/minute`."""
    message = (
        "must be rates such as `5/second;30/minute`, each of 1 to"
        f" {LARGEST_RATE} calls within a month at most"
    )
    try:
        parsed = parse_many(value.strip())
    except ValueError:
        raise ValueError(message) from None
    for rate in parsed:
        is_counted = 1 <= rate.amount <= LARGEST_RATE and rate.multiples >= 1
        if not is_counted or rate.get_expiry() > LONGEST_WINDOW_SECONDS:
            raise ValueError(message)
    return value.strip()


def effective_rates(value: str) -> str:
    """Rates that some caller could exceed: larger ones are none, which production does not allow."""
    for rate in parse_many(rates(value)):
        if rate.amount > MOST_CALLS_A_SECOND * rate.get_expiry():
            raise ValueError(
                f"must allow at most {MOST_CALLS_A_SECOND} calls a second in production"
            )
    return value.strip()


def _parts(value: str) -> list[str]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not parts:
        raise ValueError("must name at least one")
    return parts


def origins(value: str) -> tuple[str, ...]:
    """Comma-separated origins, each as a browser writes it (RFC 6454): lower case, no default port.

    Raises ValueError for `*` and `null`, which no browser matches against a call with credentials.
    """
    return tuple(_origin(part) for part in _parts(value))


def secure_origins(value: str) -> tuple[str, ...]:
    """Origins of which each is https, or on this machine."""
    parsed = origins(value)
    for origin in parsed:
        if not origin.startswith("https://") and urlsplit(origin).hostname not in LOOPBACK_HOSTS:
            raise ValueError("must be https:// origins in production")
    return parsed


def _origin(part: str) -> str:
    message = "must be origins such as https://app.example, with scheme and without path"
    try:
        url = urlsplit(part.rstrip("/"))
        host, port = url.hostname, url.port
    except ValueError:
        raise ValueError(message) from None
    if url.scheme not in DEFAULT_PORTS or not host or _has_more(url) or not _is_host(host):
        raise ValueError(message)
    shown = f"[{host}]" if ":" in host else host.encode("idna").decode()
    return f"{url.scheme}://{shown}" + (
        f":{port}" if port not in {None, DEFAULT_PORTS[url.scheme]} else ""
    )


def _has_more(url: SplitResult) -> bool:
    return bool(url.path or url.query or url.fragment or url.username or url.password)


def hosts(value: str) -> tuple[str, ...]:
    """Comma-separated host names or addresses; one that begins with a dot means its subdomains too."""
    parsed = []
    for part in _parts(value):
        name = part.removeprefix(".").removeprefix("[").removesuffix("]").lower()
        if not _is_host(name):
            raise ValueError("must be host names such as api.example, without scheme and port")
        parsed.append(part.lower())
    return tuple(parsed)


def _is_host(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
        return True
    except ValueError:
        pass
    try:
        return bool(HOST_NAME.fullmatch(name.encode("idna").decode()))
    except UnicodeError:
        return False


def media_url(value: str) -> str:
    """The address of a store of files, a folder's or a bucket's."""
    parse_address(value)
    return value.strip()


def secrets(value: str) -> tuple[str, ...]:
    """Keys of at least 32 bytes each, comma-separated: the first one signs, all of them verify."""
    keys = tuple(key.strip() for key in value.split(","))
    if any(len(key.encode()) < MIN_SECRET_BYTES for key in keys):
        each = "" if len(keys) == 1 else " each, and commas separate several"
        raise ValueError(f"must be at least {MIN_SECRET_BYTES} bytes{each}")
    return keys


def strong_secrets(value: str) -> tuple[str, ...]:
    """Keys that nobody typed: no repetition, no placeholder of a manual."""
    keys = secrets(value)
    for key in keys:
        repeats = any(key[n:] == key[:-n] for n in range(1, len(key) // 2 + 1))
        if len(set(key)) < MIN_SECRET_CHARACTERS or repeats or PLACEHOLDER.search(key):
            raise ValueError(
                "is easy to guess: make one with"
                ' `python3 -c "import secrets; print(secrets.token_urlsafe(48))"`'
            )
    return keys


def bearer_token(value: str) -> str:
    """A token of at least 16 characters that an Authorization header can carry (RFC 6750)."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/-]{16,256}=*", value.strip()):
        raise ValueError("must be 16 to 256 letters, digits or ._~+/-")
    return value.strip()


def database_url(value: str) -> str:
    """The address of a PostgreSQL, checked by libpq itself without connecting."""
    scheme, separator, rest = value.strip().partition("://")
    if not separator or scheme.lower() not in POSTGRES_SCHEMES:
        raise ValueError("must start with postgresql:// or postgres://")
    url = f"postgresql://{rest}"
    try:
        parameters = parse_dsn(url)
        hosts_given = max(parameters.get(name, "").count(",") for name in ("host", "hostaddr"))
        parameters.pop("hostaddr", None)
        parameters["host"] = ",".join([NO_SERVER] * (hosts_given + 1))
        psycopg2.connect(**parameters).close()
    except (psycopg2.Error, UnicodeError) as error:
        if NO_SERVER_FOUND not in str(error):
            raise ValueError(f"is refused by libpq: {_without_address(error)}") from None
    return url


def database_urls(value: str) -> tuple[str, ...]:
    """Addresses of PostgreSQL servers with white space or commas between them, each as
    `database_url` has it. Raises ValueError naming every wrong one by its place."""
    urls, problems = [], []
    for number, part in enumerate(BETWEEN_URLS.split(value.strip().strip(",")), 1):
        try:
            urls.append(database_url(part))
        except ValueError as error:
            problems.append(f"address {number} {error}")
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(urls)


def _without_address(error: Exception) -> str:
    """What libpq says of an address, without the parts that may belong to its password."""
    message = str(error).strip().removeprefix("invalid dsn: ").splitlines()[0]
    message = re.sub(r'(token|integer value):? "[^"]*"', r"\1", message)
    return re.sub(r'( in URI)?:? "[^"]*[:@/][^"]*".*', "", message)


def redis_url(value: str) -> str:
    """The address of a Redis, checked by redis-py without connecting."""
    client_opener(value.strip(), timeout_seconds=1)
    return value.strip()
