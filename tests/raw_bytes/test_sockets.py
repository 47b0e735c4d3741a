"""Bytes that no HTTP client would send, over a socket, to the real server."""

import json
import re
import socket
from urllib.parse import urlsplit

import pytest

from tests.factories import auth_header, make_tutor
from tests.raw_bytes.endpoints import contents

HOST = b"Host: localhost\r\n"
END = b"Connection: close\r\n\r\n"


def get(path=b"/healthz", headers=b"", version=b"HTTP/1.1"):
    return b"GET " + path + b" " + version + b"\r\n" + HOST + headers + END


def post(headers, body=b"", path=b"/api/auth/login/"):
    head = b"POST " + path + b" HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
    return head + headers + END + body


LOGIN = b'{"email": "nobody@example.org", "password": "a long walk"}'
LENGTH = b"Content-Length: %d\r\n" % len(LOGIN)
CHUNKED = b"Transfer-Encoding: chunked\r\n"

REFUSED = {
    "no request at all": b"\x00\x01\x02\x03\r\n\r\n",
    "a TLS greeting": bytes.fromhex("16030100a5010000a10303") + bytes(64) + b"\r\n\r\n",
    "an HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no path": b"GET\r\n" + HOST + END,
    "HTTP/0.9": b"GET /\r\n\r\n",
    "a version that does not exist": get(version=b"HTTP/9.9"),
    "a version that is none": get(version=b"FTP/1.1"),
    "a method that is none": b"G@T /healthz HTTP/1.1\r\n" + HOST + END,
    "an endless path": get(b"/" + b"a" * 20_000),
    "an endless header": get(headers=b"X-Long: " + b"a" * 20_000 + b"\r\n"),
    "too many headers": get(headers=b"".join(b"X-%d: 1\r\n" % n for n in range(200))),
    "a header without a colon": get(headers=b"Authorization Bearer secret-token\r\n"),
    "a space before the colon": get(headers=b"X-Odd : 1\r\n"),
    "a folded header": get(headers=b"X-Odd: a\r\n b\r\n"),
    "NUL in a header": get(headers=b"X-Odd: a\x00b\r\n"),
    "a bare carriage return": get(headers=b"X-Odd: a\rX-Evil: 1\r\n"),
    "a header without a name": get(headers=b": 1\r\n"),
    "a length below zero": post(b"Content-Length: -1\r\n", LOGIN),
    "a length that is none": post(b"Content-Length: abc\r\n", LOGIN),
    "a length with a sign": post(b"Content-Length: +%d\r\n" % len(LOGIN), LOGIN),
    "two lengths": post(LENGTH + b"Content-Length: 3\r\n", LOGIN),
    "a length beyond all": post(b"Content-Length: 99999999999999999999\r\n", LOGIN),
    "a length and chunks": post(LENGTH + CHUNKED, b"0\r\n\r\n"),
    "chunks twice": post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"),
    "an unknown coding": post(b"Transfer-Encoding: xchunked\r\n", LOGIN),
    "a chunk size that is none": post(CHUNKED, b"zz\r\nabc\r\n0\r\n\r\n"),
    "a chunk that ends early": post(CHUNKED, b"ff\r\n{}\r\n0\r\n\r\n"),
    "an endless chunk size": post(CHUNKED, b"f" * 5000 + b"\r\n"),
    "an unknown expectation": post(b"Expect: the-unexpected\r\n" + LENGTH, LOGIN),
    "NUL in the path": get(b"/api/marketplace/tutors/%00/"),
    "a path beyond UTF-8": get(b"/api/marketplace/tutors/\xff\xfe/"),
    "a path to the parent": get(b"/../../../../etc/passwd"),
    "a way out of the media": get(b"/media/../../../../etc/passwd"),
    "an encoded way out": get(b"/media/%2e%2e/%2e%2e/%2e%2e/etc/passwd"),
    "a way out with slashes encoded": get(b"/media/..%2f..%2f..%2fetc%2fpasswd"),
    "a way out with backslashes": get(b"/media/..\\..\\etc\\passwd"),
    "an encoded twice way out": get(b"/media/%252e%252e%252fetc/passwd"),
    "an absolute path in the media": get(b"/media//etc/passwd"),
    "a listing of the media": get(b"/media/avatars/"),
    "NUL in the media": get(b"/media/avatars/a.webp%00.png"),
    "a hidden file of the media": get(b"/media/.git/config"),
    "a half written file": get(b"/media/avatars/abc.part"),
    "a password over chunks": post(CHUNKED, b"%x\r\n%s\r\n0\r\n\r\n" % (len(LOGIN), LOGIN)),
}
HARMLESS = {
    "bare line feeds": b"GET /healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n",
    "no host": b"GET /healthz HTTP/1.1\r\n" + END,
    "a host that is none": b"GET /healthz HTTP/1.1\r\nHost: a b\r\n" + END,
    "two hosts": get(headers=b"Host: evil.example\r\n"),
    "an absolute address": get(b"http://evil.example/healthz"),
    "an address to connect to": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + END,
    "options of all": b"OPTIONS * HTTP/1.1\r\n" + HOST + END,
    "a fragment": get(b"/healthz#frag"),
    "a path with two slashes": get(b"//evil.example/%2e%2e"),
    "two tokens": get(b"/api/users/me/", b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"),
    "two cookies": post(b"Cookie: refresh=a\r\nCookie: refresh=b\r\n", path=b"/api/auth/refresh/"),
    "two conditions": get(
        b"/api/marketplace/tutors/", b'If-None-Match: "a"\r\nIf-None-Match: *\r\n'
    ),
    "two keys": post(
        b"Idempotency-Key: a\r\nIdempotency-Key: b\r\n", path=b"/api/me/activity/trigger/"
    ),
    "a trace": b"TRACE /healthz HTTP/1.1\r\n" + HOST + END,
    "a method of its own": b"BREW /healthz HTTP/1.1\r\n" + HOST + END,
    "half a body": post(b"Content-Length: 5000\r\n", LOGIN),
    "a body behind a GET": get(headers=b"Content-Length: 2\r\n") + b"{}",
    "underscores for dashes": get(headers=b"X_Request_ID: a\r\nContent_Length: 9\r\n"),
}


@pytest.fixture
def exchange(live_server, settings):
    """Sends bytes, reads what comes back to the end; afterwards nothing has changed."""
    address = urlsplit(live_server.url)
    before = contents(settings["DATABASE_URL"])

    def exchange(data):
        with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # It has refused and hung up before it had read all.
            received = b""
            try:
                while piece := connection.recv(65536):
                    received += piece
            except ConnectionResetError:
                pass
            return received

    yield exchange
    assert contents(settings["DATABASE_URL"]) == before
    assert b" 200 OK" in exchange(get())


def read(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
    return int(line.split()[1]), headers, body


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_is_malformed_is_refused_with_a_problem_document(app, exchange, data):
    status, headers, body = read(exchange(data))
    assert 400 <= status < 500 or status == 501
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-content-type-options"] == "nosniff"
    problem = json.loads(body)
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    assert headers["x-request-id"] in problem["instance"]
    assert "secret-token" not in body.decode() and "passwd" not in body.decode()


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS)
def test_what_is_odd_does_no_harm(app, exchange, data):
    answer = exchange(data)
    if not answer:
        return  # Without the rest of what was announced there is nobody to answer.
    status, headers, _ = read(answer)
    assert status < 500 or status == 501
    if status >= 400:
        assert headers["content-type"] == "application/problem+json"
    assert "evil" not in str(headers)


def test_a_second_request_hidden_in_the_first_one_is_not_carried_out(app, live_server, settings):
    """Request smuggling: a length and chunks that disagree about where a request ends."""
    tutor = make_tutor()
    token = auth_header(tutor)["Authorization"].encode()
    before = contents(settings["DATABASE_URL"])
    hidden = (
        b"DELETE /api/me/avatar/ HTTP/1.1\r\n" + HOST + b"Authorization: " + token + b"\r\n\r\n"
    )
    address = urlsplit(live_server.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(
            b"POST /api/auth/logout/ HTTP/1.1\r\n"
            + HOST
            + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            + hidden
        )
        connection.shutdown(socket.SHUT_WR)
        answers = b""
        try:
            while piece := connection.recv(65536):
                answers += piece
        except ConnectionResetError:
            pass
    assert answers.count(b"HTTP/1.1 ") == 1
    assert contents(settings["DATABASE_URL"]) == before


def test_the_log_does_not_quote_malformed_requests(app, exchange, live_server):
    exchange(REFUSED["a header without a colon"])
    assert "secret-token" not in live_server.log.read_text(encoding="utf-8", errors="replace")


UKRAINIAN = b"Accept-Language: uk-UA, en;q=0.2\r\n"
UNREAD_BY_FLASK = {
    501: b"POST / HTTP/1.1\r\n" + HOST + UKRAINIAN + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    431: get(headers=UKRAINIAN + b"X-Long: " + b"a" * 70_000),
    400: get(headers=UKRAINIAN + b"X-Odd : 1\r\n"),
}


@pytest.mark.parametrize("status", UNREAD_BY_FLASK)
def test_what_no_view_sees_is_refused_in_the_readers_language(app, exchange, status):
    found, headers, body = read(exchange(UNREAD_BY_FLASK[status]))
    assert (found, headers["content-language"]) == (status, "uk")
    assert re.search("[а-яіїє]", json.loads(body)["detail"])


def test_the_language_of_one_request_is_not_that_of_the_next(app, exchange):
    first = get(headers=UKRAINIAN).replace(b"Connection: close", b"Connection: keep-alive")
    answers = exchange(first + get(headers=b"X-Odd : 1\r\n"))
    assert answers.count(b"HTTP/1.1 ") == 2
    assert b"Content-Language: en\r\n" in answers and b"Content-Language: uk" not in answers
