"""One span per request for OpenTelemetry, where `opentelemetry-instrument` starts the service.

A span has the route, the method, the status, the request's id, and what its statements took. Addresses,
queries, headers, ids of people and the texts of exceptions stay out: what automatic instrumentation of
Flask, psycopg2 and Redis would add. Elsewhere nothing is wrapped, so that nothing is paid.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from common.database.connections import statement_time
from common.operations.access_log import ROUTE_KEY
from common.operations.metrics.request_counts import METHODS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

try:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import SpanKind, Status, StatusCode
    from opentelemetry.trace.propagation.tracecontext import (
        TraceContextTextMapPropagator,
    )
except ImportError:
    # The service does not need it.
    trace = None


def init_app(app: Flask) -> None:
    """Trace the requests of `app`, where traces are collected. To be called last."""
    if trace is not None and isinstance(trace.get_tracer_provider(), TracerProvider):
        # Flask's documented way to wrap an application, which its own types do not know.
        app.wsgi_app = _traced(app.wsgi_app)  # type: ignore[method-assign, assignment]


def _traced(inner: "WSGIApplication") -> "WSGIApplication":
    tracer = trace.get_tracer("tutor-marketplace")
    propagator = TraceContextTextMapPropagator()

    def application(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        # Of the caller's context its ids alone: `tracestate` is whatever somebody has written.
        parent = propagator.extract({"traceparent": environ.get("HTTP_TRACEPARENT", "")})
        method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in METHODS else "_OTHER"
        with tracer.start_as_current_span(
            method,
            parent,
            SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:

            def start_and_note(
                status: str, headers: list[tuple[str, str]], *rest: Any
            ) -> Callable[[bytes], object]:
                code = int(status.split(" ", 1)[0])
                span.set_attribute("http.response.status_code", code)
                if code >= 500:
                    span.set_status(Status(StatusCode.ERROR))
                return start(status, headers, *rest)

            body = inner(environ, start_and_note)
            route = environ.get(ROUTE_KEY, "unmatched")
            seconds, statements = statement_time.spent()
            span.update_name(f"{method} {route}")
            span.set_attributes(
                {
                    "http.request.method": method,
                    "http.route": route,
                    "marketplace.request_id": environ.get("marketplace.request_id", ""),
                    "marketplace.statements": statements,
                    "marketplace.statement_seconds": round(seconds, 6),
                }
            )
            return body

    return application
