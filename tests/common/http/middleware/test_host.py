"""The Host header, the names the service answers to, and the client's address behind proxies."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

from common.http.middleware.host import _parsed_address, client_address, host_error, named_client

ADDRESSES = {
    "203.0.113.8": "203.0.113.8",
    "203.0.113.8:40000": "203.0.113.8",
    " 203.0.113.8 ": "203.0.113.8",
    '"203.0.113.8:1"': "203.0.113.8",
    "[203.0.113.8]:80": "203.0.113.8",
    "2001:db8::1": "2001:db8::1",
    "2001:0DB8:0:0::0001": "2001:db8::1",
    "[2001:db8::1]": "2001:db8::1",
    "[2001:db8::1]:443": "2001:db8::1",
    '"[2001:db8::1]:443"': "2001:db8::1",
    "fe80::1%eth0": "fe80::1",
    "::ffff:203.0.113.8": "203.0.113.8",
    "[::ffff:203.0.113.8]:9": "203.0.113.8",
}
NO_ADDRESSES = [
    "",
    "unknown",
    "_hidden",
    "203.0.113",
    "203.0.113.256",
    "1.2.3.4:x",
    "[::1]x",
    "٣.1.1.1",
]
NO_ADDRESSES += [
    "203.0.113.8:1:2",
    "evil.example",
    "127.1",
    "0x7f.1.1.1",
    "[",
    "]",
    "[]:1",
    "a" * 300,
]


@pytest.mark.parametrize(("text", "address"), ADDRESSES.items())
def test_an_address_is_found_in_whatever_a_gateway_writes(text, address):
    assert client_address(text) == address


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address_counts_as_one_caller(text):
    assert client_address(text) == ""


@given(st.ip_addresses(v=4), st.integers(0, 65535))
def test_a_port_never_makes_another_caller(address, port):
    assert client_address(f"{address}:{port}") == client_address(str(address)) == str(address)


@given(st.text(max_size=60))
def test_no_text_whatever_is_a_failure(text):
    client_address(text)
    host_error(text, ("api.example",))


def test_a_text_too_long_for_an_address_is_none_and_is_not_remembered():
    before = _parsed_address.cache_info().currsize
    assert client_address("203.0.113.8" + " " * 8000) == ""
    assert _parsed_address.cache_info().currsize == before


@given(st.text(st.sampled_from('",\\ a1.'), max_size=20))
def test_nothing_that_a_client_sends_hides_what_the_proxies_add(sent):
    assert named_client(f"{sent}, 203.0.113.8, 10.0.0.1", 2) == "203.0.113.8"
    assert named_client(f"{sent}, 203.0.113.8", 1) == "203.0.113.8"


def test_a_client_that_opens_a_quote_is_still_limited_by_its_address(build, redis_url, janitor):
    janitor.clean()
    app = build(REDIS_URL=redis_url, TRIGGER_LIMIT="2/minute", PROXY_HOPS=1)
    sent = [
        "203.0.113.8",
        "x, 203.0.113.8",
        '", 203.0.113.8',
        '"\\, 203.0.113.8',
        '198.51.100.1, "a, 203.0.113.8',
    ]
    answers = [
        app.test_client().post("/probe/limited/", headers={"X-Forwarded-For": each})
        for each in sent
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429, 429]
    other = app.test_client().post("/probe/limited/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert other.status_code == 200
    janitor.clean()


def test_ports_of_a_forwarded_client_share_its_limit(build, redis_url, janitor):
    janitor.clean()
    app = build(REDIS_URL=redis_url, TRIGGER_LIMIT="2/minute", PROXY_HOPS=1)
    hops = [
        "203.0.113.8:40000",
        "203.0.113.8:40001",
        '"203.0.113.8:4"',
        "[203.0.113.8]:5",
    ]
    answers = [
        app.test_client().post("/probe/limited/", headers={"X-Forwarded-For": each})
        for each in hops
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    garbage = [
        app.test_client().post("/probe/limited/", headers={"X-Forwarded-For": each})
        for each in ("a", "b", "c")
    ]
    assert [answer.status_code for answer in garbage] == [200, 200, 429]
    janitor.clean()


MALFORMED_HOSTS = [
    "",
    " ",
    "a b",
    "[::1",
    "a@b",
    "a:1:2",
    "a:999999",
    "a/b",
    "<script>",
    "a,b",
    ".",
    "..",
    "a..b",
    ".a",
    "-a-",
    "a-.b",
    "a:0",
    "a:99999",
    "a:65536",
    ":80",
    "[::1]:0",
    "a" * 64,
    ".".join(["a" * 63] * 4),
]
MALFORMED_HOSTS += [
    "\xff",
    "a%20b",
    "a?b",
    "a#b",
    "::1",
    "[zz]",
    "x" * 300,
    "a:80x",
    'a"b',
]


@pytest.mark.parametrize("host", MALFORMED_HOSTS)
@pytest.mark.parametrize("path", ["/probe/numbers/?size=5", "/nowhere", "/healthz"])
def test_a_malformed_host_is_a_400_that_says_so(probe, host, path):
    answer = probe.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert answer.json["code"] == "invalid_host"
    assert "Host" in answer.json["detail"]


@pytest.mark.parametrize("host", ["[1:2:3]", "[1.2.3.4]", "[::1::]", "[.]"])
def test_brackets_hold_an_ipv6_address(host):
    assert host_error(host, ()) == "The Host header is not a host name with an optional port."


@pytest.mark.parametrize(
    "host",
    [
        "api.example",
        "API.example:8000",
        "api.example.:65535",
        "127.0.0.1",
        "[::1]:8000",
        "[::ffff:127.0.0.1]",
        "a_b",
        "_a.b--c:1",
        ".".join(["a" * 61] * 4),
    ],
)
def test_any_well_formed_host_serves_unless_names_are_set(probe, host):
    answer = probe.get("/probe/numbers/?size=5", headers={"Host": host})
    assert answer.json["next"].startswith(f"http://{host}/probe/numbers/")


def test_the_address_says_what_is_wrong_with_it(probe):
    assert probe.get("/probe/%00/").json["detail"] == "The address must not contain NUL (%00)."
    assert probe.get("/probe/%ff/").json["detail"] == "The address is not valid UTF-8 text."


def test_an_empty_port_is_left_out(probe):
    answer = probe.get("/probe/numbers/?size=5", headers={"Host": "api.example:"})
    assert answer.json["next"].startswith("http://api.example/probe/numbers/")


@pytest.mark.parametrize("path", ["/probe/query/", "/nowhere", "/healthz"])
def test_http_1_1_needs_a_host_and_http_1_0_does_not(probe_app, path):
    def answer(protocol):
        environ = EnvironBuilder(path=path).get_environ()
        del environ["HTTP_HOST"]
        return run_wsgi_app(probe_app, environ | {"SERVER_PROTOCOL": protocol}, buffered=True)

    body, status, _ = answer("HTTP/1.1")
    assert status.startswith("400 ")
    problem = json.loads(b"".join(body))
    assert (problem["code"], problem["detail"]) == (
        "invalid_host",
        "The Host header is missing.",
    )
    assert not answer("HTTP/1.0")[1].startswith("400 ")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("api.example", 200),
        ("api.example:8000", 200),
        ("API.Example", 200),
        ("api.example.", 200),
        ("a.tutors.example", 200),
        ("tutors.example", 200),
        ("evil.example", 400),
        ("api.example.evil", 400),
        ("xapi.example", 400),
        ("xtutors.example", 400),
        ("10.0.0.7", 400),
    ],
)
def test_only_trusted_names_are_answered_to(build, host, status):
    client = build(TRUSTED_HOSTS=("api.example", ".tutors.example")).test_client()
    answer = client.get("/probe/query/", headers={"Host": host})
    assert answer.status_code == status
    if status == 400:
        assert "does not answer to this host name" in answer.json["detail"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_may_call_by_address(build, path):
    client = build(TRUSTED_HOSTS=("api.example",)).test_client()
    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code in {200, 503}


def test_a_forwarded_host_is_judged_as_the_host_is(build):
    client = build(PROXY_HOPS=1, TRUSTED_HOSTS=("api.example",)).test_client()
    for forwarded, status in (
        ("api.example", 200),
        ("evil.example", 400),
        ("a b", 400),
    ):
        headers = {"Host": "backend", "X-Forwarded-Host": forwarded}
        assert client.get("/probe/query/", headers=headers).status_code == status
