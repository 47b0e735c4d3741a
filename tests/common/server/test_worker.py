"""The real server over sockets: clients that are slow, refused before they have sent all, or odd."""

import json
import socket
import subprocess
import time
from contextlib import ExitStack
from urllib.parse import quote, urlsplit

import pytest

from common.server.limits import LARGEST_BODY
from profiles.avatars.images import LARGEST_FILE
from profiles.avatars.routes import ENVELOPE
from tests.factories import as_user, make_tutor

HOST = b"Host: localhost\r\n"
GET = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
ENGLISH = b"Accept-Language: en\r\n"
ORIGIN = b"Origin: http://localhost:5173\r\n"
PUBLIC = ["tutors/", "facets/", "suggestions/"]


@pytest.fixture
def connect(live_server):
    """Opens connections; all are closed at the end."""
    address = urlsplit(live_server.url)
    with ExitStack() as stack:

        def connect(sent=b""):
            connection = socket.create_connection((address.hostname, address.port), timeout=30)
            stack.enter_context(connection)
            connection.sendall(sent)
            return connection

        yield connect


def answer(connection):
    """The next answer on the connection: its status, its headers and its body."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        assert piece, received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
    if not headers.get("content-length"):
        return int(line.split()[1]), headers, body
    while len(body) < int(headers["content-length"]):
        body += connection.recv(65536)
    return int(line.split()[1]), headers, body[: int(headers["content-length"])]


def upload(size, headers=b""):
    head = b"POST /api/me/avatar/ HTTP/1.1\r\n" + HOST + headers
    head += b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n" % size
    return head + b"x" * size


@pytest.mark.parametrize(
    "beginning",
    [
        b"G",
        b"GET /healthz HTTP/1.1\r\nHost: a",
        b"POST /api/auth/login/ HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{",
        b"POST /api/auth/login/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"",
    ],
)
def test_slow_clients_occupy_no_thread(connect, live_server, beginning):
    """There are two workers of four threads."""
    slow = [connect(beginning) for _ in range(150)]
    for connection in [connect() for _ in range(5)]:
        connection.sendall(GET)
        assert answer(connection)[0] == 200
    for connection in slow:
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)


BUNDLE = b"GET /api/docs/assets/swagger-ui-bundle.js HTTP/1.1\r\n" + HOST + b"\r\n"


def test_clients_that_do_not_read_their_answers_occupy_no_thread(live_server, connect):
    """There are two workers of four threads; the answer is larger than what systems buffer."""
    address = urlsplit(live_server.url)
    with ExitStack() as stack:
        slow = []
        for _ in range(40):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(60)
            connection.connect((address.hostname, address.port))
            connection.sendall(BUNDLE)
            slow.append(connection)
        for connection in [connect() for _ in range(5)]:
            connection.sendall(GET)
            assert answer(connection)[0] == 200
        status, headers, body = answer(slow[0])
        assert status == 200
        assert len(body) == int(headers["content-length"]) > 1_000_000
        if headers["connection"] == "keep-alive":
            # Of so many connections the worker may end some, for another worker to have them.
            slow[0].sendall(GET)
            assert answer(slow[0])[0] == 200, "the connection goes on"


def test_a_client_that_leaves_before_it_has_read_its_answer_harms_nobody(connect):
    for _ in range(20):
        connect(BUNDLE).close()
    assert answer(connect(GET))[0] == 200


def test_a_request_that_came_byte_by_byte_is_answered(connect):
    connection = connect()
    for index in range(len(GET)):
        connection.sendall(GET[index : index + 1])
    assert answer(connection)[0] == 200


def test_requests_sent_at_once_are_answered_one_after_the_other(connect):
    assert statuses(connect(GET + GET + upload(10) + GET)) == [200, 200, 401, 200]


def statuses(connection):
    """The statuses of all answers until the server waits for more."""
    connection.settimeout(3)
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except TimeoutError:
        pass
    return [int(each[:3]) for each in received.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("size", [151_000, 1_500_000, LARGEST_FILE, LARGEST_FILE + ENVELOPE])
def test_a_body_of_any_allowed_size_is_read_though_its_caller_is_refused(connect, size):
    connection = connect(upload(size, b"Authorization: Bearer expired\r\n"))
    status, headers, body = answer(connection)
    assert status == 401
    assert json.loads(body)["code"] == "invalid_token"
    connection.sendall(GET)
    assert answer(connection)[0] == 200, "the connection goes on"


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, 20_000_000])
@pytest.mark.parametrize("path", [b"/api/me/avatar/", b"/api/auth/login/"])
def test_a_larger_body_is_refused_and_what_comes_is_discarded(connect, size, path):
    request = upload(size).replace(b"/api/me/avatar/", path, 1)
    connection = connect(request)
    status, headers, body = answer(connection)
    assert status in {401, 413}
    assert headers["connection"] == "close"
    assert connection.recv(10) == b""


def test_the_largest_body_holds_an_avatar():
    assert LARGEST_BODY > LARGEST_FILE + ENVELOPE


@pytest.mark.parametrize("size", [LARGEST_FILE + ENVELOPE + 1, LARGEST_BODY + 1, 20_000_000])
def test_the_refusal_of_too_large_a_picture_names_the_limit_of_pictures(app, client, connect, size):
    me = as_user(client, make_tutor())
    token = me.environ_base["HTTP_AUTHORIZATION"].encode()
    status, _, body = answer(connect(upload(size, ENGLISH + b"Authorization: " + token + b"\r\n")))
    assert status == 413
    assert json.loads(body)["detail"] == "An avatar may be at most 5 MiB large."


def test_a_client_that_expects_a_100_continue_gets_one(connect):
    head, _, body = upload(1000, b"Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    connection = connect(head + b"\r\n\r\n")
    assert answer(connection)[0] == 100
    connection.sendall(body)
    assert answer(connection)[0] == 401


def test_a_compressed_transfer_is_a_501_that_a_browser_may_read(connect):
    head = upload(0).replace(b"Content-Length: 0", ORIGIN + b"Transfer-Encoding: gzip, chunked")
    connection = connect(head + b"3\r\nabc\r\n0\r\n\r\n")
    status, headers, body = answer(connection)
    assert (status, json.loads(body)["code"]) == (501, "not_implemented")
    assert headers["connection"] == "close"
    assert headers["access-control-allow-origin"] == "http://localhost:5173"
    assert connection.recv(10) == b""


def test_a_client_that_waits_with_too_large_a_body_is_refused_before_it_sends(connect):
    head = upload(LARGEST_BODY + 1, b"Expect: 100-continue\r\n").partition(b"\r\n\r\n")[0]
    assert answer(connect(head + b"\r\n\r\n"))[0] in {401, 413}


@pytest.mark.parametrize("words", ["математика", "żółw", "п'ять", "🎓", "ü"])
@pytest.mark.parametrize("path", PUBLIC)
def test_raw_utf_8_in_a_query_means_what_its_escapes_mean(app, client, connect, path, words):
    name = "q" if path == "suggestions/" else "search"
    raw = f"/api/marketplace/{path}?{name}={words}"
    escaped = f"/api/marketplace/{path}?{name}={quote(words)}"
    answers = [
        answer(connect(b"GET " + each.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n"))
        for each in (raw, escaped)
    ]
    assert answers[0][0] == answers[1][0] == 200
    assert answers[0][2] == answers[1][2]


@pytest.mark.parametrize(
    "path",
    [
        "/api/marketplace/tutors/я/",
        "/api/marketplace/tutors/я/similar/",
        "/media/я.png",
        "/я",
    ],
)
def test_raw_utf_8_in_a_path_names_nothing(connect, path):
    status, _, body = answer(connect(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()))
    assert status == 404
    assert json.loads(body)["code"] == "not_found"


def test_octets_that_are_no_utf_8_are_a_400(connect):
    assert answer(connect(b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n"))[0] == 400


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /" + b"a" * 5000, 414),
        (b"GET /x", 431),
        (b"GET /y", 431),
        (b"G@T /", 400),
    ],
)
def test_a_browser_may_read_what_is_wrong_with_a_malformed_request(connect, request_line, status):
    padding = b"X-Long: " + b"a" * (70_000 if request_line == b"GET /y" else 9000) + b"\r\n"
    more = padding if status == 431 else b""
    data = request_line + b" HTTP/1.1\r\n" + HOST + ORIGIN + more + b"\r\n"
    got, headers, body = answer(connect(data))
    assert got == json.loads(body)["status"] == status
    assert headers["access-control-allow-origin"] == "http://localhost:5173"
    assert "Origin" in headers["vary"]
    other = data.replace(b"localhost:5173", b"evil.example!!")
    assert "access-control-allow-origin" not in answer(connect(other))[1]


@pytest.mark.parametrize(
    "header",
    [
        b"X-Forwarded-Proto: https",
        b"X-Forwarded-Ssl: on",
        b"X-Forwarded-Protocol: ssl",
        b"X-Forwarded-Host: evil.example",
        b"X-Forwarded-Prefix: /evil",
        b"SCRIPT_NAME: /api",
        b"Forwarded: host=evil.example;proto=https",
    ],
)
def test_what_no_trusted_proxy_has_said_is_not_believed(app, client, connect, header):
    for _ in range(2):
        make_tutor()
    request = b"GET /api/marketplace/tutors/?page_size=1 HTTP/1.1\r\n" + HOST + header + b"\r\n\r\n"
    status, _, body = answer(connect(request))
    assert status in {200, 400}
    if status == 200:
        assert json.loads(body)["next"].startswith("http://localhost/api/marketplace/tutors/?")


def test_curl_sees_the_refusal_of_an_upload(live_server, tmp_path):
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(b"\xff\xd8" + b"x" * 3_000_000)
    command = ["curl", "-sS", "-o", tmp_path / "answer", "-w", "%{http_code}"]
    command += ["-F", f"avatar=@{picture}", "-H", "Authorization: Bearer expired"]
    done = subprocess.run(
        [*command, f"{live_server.url}/api/me/avatar/"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "401"), done.stderr
    assert json.loads((tmp_path / "answer").read_text())["code"] == "invalid_token"


@pytest.mark.slow
@pytest.mark.parametrize("beginning", [GET[:-2], upload(100)[:-50]])
def test_a_request_that_does_not_arrive_in_time_is_given_up(connect, beginning):
    connection = connect(beginning)
    began = time.monotonic()
    status, _, body = answer(connection)
    assert status == 408
    assert json.loads(body)["code"] == "request_timeout"
    assert time.monotonic() - began > 5
    assert connection.recv(1) == b""
