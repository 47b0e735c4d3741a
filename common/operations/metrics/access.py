"""Access to `/metrics`: METRICS_TOKEN or, where none is set, a direct call from this machine."""

import hmac
import ipaddress
from typing import Any

from flask import current_app, request

from common.http.problems.errors import Forbidden, Unauthorized
from common.translation import lazy_gettext

# A proxy on this machine calls from a loopback address too; these headers show that it forwards.
FORWARDING_HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)

LOCAL_DETAIL = lazy_gettext("Metrics are for this machine alone unless METRICS_TOKEN is set.")
TOKEN_DETAIL = lazy_gettext("Metrics need the token that the operator has set.")


def require_metrics_access() -> None:
    """Raise Unauthorized for a wrong token, and Forbidden for a call that is not from this machine."""
    token = current_app.config["METRICS_TOKEN"]
    if token is None:
        if not is_direct_local_call(request.environ):
            raise Forbidden(LOCAL_DETAIL)
        return
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # Compared as bytes: the function refuses text beyond ASCII.
    if scheme.lower() != "bearer" or not hmac.compare_digest(
        given.strip().encode(), token.encode()
    ):
        raise Unauthorized(TOKEN_DETAIL, headers={"WWW-Authenticate": "Bearer"})


def is_direct_local_call(environ: dict[str, Any]) -> bool:
    """Whether the peer of the connection itself is this machine, and no proxy speaks for another."""
    if any(header in environ for header in FORWARDING_HEADERS):
        return False
    # Where proxies are trusted, the address was replaced by what they say.
    before_proxies = environ.get("werkzeug.proxy_fix.orig", environ)
    try:
        peer = ipaddress.ip_address(before_proxies.get("REMOTE_ADDR") or "")
    except ValueError:
        return False
    mapped = getattr(peer, "ipv4_mapped", None)
    return bool((mapped or peer).is_loopback)
