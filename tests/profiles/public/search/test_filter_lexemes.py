"""Filters inside the search document: what is stored and what is asked must meet."""

from hypothesis import given
from hypothesis import strategies as st

from common.text import tokens
from profiles.models import HIGHEST_RATE
from profiles.public.privacy import dump_card
from profiles.public.search.filter_lexemes import (
    certifications_lexeme,
    experience_lexeme,
    filter_lexemes,
    language_lexeme,
    price_lexemes,
    subject_lexeme,
)
from tests.profiles.profile_values import make_profile_values

rates = st.integers(0, HIGHEST_RATE)
bounds = st.none() | st.integers(0, 2_147_483_647)


def stored(**values):
    return set(filter_lexemes(dump_card(make_profile_values(**values)), ("math",)))


@given(rates, bounds, bounds)
def test_every_price_in_a_range_has_exactly_one_of_its_lexemes(rate, lowest, highest):
    if (lowest or 0) <= rate <= (HIGHEST_RATE if highest is None else highest):
        assert len(stored(hourly_rate=rate) & set(price_lexemes(lowest, highest))) == 1


@given(rates, rates)
def test_far_away_prices_have_none_of_a_ranges_lexemes(rate, lowest):
    if rate * 2 < lowest:
        assert not stored(hourly_rate=rate) & set(price_lexemes(lowest, None))


def test_a_narrow_range_asks_for_few_lexemes():
    assert len(price_lexemes(200, 300)) <= 4


@given(st.integers(0, 80), st.integers(0, 80))
def test_whoever_has_the_years_has_the_lexeme(years, minimum):
    if years >= minimum:
        assert experience_lexeme(minimum) in stored(experience_years=years)


def test_an_unset_number_has_no_lexeme():
    assert not [
        each
        for each in stored(hourly_rate=None, experience_years=None)
        if each.startswith(("p:", "e:"))
    ]


def test_subjects_languages_and_certifications_have_theirs():
    found = stored(languages=["uk", "pl"])
    assert {
        subject_lexeme("math"),
        language_lexeme("uk"),
        language_lexeme("pl"),
        certifications_lexeme(True),
    } <= found
    assert certifications_lexeme(False) in stored(show_certifications_publicly=False)


@given(st.text())
def test_no_word_anybody_writes_is_a_filter(text):
    assert not [token for token in tokens(text) if ":" in token]
