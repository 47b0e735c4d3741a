"""The id that a client gives its request is that of every answer, also of those that no view gives."""

import json
import uuid

import pytest

from common.server.limits import LARGEST_HEAD

HOST = b"Host: localhost\r\n"
ID = b"X-Request-ID: the-client.s_own-1\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def get(headers=b"", target=b"/healthz"):
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + ID + headers + b"\r\n"


def post(headers, body=b""):
    path = b"POST /api/auth/login/ HTTP/1.1\r\n"
    return path + HOST + b"Content-Type: application/json\r\n" + ID + headers + b"\r\n" + body


REFUSED = {
    "a length and chunks": (400, post(b"Content-Length: 5\r\n" + CHUNKED, b"0\r\n\r\n")),
    "two hosts": (400, get(b"Host: other\r\n")),
    "a space before the colon": (400, get(b"X-Odd : 1\r\n")),
    "a bare line feed": (400, get(b"X-Odd: 1\nX-Odder: 2\r\n")),
    "nothing but line feeds": (400, get().replace(b"\r\n", b"\n")),
    "an unknown method": (400, get().replace(b"GET", b"G@T", 1)),
    "an unknown version": (400, get().replace(b"1.1", b"9.9", 1)),
    "a chunk size that is none": (400, post(CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n")),
    "a body that is cut off": (400, post(b"Content-Length: 5\r\n", b"{}")),
    "no such address": (404, get(target=b"/none")),
    "a long address": (414, get(target=b"/?a=" + b"a" * 9000)),
    "an unknown expectation": (417, get(b"Expect: the-unexpected\r\n")),
    "a long header": (431, get(b"X-Long: " + b"a" * 20_000 + b"\r\n")),
    "too many headers": (431, get(b"".join(b"X-%d: 1\r\n" % n for n in range(200)))),
    "a head beyond what is read": (431, get(b"X-Long: " + b"a" * LARGEST_HEAD + b"\r\n")),
    "such a head without an end": (431, get(b"X-Long: " + b"a" * LARGEST_HEAD)[:-2]),
    "a coded body": (501, post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n")),
}
NAMES = [b"X-Request-ID: the-client.s_own-1", b"x-request-id:the-client.s_own-1 \t"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("status", "data"), REFUSED.values(), ids=REFUSED)
def test_the_id_of_a_refused_request_is_its_clients(app, half_closed, status, data, name):
    found, headers, body = half_closed(data.replace(NAMES[0], name))
    assert found == status
    assert headers["x-request-id"] == "the-client.s_own-1"
    assert json.loads(body)["instance"] == "urn:request:the-client.s_own-1"


@pytest.mark.parametrize(("status", "data"), REFUSED.values(), ids=REFUSED)
def test_an_id_that_is_a_uuid_is_quoted_as_one(app, half_closed, status, data):
    given = str(uuid.uuid4())
    found, headers, body = half_closed(data.replace(b"the-client.s_own-1", given.encode()))
    assert (found, headers["x-request-id"]) == (status, given)
    assert json.loads(body)["instance"] == f"urn:uuid:{given}"


@pytest.mark.parametrize("given", [b"", b"a b", b"<script>", b"a" * 129, b"a\r\nX-Request-ID: b"])
@pytest.mark.parametrize(("status", "data"), REFUSED.values(), ids=REFUSED)
def test_in_place_of_what_is_no_id_or_several_stands_a_new_one(
    app, half_closed, status, data, given
):
    found, headers, body = half_closed(data.replace(b"the-client.s_own-1", given))
    assert found == status
    assert uuid.UUID(headers["x-request-id"]).version == 4
    assert json.loads(body)["instance"] == f"urn:uuid:{headers['x-request-id']}"


def test_one_request_does_not_have_the_id_of_the_last_on_its_connection(app, half_closed):
    bad = get(b"X-Odd : 1\r\n").replace(ID, b"")
    found, headers, _ = half_closed(get() + bad, answers=2)
    assert found == 400
    assert uuid.UUID(headers["x-request-id"])
