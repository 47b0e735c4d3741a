"""A body is read whole or refused, however its length is told."""

import io

import pytest
from werkzeug.test import create_environ
from werkzeug.wrappers import Response

PEOPLE = "/probe/people/"
LIMIT = 4_096
PERSON = b'{"name": "Ada"}'


@pytest.fixture
def limited(build):
    return build(MAX_BODY_BYTES=LIMIT)


class Pieces:
    """A stream that gives no more at once than a server may have received."""

    def __init__(self, data):
        self._data = io.BytesIO(data)

    def read(self, size=-1):
        return self._data.read(min(size, 700) if size >= 0 else 700)


def post(app, body, length=None, stream=io.BytesIO, path=PEOPLE, content_type="application/json"):
    """As from a server that tells the end of bodies; those without a length were sent in chunks."""
    environ = create_environ(path, method="POST") | {"CONTENT_TYPE": content_type}
    environ.pop("CONTENT_LENGTH", None)
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    environ |= {"wsgi.input": stream(body), "wsgi.input_terminated": True}
    return Response.from_app(app, environ)


@pytest.mark.parametrize("stream", [io.BytesIO, Pieces])
@pytest.mark.parametrize("is_declared", [True, False])
def test_no_body_beyond_the_limit_is_cut_to_it(limited, is_declared, stream):
    for size, status in ((100, 201), (LIMIT, 201), (LIMIT + 1, 413), (LIMIT * 5, 413)):
        body = PERSON.ljust(size)
        answer = post(limited, body, size if is_declared else None, stream)
        assert answer.status_code == status, size
        rubbish = PERSON.ljust(LIMIT) + b"}}}" * (size > LIMIT)
        expected = 413 if size > LIMIT else 201
        length = len(rubbish) if is_declared else None
        assert post(limited, rubbish, length, stream).status_code == expected


@pytest.mark.parametrize("stream", [io.BytesIO, Pieces])
def test_a_body_that_ends_before_its_length_is_refused(limited, stream):
    for missing in (1, 10, 1_000):
        answer = post(limited, PERSON, len(PERSON) + missing, stream)
        assert answer.status_code == 400
        assert answer.mimetype == "application/problem+json"
    assert post(limited, b"", 10, stream).status_code == 400
    assert post(limited, PERSON, len(PERSON), stream).status_code == 201


def test_a_form_beyond_the_limit_is_too_large_though_its_length_is_unknown(limited):
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    for size, status in ((100, 200), (LIMIT * 3, 413)):
        body = head + b"a" * size + b"\r\n--x--\r\n"
        multipart = "multipart/form-data; boundary=x"
        answer = post(limited, body, path="/probe/upload/", content_type=multipart)
        assert answer.status_code == status, answer.get_data()


def test_a_view_that_needs_no_body_acts_on_none_that_is_cut(limited):
    path = "/probe/limited/"
    assert post(limited, b"", path=path).status_code == 200
    assert post(limited, b"x" * LIMIT, LIMIT, path=path).status_code == 200
    assert post(limited, b"x", LIMIT + 1, path=path).status_code == 413
    assert post(limited, b"x" * (LIMIT + 1), path=path).status_code == 413
    assert post(limited, b"x", 2, path=path).status_code == 400
