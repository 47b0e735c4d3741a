"""What of a request is stored with an event."""

import pytest

from activity.recording.request_context import RequestContext, current_request_context, elapsed_ms


@pytest.fixture
def request_context_of(app):
    def read(**headers):
        with app.test_request_context(headers=headers):
            return current_request_context()

    return read


@pytest.mark.parametrize(
    "referrer, stored",
    [
        ("https://app.example/tutors?search=%D1%8F#top", "https://app.example/tutors"),
        ("https://name:secret@app.example/", "https://app.example/"),
        ("https://app.example", "https://app.example"),
        ("http://[::1]:5173/a", "http://[::1]:5173/a"),
        ("javascript:alert(1)", None),
        ("file:///home/olena/notes", None),
        ("https://[broken", None),
        ("not an address", None),
        ("", None),
    ],
)
def test_of_the_referring_page_only_origin_and_path_are_stored(
    request_context_of, referrer, stored
):
    assert request_context_of(Referer=referrer).referrer == stored


def test_long_headers_are_cut(request_context_of):
    context = request_context_of(
        Referer="https://app.example/" + "a" * 5000, **{"User-Agent": "u" * 5000}
    )
    assert len(context.referrer) == 500
    assert len(context.user_agent) == 300


def test_control_characters_are_left_out(request_context_of):
    assert request_context_of(**{"User-Agent": "a\x01b\x7fc"}).user_agent == "abc"


def test_outside_of_a_request_nothing_is_known():
    assert current_request_context() == RequestContext(None, None, None)
    assert elapsed_ms() is None
