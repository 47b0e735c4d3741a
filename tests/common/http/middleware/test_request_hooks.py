import json
import uuid

import pytest

ORIGIN = {"Origin": "https://app.example"}


@pytest.mark.parametrize("given", ["abc", "A-1_2.3", "x" * 128])
def test_a_well_formed_request_id_is_taken_and_echoed(probe, given):
    answer = probe.get("/nowhere", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given
    assert answer.json["instance"] == f"urn:request:{given}"


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "é", "a/b"])
def test_another_request_id_is_replaced_by_a_new_one(probe, given):
    answer = probe.get("/nowhere", headers={"X-Request-ID": given})
    made = answer.headers["X-Request-ID"]
    assert str(uuid.UUID(made)) == made
    assert answer.json["instance"] == f"urn:uuid:{made}"


def test_a_uuid_given_as_request_id_is_a_uuid_urn(probe):
    given = str(uuid.uuid4())
    assert (
        probe.get("/nowhere", headers={"X-Request-ID": given}).json["instance"]
        == f"urn:uuid:{given}"
    )


def test_an_allowed_origin_may_call_with_credentials_and_read_our_headers(probe):
    answer = probe.get("/probe/query/", headers=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    for name in (
        "ETag",
        "Link",
        "Location",
        "Retry-After",
        "RateLimit",
        "RateLimit-Policy",
        "X-Request-ID",
        "Idempotent-Replayed",
        "Content-Language",
    ):
        assert name in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://app.example.evil", ""])
def test_another_origin_gets_no_permission(probe, origin):
    answer = probe.get("/probe/query/", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


def test_a_preflight_is_answered_for_every_path(probe):
    for path in ("/probe/people/", "/probe/document", "/probe/me/"):
        answer = probe.options(path, headers={**ORIGIN, "Access-Control-Request-Method": "PATCH"})
        assert answer.status_code == 204
        methods = answer.headers["Access-Control-Allow-Methods"].split(", ")
        assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(methods)
        allowed = answer.headers["Access-Control-Allow-Headers"]
        for name in ("Authorization", "Content-Type", "X-Request-ID", "If-Match", "If-None-Match"):
            assert name in allowed
        assert "Idempotency-Key" in allowed


def test_errors_carry_cors_and_security_headers_too(probe):
    answer = probe.get("/nowhere", headers=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_strict_transport_is_asked_for_behind_tls_only(build):
    client = build(SECURE_COOKIES=True).test_client()
    secure = client.get("/probe/query/", base_url="https://localhost")
    assert "max-age" in secure.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in client.get("/probe/query/").headers


def test_forwarded_headers_count_only_as_many_hops_as_configured(build):
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "api.example"}
    path = "/probe/numbers/?size=5"
    trusting = build(PROXY_HOPS=1).test_client().get(path, headers=forwarded)
    assert trusting.json["next"].startswith("https://api.example/")
    ignoring = build().test_client().get(path, headers=forwarded)
    assert ignoring.json["next"].startswith("http://localhost/")


@pytest.mark.parametrize("scheme", ["javascript", "data:,", "HTTPS", "http://elsewhere.example/?"])
def test_no_forwarded_protocol_makes_links_of_another_scheme(build, scheme):
    forwarded = {"X-Forwarded-Proto": scheme, "X-Forwarded-Host": "api.example"}
    answer = build(PROXY_HOPS=1).test_client().get("/probe/numbers/?size=5", headers=forwarded)
    assert answer.json["next"].startswith("http://api.example/")


def test_an_untrusted_host_is_refused_with_a_problem_document(build):
    client = build(TRUSTED_HOSTS=("api.example",)).test_client()
    assert client.get("/probe/query/", base_url="http://api.example").status_code == 200
    answer = client.get("/probe/query/", base_url="http://evil.example")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("path", ["/%ff", "/probe/raise/%00/", "/a%ed%a0%80"])
def test_an_address_that_is_no_text_is_a_400(probe, path):
    assert probe.get(path).status_code == 400


def test_every_request_is_one_json_line_without_secrets(probe, bearer, capsys):
    headers = {**bearer(7), "X-Request-ID": "r-1"}
    probe.get("/probe/me/?secret=hush", headers=headers)
    (line,) = [each for each in capsys.readouterr().out.splitlines() if "r-1" in each]
    event = json.loads(line)
    assert event["route"] == "/probe/me/"
    assert event["status"] == 422 or event["status"] == 200
    assert event["user_id"] == 7
    assert event["method"] == "GET"
    assert event["duration_ms"] >= 0
    assert "hush" not in line and headers["Authorization"][7:] not in line
