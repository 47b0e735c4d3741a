"""Which language an `Accept-Language` asks for (RFC 9110 §12.5.4, RFC 4647 §3.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.translation.negotiation import LANGUAGES, LONGEST_HEADER, negotiate

NAMED = {
    "uk": "uk",
    "pl": "pl",
    "en": "en",
    "UK": "uk",
    "uk-UA": "uk",
    "uk-Cyrl-UA": "uk",
    "en-GB,uk;q=0.9": "en",
    "uk;q=0.9, en;q=0.8": "uk",
    "en;q=0.8, uk;q=0.9": "uk",
    "de, pl;q=0.5": "pl",
    "de;q=1.0, fr;q=0.9, uk;q=0.001": "uk",
    "uk;q=0.5, pl;q=0.5": "uk",
    "pl;q=0.5, uk;q=0.5": "pl",
    "uk;q=0, pl;q=0.1": "pl",
    "uk-UA, uk;q=0, pl;q=0.2": "pl",
    "uk-UA;q=0, uk;q=0.3": "uk",
    "*, pl;q=0.1": "pl",
    " uk ; q=0.7 ,pl": "pl",
    "uk;q=0.7,,;,pl;q=0.8": "pl",
    "uk;q=nonsense, pl;q=0.1": "pl",
}
UNNAMED = (None, "", "*", "de", "ukr", "u", "-", "uk_UA;q", "uk;q=0", ";q=1", "de-uk", "полі")


@pytest.mark.parametrize("header", NAMED)
def test_the_preferred_of_our_languages_is_found(header):
    assert negotiate(header) == NAMED[header]


@pytest.mark.parametrize("header", UNNAMED)
def test_a_header_that_names_none_of_them_decides_nothing(header):
    assert negotiate(header) is None


def test_only_the_beginning_of_an_endless_header_is_read():
    assert negotiate("de," * LONGEST_HEADER + "uk") is None
    assert negotiate("uk," + "de," * LONGEST_HEADER) == "uk"


@given(st.text(st.characters(max_codepoint=255)))
def test_no_header_is_too_malformed(header):
    assert negotiate(header) in {*LANGUAGES, None}


PARTS = st.sampled_from(
    ["uk", "pl", "en", "de", "*", "-", ";", "q=", "0.5", "1", ",", " ", "=", '"']
)


@given(st.lists(PARTS, max_size=30).map("".join))
def test_nothing_that_resembles_a_header_fails(header):
    assert negotiate(header) in {*LANGUAGES, None}


@given(st.permutations(["uk;q=0.9", "pl;q=0.5", "en;q=0.1", "de"]))
def test_the_order_of_different_qualities_makes_no_difference(ranges):
    assert negotiate(", ".join(ranges)) == "uk"
