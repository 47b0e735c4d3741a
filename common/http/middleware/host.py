"""Which names the service answers to, and the address of the client that calls it."""

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from common.translation import Message, lazy_gettext

# RFC 3986 §3.2.2, as far as a server can be named so: a registered name, IPv4, or IPv6 in brackets.
# A name has labels of at most 63 characters (RFC 1123 §2.1; containers' names have underscores),
# and a port may be empty (RFC 3986 §3.2.3).
LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HOST = re.compile(rf"(\[[0-9A-Fa-f:.]{{2,45}}\]|{LABEL}(?:\.{LABEL})*\.?)(?::([0-9]{{0,5}}))?")
LONGEST_NAME = 253
LARGEST_PORT = 65535
PORT = re.compile(r":[0-9]{1,5}")
# With all that gateways add. Texts are cached, so that longer ones would fill the memory.
LONGEST_ADDRESS = 128
# Called by the machine's address, by probes that know no other name of it.
OPERATIONS_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


@lru_cache(1024)
def host_error(host: str, trusted: tuple[str, ...]) -> Message | None:
    """What is wrong with a Host header as one sentence, or None.

    `trusted` are the names the service answers to, a leading dot including the sub-domains; without
    any, every well-formed host is right.
    """
    match = HOST.fullmatch(host)
    if match is None or not _is_address(match[1], match[2]):
        return lazy_gettext("The Host header is not a host name with an optional port.")
    name = match[1].lower().rstrip(".")
    if not trusted or any(_is_named(name, each.lower()) for each in trusted):
        return None
    return lazy_gettext(
        "The service does not answer to this host name; its operator lists those it does."
    )


def _is_address(name: str, port: str | None) -> bool:
    """Whether a name and a port of the right characters can be those of a server."""
    if port and not 1 <= int(port) <= LARGEST_PORT:
        return False
    if not name.startswith("["):
        return len(name.removesuffix(".")) <= LONGEST_NAME
    try:
        IPv6Address(name[1:-1])
    except ValueError:
        return False
    return True


def _is_named(name: str, trusted: str) -> bool:
    trusted = trusted.partition(":")[0] if not trusted.startswith("[") else trusted
    return name == trusted.lstrip(".") or (trusted.startswith(".") and name.endswith(trusted))


def host_of(environ: Mapping[str, Any]) -> str:
    """The host and port that a request names, or those of the server when it names none.

    An empty port is left out, with its colon (RFC 3986 §3.2.3).
    """
    named: str = environ.get("HTTP_HOST", "").removesuffix(":")
    return named or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"


def named_client(forwarded_for: str, hops: int) -> str:
    """Whom the outermost of so many trusted proxies names as its client in `X-Forwarded-For`, of which
    each proxy adds one; empty if none does.

    Every comma counts: that header has no quoted strings, and whatever a client has sent, a quote that
    it opened included, stands before what proxies add.
    """
    names = forwarded_for.split(",")
    return names[-hops].strip() if 0 < hops <= len(names) else ""


def client_address(text: str) -> str:
    """The IP address in the text of a `REMOTE_ADDR` or of a hop in `X-Forwarded-For`.

    Gateways add ports, brackets, quotes and zones, which would make one client look like many.
    What holds no address is the empty string: all such callers count as one.
    """
    return _parsed_address(text) if len(text) <= LONGEST_ADDRESS else ""


@lru_cache(4096)
def _parsed_address(text: str) -> str:
    address = text.strip().strip('"')
    if address.startswith("["):
        address, _, port = address[1:].partition("]")
        if port and not PORT.fullmatch(port):
            return ""
    elif address.count(":") == 1:
        address = PORT.sub("", address)
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)
