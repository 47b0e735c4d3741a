"""One log line and one metric sample per answered request."""

import time
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

from common.database.connections import statement_time
from common.http.auth import current_user_id
from common.operations.logging import write_line
from common.operations.metrics.request_counts import count_request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# The route in a request's WSGI environment, once it is known.
ROUTE_KEY = "marketplace.route"
# Probes and scrapes come every few seconds and say nothing about clients; metrics count them.
UNLOGGED_ROUTES = {"/healthz", "/readyz", "/metrics"}


def init_app(app: Flask) -> None:
    """Log every request. Flask runs these functions in reverse order, so this one comes first."""
    app.after_request(log_response)


def log_response(response: Response) -> Response:
    """Count and log the request that Flask has answered."""
    url_rule = request.url_rule
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    rule = url_rule.rule if url_rule else "unmatched"
    log_request(request.environ, rule, response.status_code, seconds, current_user_id())
    return response


def log_request(
    environ: "WSGIEnvironment",
    rule: str,
    status: int,
    seconds: float,
    user_id: int | None,
) -> None:
    """Count an answered request and write its log line; `rule` is the route's URL rule."""
    method = environ["REQUEST_METHOD"]
    environ[ROUTE_KEY] = rule
    count_request(rule, method, status, seconds, *statement_time.spent())
    if rule not in UNLOGGED_ROUTES:
        write_line(
            "info",
            "request",
            request_id=environ.get("marketplace.request_id"),
            method=method,
            route=rule,
            status=status,
            duration_ms=round(seconds * 1000, 1),
            user_id=user_id,
        )
