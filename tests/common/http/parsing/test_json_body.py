"""JSON is read as orjson reads it, and what orjson cannot hold is left for the schema to name."""

import math

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.http.parsing.json_body import DEEPEST_JSON, MOST_VALUES, is_deeper_than, read_json
from common.http.problems.errors import BadRequest

PIECES = st.sampled_from(
    [*'[]{}",:', "0", "1", "-1", "01", "1.", ".5", "1e5", "1E+3", "true", "null", "NaN", "Infinity"]
    + ['"a"', '"\\n"', '"\\x"', '"\\u00e9"', '"\n"', " ", "\t", "\v", "\xa0", "\ufeff", "[]", "{}"]
    + ['{"a":', '"]"', '"\\""', "12345678901234567890123", "18446744073709551615", "-0"]
)


def nested(levels):
    return b"[" * levels + b"]" * levels


def parsed(read, body):
    try:
        return repr(read(body))
    except (orjson.JSONDecodeError, BadRequest):
        return None


@given(st.lists(PIECES, max_size=12).map("".join))
@example("1.5.5")
@example("1e512345678901234567890123")
def test_what_is_well_formed_is_what_orjson_says(text):
    body = b"[0, " + text.encode() + b"]"
    expected, read = parsed(orjson.loads, body), parsed(read_json, body)
    if expected is None and read and "inf" in read:
        # A number beyond a double, which is well-formed: the next test's subject.
        return
    assert read == expected
    for beside in (b'"\\ud83d"', b"1e400"):
        found = parsed(read_json, body.replace(b"[0", b"[" + beside, 1))
        assert (found is None) == (expected is None)
        if found and expected:
            assert found.partition(", ")[2] == expected.partition(", ")[2]


@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"1" + b"0" * 400, b"9" * 5000])
def test_a_number_beyond_a_double_is_infinite(number):
    (read,) = read_json(b"[" + number + b"]")
    assert math.isinf(read) and (read < 0) == number.startswith(b"-")


@pytest.mark.parametrize("levels", [65, 128, 129, 500, 1024, 1025, 2000, 30_000])
def test_the_depth_is_named_whatever_it_is(levels):
    with pytest.raises(BadRequest, match="nested more than 64 levels deep"):
        read_json(nested(levels))
    batch = read_json(b'{"list": [1, %s, "[", %s]}' % (nested(levels), nested(2)), "list")
    one, deep, *others = batch["list"]
    assert (one, others) == (1, ["[", [[]]])
    assert is_deeper_than(deep, DEEPEST_JSON)


@pytest.mark.parametrize(
    "body",
    [b"[" * 2000, nested(2000)[:-1], nested(2000) + b"]", b"[" * 1999 + b"}" + b"]" * 1998]
    + [
        nested(2000) + b"[]",
        b'["' + nested(2000),
        b"[" * 200 + b'"' + rb"\"" * 500_000,
        b"[" + nested(2000) + b"\xff]",
    ],
)
def test_depth_does_not_let_malformed_json_through(body):
    with pytest.raises(BadRequest, match="not well-formed"):
        read_json(body)


def test_only_the_members_of_the_named_list_may_be_deep():
    for body in (b'{"other": %s, "list": []}', b'{"list": {"a": %s}}', b'[{"list": %s}]'):
        with pytest.raises(BadRequest, match="nested more"):
            read_json(body % nested(70), "list")


@pytest.mark.parametrize("value", [b"1,", b"[],", b'{"a":1},', b"[" * 9 + b"]" * 9 + b","])
def test_a_body_of_very_many_values_is_refused_before_it_is_read(value):
    signs = sum(map(value.count, (b",", b"[", b"{")))
    # Not well-formed at its end: whoever reads so far has read too much.
    body = b"[" + value * (MOST_VALUES // signs) + b"]"
    with pytest.raises(BadRequest, match="50,000 values"):
        read_json(body)
    assert len(read_json(b"[" + value * (MOST_VALUES // signs - 1) + b"0]")) > 2_000


def test_a_body_of_texts_may_be_of_any_size():
    assert read_json(b'["' + b"a" * 1_000_000 + b'"]')
