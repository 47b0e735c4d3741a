"""How queries, JSON bodies and forms are read."""

import io

import pytest

PEOPLE = "/probe/people/"
JSON = "application/json"


def post(probe, body, content_type=JSON, **headers):
    return probe.post(PEOPLE, data=body, content_type=content_type, headers=headers)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (rb'{"name": "x \ud83d"}', ("name",)),
        (rb'{"name": "\uDC00"}', ("name",)),
        (rb'{"name": "\ude00\ud83d"}', ("name",)),
        (rb'{"name": "a\u0000b"}', ("name",)),
        (rb'{"name": "x", "nested": {"name": "\ud800"}}', ("nested", "name")),
        (rb'{"name": "x", "age": ["\ud83d"]}', ("age", "0")),
        (rb'{"name": "x", "bad \ud83d key": 1}', ("bad � key",)),
    ],
)
def test_half_a_character_is_a_422_under_its_field(probe, body, path):
    answer = post(probe, body)
    assert answer.status_code == 422
    found = answer.json["errors"]["json"]
    for key in path:
        found = found[key]
    assert "half characters" in found[0]
    assert answer.json["detail"].startswith(".".join(path))


def test_a_whole_emoji_is_text_however_it_is_escaped(probe):
    assert post(probe, rb'{"name": "\ud83d\ude00"}').json["value"]["name"] == "\U0001f600"
    assert post(probe, '{"name": "\U0001f600"}'.encode()).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        rb'{"name": "\ud83d"',
        rb'{"name": "\ud83d", "age": NaN}',
        b'{"name": "\\ud83d\xff"}',
        b'{"name": "\\ud83d\n"}',
        rb'{"name": "\ud83d", "a": ' + b"[" * 5000,
        rb'{"name": "\ud83d"} {}',
    ],
)
def test_half_a_character_does_not_let_malformed_json_through(probe, body):
    answer = post(probe, body)
    assert answer.status_code == 400
    assert answer.json["code"] == "malformed_json"


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "GZIP", "gzip, br", "zstd", "x-own"])
def test_a_compressed_body_is_a_415_that_says_what_is_accepted(probe, encoding):
    answers = [
        post(probe, b"\x1f\x8b", **{"Content-Encoding": encoding}),
        probe.post("/probe/upload/", data=b"x", headers={"Content-Encoding": encoding}),
    ]
    for answer in answers:
        assert answer.status_code == 415
        assert answer.json["code"] == "unsupported_encoding"
        assert answer.headers["Accept-Encoding"] == "identity"


def test_identity_is_no_compression(probe):
    assert post(probe, b'{"name": "x"}', **{"Content-Encoding": "identity"}).status_code == 201


@pytest.mark.parametrize(
    ("charset", "status"),
    [("utf-8", 201), ("UTF-8", 201), ('"utf8"', 201), ("us-ascii", 201)]
    + [(each, 415) for each in ("utf-16", "windows-1251", "iso-8859-1", "utf-7", "koi8-u")],
)
def test_json_is_utf_8(probe, charset, status):
    assert post(probe, b'{"name": "x"}', f"{JSON}; charset={charset}").status_code == status


def test_a_byte_order_mark_is_skipped(probe):
    assert post(probe, b'\xef\xbb\xbf{"name": "x"}').status_code == 201
    assert post(probe, b"\xef\xbb\xbf").status_code == 400
    assert post(probe, b'\xef\xbb\xbf\xef\xbb\xbf{"name": "x"}').status_code == 400


@pytest.mark.parametrize(
    ("number", "age"), [("30.0", 30), ("3e1", 30), ("0.0", 0), ("-0.0", 0), ("1.5e2", 150)]
)
def test_a_whole_number_is_an_integer_however_it_is_written(probe, number, age):
    answer = post(probe, f'{{"name": "x", "age": {number}}}'.encode())
    assert answer.json["value"]["age"] == age
    assert isinstance(answer.json["value"]["age"], int)


@pytest.mark.parametrize("number", ["30.5", "1e-1", "150.1", "151.0", "1e300", "-1.0", '"30.0"'])
def test_another_number_is_not(probe, number):
    answer = post(probe, f'{{"name": "x", "age": {number}}}'.encode())
    assert answer.status_code == 422
    assert "age" in answer.json["errors"]["json"]


@pytest.mark.parametrize(
    "query", ["size=", "only=", "tags=", "sort=", "cursor=", "letters=", "size=&only=&tags=&sort="]
)
def test_an_empty_parameter_is_as_if_it_were_not_there(probe, query):
    answer = probe.get(f"/probe/query/?{query}")
    assert answer.json == {"value": {"size": 20, "sort": "up", **answer.json["value"]}}
    assert answer.json["value"].get("tags", []) == []


def test_an_empty_parameter_beside_a_full_one_is_left_out(probe):
    assert probe.get("/probe/query/?size=&size=5").json["value"]["size"] == 5
    assert probe.get("/probe/query/?tags=&tags=a").json["value"]["tags"] == ["a"]


def test_an_unknown_parameter_is_refused_though_it_is_empty(probe):
    assert probe.get("/probe/query/?unknown=").status_code == 422


@pytest.mark.parametrize("text", ["a", "abc"])
def test_a_fixed_length_is_named_in_the_message(probe, text):
    answer = probe.get(f"/probe/query/?letters={text}")
    assert answer.json["detail"] == "letters: Must be exactly 2 characters long."


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/probe/items/1/", 200),
        ("GET", "/probe/document/", 200),
        ("GET", "/probe/anyone/", 200),
        ("PATCH", "/probe/document/", 200),
        ("POST", PEOPLE, 201),
    ],
)
def test_an_operation_without_parameters_refuses_any(probe, method, path, status):
    body = {"json": {"name": "x"}} if path == PEOPLE else {}
    for query in ("", "?", "?&"):
        assert probe.open(path + query, method=method, **body).status_code == status
    for query in ("?unknown=1", "?page_size=5", "?unknown=", "?a&b", "?%D0%B0=1"):
        answer = probe.open(path + query, method=method, **body)
        assert answer.status_code == 422, query
        assert set(answer.json["errors"]) == {"query"}


def test_who_may_not_call_is_refused_before_a_parameter_is(probe):
    assert probe.get("/probe/me/?unknown=1").status_code == 401


def upload(probe, data, content_type="multipart/form-data; boundary=b"):
    return probe.post("/probe/upload/", data=data, content_type=content_type)


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data;"],
)
def test_a_form_without_a_boundary_is_a_400_that_says_what_it_lacks(probe, content_type):
    answer = upload(probe, b"--b\r\n\r\n--b--", content_type)
    assert answer.status_code == 400
    assert answer.json["code"] == "malformed_form"
    assert "boundary" in answer.json["detail"]


def test_text_in_the_place_of_a_file_is_named_as_that(probe):
    answer = probe.post("/probe/upload/", data={"file": "text"}, content_type="multipart/form-data")
    assert answer.json["errors"] == {"files": {"file": ["Must be a file."]}}
    answer = probe.post("/probe/upload/", data={"role": "x"}, content_type="multipart/form-data")
    assert answer.json["errors"] == {"files": {"role": ["Unknown field."]}}


def test_a_file_is_a_file(probe):
    assert upload(probe, None).status_code == 422
    answer = probe.post("/probe/upload/", data={"file": (io.BytesIO(b"abc"), "a.txt")})
    assert answer.json == {"value": 3}


def part(disposition, content=b"x"):
    return b"--b\r\nContent-Disposition: form-data" + disposition + b"\r\n\r\n" + content + b"\r\n"


FILE = part(b'; name="file"; filename="a"')
END = b"--b--\r\n"
MALFORMED_FORMS = {
    "no closing boundary": (FILE, "closing"),
    "another boundary": (FILE.replace(b"--b", b"--c") + b"--c--\r\n", "boundaries"),
    "a file without a name": (part(b'; filename="a"') + END, "named parts"),
    "a text without a name": (FILE + part(b"") + END, "named parts"),
    "a part without headers": (b"--b\r\n\r\nx\r\n" + END, "not well formed"),
    "a name that is no UTF-8": (part(b'; name="\xff"') + END, "not well formed"),
    "no form": (b"x" * 1000, "not well formed"),
    "too many parts": (part(b'; name="a"') * 1001 + END, "too many parts"),
}


@pytest.mark.parametrize(("body", "reason"), MALFORMED_FORMS.values(), ids=MALFORMED_FORMS)
def test_a_malformed_form_is_a_400_that_says_why(probe, body, reason):
    answer = upload(probe, body)
    assert (answer.status_code, answer.json["code"]) == (400, "malformed_form")
    assert reason in answer.json["detail"]


def test_a_form_of_a_file_may_have_text_around_it(probe):
    assert upload(probe, b"preamble\r\n" + FILE + END + b"epilogue").json == {"value": 1}
