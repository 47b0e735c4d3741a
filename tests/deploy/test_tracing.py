"""The service started by `opentelemetry-instrument`: one span per request, and nothing private in it."""

import json
import sys
from importlib.util import find_spec

import pytest
import requests

from common.operations import tracing
from tests.factories import auth_header, make_tutor
from tests.live_server import LiveServer

LAUNCHER = "from opentelemetry.instrumentation.auto_instrumentation import run; run()"
CONSOLE = {
    "OTEL_TRACES_EXPORTER": "console",
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_LOGS_EXPORTER": "none",
    "OTEL_SERVICE_NAME": "marketplace",
}
LIST = "/api/marketplace/tutors/"
SECRETS = (
    "secret-search",
    "Oksana-Secret",
    "secret@example.org",
    "Bearer",
    "127.0.0.1",
    "secret-state",
)
ATTRIBUTES = {
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "marketplace.request_id",
    "marketplace.statements",
    "marketplace.statement_seconds",
}
IS_INSTALLED = (
    find_spec("opentelemetry") is not None
    and find_spec("opentelemetry.instrumentation") is not None
    and find_spec("opentelemetry.sdk") is not None
)
needs_opentelemetry = pytest.mark.skipif(not IS_INSTALLED, reason="no deploy/opentelemetry.txt")


def test_without_a_collector_nothing_is_wrapped(app):
    before = app.wsgi_app
    tracing.init_app(app)
    assert app.wsgi_app == before


def spans(text):
    """The spans among the lines of a log, which are JSON documents too."""
    decoder, at = json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        try:
            document, at = decoder.raw_decode(text, at)
        except ValueError:
            at += 1
            continue
        if "context" in document and "kind" in document:
            yield document


@pytest.fixture
def traced(settings, tmp_path):
    """Starts the traced service; called, it ends it and returns the spans of its requests."""
    log = tmp_path / "log"
    # The launcher would read gunicorn's options as its own without the dashes.
    launcher = [sys.executable, "-c", LAUNCHER, "--"]
    server = LiveServer(settings | CONSOLE, 1, 2, log, launcher=launcher)

    def end():
        server.stop()
        text = log.read_text()
        found = [each for each in spans(text) if each["kind"] == "SpanKind.SERVER"]
        return [each for each in found if each["name"] != "GET /healthz"]

    yield server.url, end
    server.stop()


@needs_opentelemetry
def test_each_request_is_one_span_without_anything_private(app, traced):
    url, end = traced
    tutor = make_tutor(first_name="Oksana-Secret", email="secret@example.org")
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    asked = [
        ("GET", LIST, 200),
        ("GET", LIST, 200),
        ("GET", f"{LIST}{tutor.id}/", 200),
        ("GET", f"{LIST}?search=secret-search", 200),
        ("GET", f"{LIST}999999999/", 404),
        ("GET", "/api/me/profile/", 200),
        ("GET", "/api/me/profile/?secret-search=1", 422),
        ("PATCH", "/api/me/profile/", 415),
        ("GET", "/secret-search", 404),
    ]
    ids = []
    for method, path, status in asked:
        headers = auth_header(tutor) if "/me/" in path else {}
        headers |= {
            "traceparent": f"00-{trace_id}-b7ad6b7169203331-01",
            "tracestate": "a=secret-state",
        }
        body = b"secret-search" if method == "PATCH" else None
        answer = requests.request(method, url + path, headers=headers, data=body, timeout=20)
        assert answer.status_code == status
        ids.append(answer.headers["X-Request-ID"])
    found = end()
    by_id = {span["attributes"]["marketplace.request_id"]: span for span in found}
    assert sorted(by_id) == sorted(ids) and len(found) == len(asked)
    for request_id, (method, path, status) in zip(ids, asked, strict=True):
        attributes = by_id[request_id]["attributes"]
        assert attributes["http.response.status_code"] == status
        assert attributes["http.request.method"] == method
        assert by_id[request_id]["kind"] == "SpanKind.SERVER"
        assert by_id[request_id]["context"]["trace_id"] == f"0x{trace_id}"
    assert by_id[ids[1]]["name"] == f"GET {LIST}"
    assert by_id[ids[1]]["attributes"]["marketplace.statements"] >= 1
    assert by_id[ids[2]]["name"] == f"GET {LIST}<int:tutor_id>/"
    assert by_id[ids[-1]]["name"] == "GET unmatched"
    told = json.dumps([{key: span[key] for key in span if key != "resource"} for span in found])
    assert [secret for secret in SECRETS if secret in told] == []
    for span in found:
        # None of which is of a person, and no further one.
        assert set(span["attributes"]) == ATTRIBUTES and span["events"] == []


@needs_opentelemetry
@pytest.mark.parametrize("malformed", ["x", "00-0-0-01", "00-" + "f" * 5000, "ff-" + "0" * 32])
def test_a_malformed_traceparent_begins_a_new_trace(traced, malformed):
    url, end = traced
    answer = requests.get(f"{url}{LIST}", headers={"traceparent": malformed}, timeout=20)
    assert answer.status_code == 200
    (span,) = end()
    assert span["parent_id"] is None
