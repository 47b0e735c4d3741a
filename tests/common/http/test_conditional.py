import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.http.conditional import LONGEST_CONDITION, read_condition, strong_etag

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
    [("{}", 200), ("*", 200), ('"other"', 412), ('"a", {}', 200), ('W/"other"', 412)]
    + [(f'"{mark}"', 412) for mark in ("", "-gzip", "gzip")]
    + [(", ,{},", 200), (" {} ", 200), ('"a"\t,{}', 200)],
)
def test_a_write_goes_through_when_if_match_names_the_resource(probe, header, status):
    value = header.format(etag_of(probe))
    assert probe.patch(DOCUMENT, headers={"If-Match": value}).status_code == status


@pytest.mark.parametrize("method", ["patch", "get"])
@pytest.mark.parametrize("mark", ["-gzip", "--gzip", ";gzip", "-br", ";br", "-zstd", ":deflate"])
@pytest.mark.parametrize("weak", ["", "W/"])
def test_our_tag_counts_as_ours_when_an_intermediary_has_marked_it(probe, method, mark, weak):
    tag = f'{weak}"{etag_of(probe).strip(chr(34))}{mark}"'
    name = "If-Match" if method == "patch" else "If-None-Match"
    answer = getattr(probe, method)(DOCUMENT, headers={name: tag})
    assert answer.status_code == (200 if method == "patch" else 304)


MALFORMED = [
    "",
    " ",
    ",",
    "undefined",
    "{bare}",
    '"',
    '"a',
    'a"',
    "W/",
    'w/"a"',
    'W/ "a"',
    "*, *",
    '*, "a"',
    '"a" "b"',
    '"a"; q=1',
    '"a b"',
    "'a'",
    '"\x7f"',
    "null",
]


@pytest.mark.parametrize("value", MALFORMED)
@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
def test_a_malformed_condition_of_a_write_is_a_400_and_never_counts_as_absent(probe, name, value):
    value = value.replace("{bare}", etag_of(probe).strip('"'))
    answer = probe.patch(DOCUMENT, headers={name: value})
    assert answer.status_code == 400
    assert answer.json["code"] == "malformed_header"
    assert name in answer.json["detail"]


@pytest.mark.parametrize("value", MALFORMED)
def test_a_malformed_if_none_match_of_a_read_gets_the_whole_answer(probe, value):
    value = value.replace("{bare}", "0" * 32)
    assert probe.get(DOCUMENT, headers={"If-None-Match": value}).status_code == 200


@pytest.mark.parametrize(("header", "status"), [("*", 412), ("{}", 412), ('"other"', 200)])
def test_if_none_match_guards_a_write_too(probe, header, status):
    value = header.format(etag_of(probe))
    assert probe.patch(DOCUMENT, headers={"If-None-Match": value}).status_code == status


def test_if_none_match_lets_a_write_make_what_does_not_exist(probe):
    assert probe.patch("/probe/absent/", headers={"If-None-Match": "*"}).status_code == 200


@given(st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40))
def test_a_condition_is_read_or_refused_whatever_it_is(value):
    try:
        condition = read_condition(value)
    except ValueError:
        return
    assert condition.any_tag or condition.tags


@pytest.mark.parametrize("empty", [",", " ,", ", ", "\t,"])
def test_empty_elements_in_a_list_of_tags_are_skipped_and_cost_nothing(empty):
    many = empty * ((LONGEST_CONDITION - 9) // len(empty))
    assert read_condition(f'"a"{many},"b"').names("b")
    # Divided in every way, so many would never be refused.
    with pytest.raises(ValueError, match="entity tags"):
        read_condition(f'"a"{many}x')


@given(st.lists(st.from_regex(r"[0-9a-f]{32}", fullmatch=True), min_size=1, max_size=5))
def test_a_list_of_tags_names_each_of_them_and_no_other(tags):
    condition = read_condition(", ".join(f'"{tag}"' for tag in tags))
    assert all(condition.names(tag) for tag in tags)
    assert not condition.names("x" * 32)


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


def test_who_calls_and_whether_the_method_exists_is_asked_before_a_condition(client):
    headers = {"If-Match": "no quotes"}
    assert client.patch("/api/me/profile/", json={}, headers=headers).status_code == 401
    for method in ("PUT", "TRACE"):
        assert client.open("/api/me/profile/", method=method, headers=headers).status_code == 405
