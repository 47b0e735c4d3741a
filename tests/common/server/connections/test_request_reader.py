"""Where a request ends, however it arrives in pieces."""

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.server.connections.request_reader import RequestReader, Stage
from common.server.limits import LARGEST_HEAD, MOST_SMALL_CHUNKS, SMALL_CHUNK

LIMIT = 1000
ASCII = "".join(map(chr, range(33, 128)))
HEAD = b"POST /x HTTP/1.1\r\nHost: a\r\n"
PLAIN = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
SIZED = HEAD + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\nx\r\n0\r\n\r\n"
TRAILED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\na\r\n\r\n0\r\nX-Sum: 1\r\n\r\n"
WHOLE = {
    "no body": PLAIN,
    "an empty line in front": b"\r\n" + PLAIN,
    "a body of known length": SIZED,
    "an empty body": HEAD + b"content-length: 0\r\n\r\n",
    "chunks": CHUNKED,
    "chunks with a trailer": TRAILED,
}
IN_CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MALFORMED = {
    "two lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
    "a length and chunks": HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a length that is none": HEAD + b"Content-Length: +5\r\n\r\n",
    "digits of another script": HEAD + "Content-Length: ٥\r\n\r\n".encode(),
    "chunks twice": HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n",
    "a coding above chunks": HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n",
    "a length and a coding": HEAD
    + b"Content-Length: 5\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "an unknown coding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n",
    "a chunk without a size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a line feed in a chunk's extension": IN_CHUNKS + b"0;a=b\nX\r\n\r\n",
    "a carriage return in a chunk's extension": IN_CHUNKS + b"2;a=\rb\r\nab\r\n0\r\n\r\n",
    "a line feed in a trailer": IN_CHUNKS + b"0\r\na: b\nc: d\r\n\r\n",
    "very many chunks of a byte": IN_CHUNKS + b"1\r\nx\r\n" * (MOST_SMALL_CHUNKS + 1),
    "a trailer of very many lines": IN_CHUNKS + b"0\r\n" + b"a: b\r\n" * MOST_SMALL_CHUNKS,
    "a chunk longer than its size": IN_CHUNKS + b"2\r\nabcd\r\n0\r\n\r\n",
    "an endless chunk size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 9000,
    "bare line feeds": b"GET / HTTP/1.1\nHost: a\n\n",
}


def read(data, cuts=()):
    """The reader after `data` has come in pieces, cut at these places, until it is over."""
    reader = RequestReader(LIMIT)
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    for start, end in zip(places, places[1:], strict=False):
        if reader.stage in {Stage.EMPTY, Stage.HEAD, Stage.BODY} and start < end:
            reader.feed(data[start:end])
    return reader


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_a_request_is_complete_with_its_last_byte_and_not_before(data):
    reader = RequestReader(LIMIT)
    for index in range(len(data)):
        assert reader.stage is not Stage.COMPLETE
        reader.feed(data[index : index + 1])
    assert reader.stage is Stage.COMPLETE
    assert reader.take() == data
    assert reader.rest == b""


def test_a_body_may_have_any_number_of_chunks_that_are_not_small():
    chunk = b"%x\r\n%s\r\n" % (SMALL_CHUNK, b"x" * SMALL_CHUNK)
    small = b"1\r\nx\r\n" * (MOST_SMALL_CHUNKS - 1)
    data = IN_CHUNKS + chunk * 3 * MOST_SMALL_CHUNKS + small + b"0\r\n\r\n"
    reader = RequestReader(len(data), data)
    assert reader.stage is Stage.COMPLETE
    assert reader.take() == data


@given(
    st.sampled_from([*WHOLE.values()]),
    st.lists(st.integers(0, 400)),
    st.binary(max_size=40),
)
def test_pieces_make_no_difference_and_what_follows_is_left_over(data, cuts, following):
    reader = RequestReader(LIMIT)
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    for start, end in zip(places, places[1:], strict=False):
        reader.feed(data[start:end] if end < len(data) else data[start:end] + following)
    assert reader.stage is Stage.COMPLETE
    assert reader.take() == data
    assert reader.rest == following


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("cuts", [(), (10, 30), range(200)])
def test_what_has_no_certain_end_is_malformed_and_given_out_whole(data, cuts):
    reader = read(data, cuts)
    assert reader.stage is Stage.MALFORMED
    assert data.startswith(reader.take())


@pytest.mark.parametrize(
    "lines",
    [
        b"Transfer-Encoding: gzip, chunked",
        b"transfer-encoding: GZIP ,Chunked",
        b"Transfer-Encoding: identity, chunked",
        b"Transfer-Encoding: deflate, gzip, chunked",
        b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
    ],
)
def test_a_coding_below_the_chunks_is_unsupported(lines):
    assert read(HEAD + lines + b"\r\n\r\n").stage is Stage.UNSUPPORTED_CODING


def test_a_body_beyond_the_limit_is_not_waited_for():
    assert read(HEAD + b"Content-Length: 1001\r\n\r\n").stage is Stage.TOO_LARGE
    assert read(HEAD + b"Content-Length: 999999999999999999\r\n\r\n").stage is Stage.TOO_LARGE
    assert read(HEAD + b"Content-Length: 1000\r\n\r\n").stage is Stage.BODY
    endless = HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n" + b"x" * (LARGEST_HEAD + 2000)
    assert read(endless).stage is Stage.TOO_LARGE


def test_a_head_beyond_the_limit_is_not_waited_for():
    assert read(b"GET /" + b"a" * (LARGEST_HEAD + 1)).stage is Stage.HEAD_TOO_LARGE
    long = PLAIN[:-2] + b"X: " + b"a" * LARGEST_HEAD + b"\r\n\r\n"
    assert read(long).stage is Stage.HEAD_TOO_LARGE


@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_no_bytes_whatever_are_a_failure(data, cuts):
    read(data, cuts).take()


@given(st.binary(max_size=100), st.lists(st.integers(0, 200)))
def test_no_chunks_whatever_are_a_failure(data, cuts):
    read(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + data, cuts).take()


@given(st.text(st.characters(min_codepoint=33, exclude_categories=["Cs"]), min_size=1))
def test_raw_text_in_an_address_is_percent_encoded(text):
    data = f"GET /?q={text} HTTP/1.1\r\nX: é\r\n\r\n".encode()
    line, rest = read(data).take().split(b"\r\n", 1)
    assert line.isascii()
    assert rest == "X: é\r\n\r\n".encode()
    encoded = line[len(b"GET /?q=") : -len(b" HTTP/1.1")].decode()
    assert encoded == quote(text, safe=ASCII)


def test_it_knows_whether_the_client_waits_and_where_it_comes_from():
    reader = read(HEAD + b"ORIGIN: https://a.example\r\nExpect: 100-Continue\r\n\r\n")
    assert reader.expects_continue
    assert reader.origin == "https://a.example"
    assert read(PLAIN).origin == ""
    assert not read(PLAIN).expects_continue


@pytest.mark.parametrize(
    ("lines", "hops", "named"),
    [
        ([], 1, ""),
        (["X-Forwarded-For: 192.0.2.1"], 1, "192.0.2.1"),
        (["x-forwarded-for:192.0.2.9 ,  192.0.2.1 "], 1, "192.0.2.1"),
        (["X-Forwarded-For: 192.0.2.9, 192.0.2.1"], 2, "192.0.2.9"),
        (["X-Forwarded-For: 192.0.2.9", "X-Forwarded-For: 192.0.2.1"], 2, "192.0.2.9"),
        (["X-Forwarded-For: 192.0.2.1"], 2, ""),
        (
            ['X-Forwarded-For: "198.51.100.1', "X-Forwarded-For: 192.0.2.1"],
            1,
            "192.0.2.1",
        ),
    ],
)
def test_the_client_is_the_one_that_the_outermost_trusted_proxy_names(lines, hops, named):
    head = "\r\n".join(["GET / HTTP/1.1", "Host: a", *lines, "", ""])
    reader = RequestReader(0, head.encode())
    assert reader.forwarded_for(hops) == named


LIES = b"\r\nX-Forwarded-For: 198.51.100.1\r\nOrigin: https://b.example\r\n"


@pytest.mark.parametrize(
    "following",
    [
        b"Content-Length: %d\r\n\r\n" % len(LIES) + LIES,
        b"Transfer-Encoding: chunked\r\n\r\n5" + LIES,
        b"Content-Length: 0\r\n\r\nGET / HTTP/1.1" + LIES,
        b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n" + LIES,
    ],
)
@pytest.mark.parametrize("cuts", [(), (3, 50, 90)])
def test_what_follows_the_head_names_no_client(following, cuts):
    reader = read(HEAD + b"X-Forwarded-For: 192.0.2.1\r\n" + following, cuts)
    assert reader.forwarded_for(1) == "192.0.2.1"
    assert reader.forwarded_for(2) == ""
    assert reader.origin == ""


def test_a_head_without_an_end_names_no_client():
    assert read(HEAD + b"X: a\nX-Forwarded-For: 192.0.2.1\r\n\r\n").forwarded_for(1) == ""


@given(
    st.lists(st.sampled_from([b"a", b":", b"\r", b"\n", b"\r\n"]), max_size=30).map(b"".join),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_a_line_feed_without_a_carriage_return_is_found_wherever_the_pieces_end(lines, cuts):
    data = b"GET / HTTP/1.1\r\nHost: a\r\nX-" + lines + b"\r\n\r\n"
    head = data[: data.index(b"\r\n\r\n")]
    is_bare = re.search(rb"(?<!\r)\n", head) is not None
    assert (read(data, cuts).stage is Stage.MALFORMED) == is_bare
