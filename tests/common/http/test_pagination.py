from base64 import urlsafe_b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.http.pagination import Position, make_cursor, paginate, read_cursor
from common.http.problems.errors import BadRequest
from tests.common.http.probe import NUMBERS

KEYS = st.tuples(st.integers(-(2**53), 2**53), st.text(max_size=20), st.integers(0, 2**31))


@pytest.fixture(autouse=True)
def _context(probe_app):
    with probe_app.app_context():
        yield


@given(key=KEYS, backward=st.booleans(), scope=st.text(max_size=20))
def test_a_cursor_reads_back_what_was_written(key, backward, scope):
    position = Position(key, backward)
    assert read_cursor(make_cursor(position, scope), scope) == position


@given(key=KEYS, scope=st.text(max_size=20), other=st.text(max_size=20))
def test_a_cursor_is_refused_by_a_list_of_another_scope(key, scope, other):
    token = make_cursor(Position(key), scope)
    if scope != other:
        with pytest.raises(BadRequest):
            read_cursor(token, other)


@given(token=st.text(max_size=80))
def test_a_made_up_cursor_is_refused(token):
    with pytest.raises(BadRequest):
        read_cursor(token, "scope")


@given(key=KEYS, index=st.integers(0, 200), replacement=st.sampled_from("ABCxyz019-_= \n"))
def test_a_cursor_changed_anywhere_is_refused(key, index, replacement):
    token = make_cursor(Position(key), "scope")
    at = index % len(token)
    changed = token[:at] + replacement + token[at + 1 :]
    if changed != token:
        with pytest.raises(BadRequest):
            read_cursor(changed, "scope")


def test_a_cursor_of_another_secret_is_refused(build):
    with build(SECRET_KEY="another secret of at least 32 bytes").app_context():
        token = make_cursor(Position((1,)), "scope")
    with pytest.raises(BadRequest):
        read_cursor(token, "scope")


@settings(deadline=None)
@given(
    rows=st.sets(st.integers(0, 60)).map(sorted),
    size=st.integers(1, 7),
    changes=st.lists(st.tuples(st.booleans(), st.integers(0, 60)), max_size=20),
)
def test_a_walk_repeats_nothing_and_skips_nothing_that_stood_throughout(rows, size, changes):
    table = set(rows)
    stood = set(rows)
    seen = []
    cursor = None
    pending = list(changes)

    def fetch(position, limit):
        after = sorted(row for row in table if position is None or row > position.key[0])
        return after[:limit]

    while True:
        page = paginate(fetch, lambda row: (row,), size, cursor, "scope")
        seen += page.rows
        if not page.has_more:
            break
        cursor = page.next_cursor
        if pending:
            added, row = pending.pop()
            (table.add if added else table.discard)(row)
            stood &= table
    assert len(seen) == len(set(seen))
    assert stood <= set(seen)
    assert seen == sorted(seen)


def walk(probe, url, key):
    pages = []
    while url:
        body = probe.get(url).json
        pages.append(body["results"])
        url = body[key]
    return pages


@pytest.mark.parametrize("size", [1, 7, 20, 47, 100])
def test_pages_forward_and_backward_are_the_same_pages(probe, size):
    forward = walk(probe, f"/probe/numbers/?size={size}", "next")
    assert [row for page in forward for row in page] == NUMBERS
    url = f"/probe/numbers/?size={size}"
    while (following := probe.get(url).json["next"]) is not None:
        url = following
    backward = walk(probe, url, "previous")
    assert [row for page in reversed(backward) for row in page] == NUMBERS


def test_the_envelope_keeps_other_parameters_and_says_the_same_in_the_link_header(probe):
    answer = probe.get("/probe/numbers?size=10&sort=down&only=true")
    body = answer.json
    assert body["results"] == NUMBERS[::-1][:10]
    assert body["has_more"] is True
    assert body["previous"] is None
    assert body["next"].startswith(
        "http://localhost/probe/numbers/?size=10&sort=down&only=true&cursor="
    )
    assert body["next"].endswith(body["next_cursor"])
    assert answer.headers["Link"] == f'<{body["next"]}>; rel="next"'
    second = probe.get(body["next"])
    assert 'rel="prev"' in second.headers["Link"]


def test_a_cursor_of_another_ordering_is_a_400_that_names_it(probe):
    cursor = probe.get("/probe/numbers/?size=5").json["next_cursor"]
    answer = probe.get(f"/probe/numbers/?size=5&sort=down&cursor={cursor}")
    assert answer.status_code == 400
    assert "cursor" in answer.json["errors"]["query"]


def test_the_last_page_has_no_next(probe):
    body = probe.get("/probe/numbers/?size=100").json
    assert body["next"] is body["next_cursor"] is body["previous"] is None
    assert body["has_more"] is False


def test_a_cursor_reveals_nothing_of_its_key():
    """Not even by its beginning: neighbours have nothing in common but their length."""
    key = (-1_770_000_000_000_000, "telling", 17)
    token = make_cursor(Position(key), "scope")
    neighbour = make_cursor(Position((*key[:2], 18)), "scope")
    raw, other = (urlsafe_b64decode(each + "=" * (-len(each) % 4)) for each in (token, neighbour))
    assert b"telling" not in raw and b"177" not in raw
    same = sum(one == other for one, other in zip(raw, other, strict=True))
    assert same < len(raw) / 4
