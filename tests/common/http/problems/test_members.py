"""A problem document can be written whatever a client's input put into it."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.http.problems.document import problem_body
from common.http.problems.errors import Invalid
from common.http.problems.members import LONGEST_NAME, MAX_ERRORS
from common.http.schemas.fields import BEYOND_DOUBLE, UNSTORABLE, _unstorable, unstorable_values

TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from("\x00\ud83d\ude00�"))
SCALAR = TEXT | st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | st.uuids()
ERRORS = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(TEXT | st.integers(), inner),
)


def body(errors, detail="A sentence.", location="json"):
    return orjson.loads(problem_body(422, detail, "urn:request:x", {"errors": {location: errors}}))


def messages(value):
    return sum(messages(each) for each in value.values()) if isinstance(value, dict) else 1


@given(ERRORS, TEXT, TEXT)
def test_any_errors_can_be_written(errors, detail, location):
    written = body(errors, detail, location)
    assert written["status"] == 422
    assert "\x00" not in repr(written)
    assert messages(written["errors"]) <= MAX_ERRORS


@given(st.dictionaries(TEXT, st.lists(TEXT, max_size=3) | st.dictionaries(TEXT, TEXT)))
def test_any_invalid_input_can_be_named(errors):
    invalid = Invalid(errors)
    assert body(invalid.members["errors"], invalid.detail)["detail"]


@given(st.dictionaries(TEXT, TEXT | st.dictionaries(TEXT, TEXT)))
def test_text_is_refused_exactly_when_some_of_it_is_unstorable(data):
    inner = [{value: ""} if isinstance(value, str) else value for value in data.values()]
    whole = "".join(text for each in [data, *inner] for text in each)
    whole += "".join(text for each in inner for text in each.values())
    assert (unstorable_values(data) is not None) == bool(UNSTORABLE.search(whole))


NUMBERS = st.integers() | st.floats() | st.booleans() | st.none()
JSON = st.recursive(
    TEXT | NUMBERS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner)
)


@given(JSON)
def test_data_is_called_storable_exactly_when_there_is_nothing_to_say_about_it(data):
    assert (unstorable_values(data) is None) == (_unstorable(data) is None)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_numbers_beyond_a_double_are_named_where_they_are(value):
    assert unstorable_values({"a": [1, {"b": value}]}) == {"a": {"1": {"b": [BEYOND_DOUBLE]}}}


@pytest.mark.parametrize("keys", [("�", "\ud83d"), ("\ud83d", "�"), ("\x00", "�")])
def test_a_name_spelt_like_a_replaced_one_does_not_hide_it(keys):
    assert unstorable_values(dict.fromkeys(keys, 1))


@pytest.mark.parametrize("levels", [60, 99, 100, 101, 300, 5000])
def test_errors_of_any_depth_can_be_written(levels):
    errors = ["Bad."]
    for _ in range(levels):
        errors = {"a": errors}
    assert body(errors)["status"] == 422


def test_the_first_fifty_messages_are_written():
    written = body({str(n): ["Bad."] for n in range(20_000)})["errors"]["json"]
    assert written == {str(n): ["Bad."] for n in range(50)}
    nested = body({"a": {str(n): ["Bad."] for n in range(49)}, "b": ["x"], "c": ["y"]})
    assert set(nested["errors"]["json"]) == {"a", "b"}


def test_a_long_name_is_cut():
    ((name, _),) = body({"a" * 100_000: ["Bad."]})["errors"]["json"].items()
    assert len(name) == LONGEST_NAME and name.endswith("…")
