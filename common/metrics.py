"""Prometheus metrics, summed over all workers of a machine."""

from prometheus_client import Counter, Histogram

REQUESTS = Histogram(
    "http_request_seconds",
    "Time to answer a request",
    ["route", "method", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
EVENTS_DROPPED = Counter("activity_events_dropped", "Implicit events dropped by a full queue")


def observe_request(route: str, method: str, status: int, seconds: float) -> None:
    REQUESTS.labels(route, method, str(status)).observe(seconds)
