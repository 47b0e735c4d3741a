import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.http.conditional import LONGEST_CONDITION, strong_etag

DOCUMENT = "/probe/document/"


def etag_of(probe):
    return probe.get(DOCUMENT).headers["ETag"]


def test_a_copy_that_holds_is_a_304_with_its_etag_and_no_body(probe):
    etag = etag_of(probe)
    answer = probe.get(DOCUMENT, headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert answer.headers["ETag"] == etag
    assert answer.data == b""


@pytest.mark.parametrize("form", ["W/{}", '"other", {}', "*"])
def test_if_none_match_compares_weakly(probe, form):
    header = form.format(etag_of(probe))
    assert probe.get(DOCUMENT, headers={"If-None-Match": header}).status_code == 304


def test_another_copy_is_answered_in_full(probe):
    assert probe.get(DOCUMENT, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [("{}", 200), ("*", 200), ('"other"', 412), ("W/{}", 412), ('"a", {}', 200)],
)
def test_if_match_compares_strongly(probe, header, status):
    value = header.format(etag_of(probe))
    assert probe.patch(DOCUMENT, headers={"If-Match": value}).status_code == status


def test_a_failed_precondition_carries_the_resource_as_it_stands(probe):
    answer = probe.patch(DOCUMENT, headers={"If-Match": '"stale"'})
    assert answer.json["current"] == {"value": "document"}


def test_without_if_match_a_write_goes_through(probe):
    assert probe.patch(DOCUMENT).status_code == 200


@pytest.mark.parametrize("header", ["*", '"anything"'])
def test_what_does_not_exist_matches_nothing(probe, header):
    assert probe.patch("/probe/absent/", headers={"If-Match": header}).status_code == 412


@given(st.lists(st.text()), st.lists(st.text()))
def test_different_parts_have_different_etags(one, other):
    assert (strong_etag(*one) == strong_etag(*other)) == (one == other)


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
def test_a_condition_may_be_as_long_as_the_document_says(probe, name):
    longest = '"' + "a" * (LONGEST_CONDITION - 2) + '"'
    assert probe.get(DOCUMENT, headers={name: longest}).status_code == 200
    answer = probe.get(DOCUMENT, headers={name: longest + "a"})
    assert answer.status_code == 400
    assert name in answer.json["detail"]
