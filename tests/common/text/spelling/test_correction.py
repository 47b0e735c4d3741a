import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import closest, deletions, distance, is_near_form, max_edits

WORDS = st.text(alphabet="абвгд", min_size=1, max_size=14)


@pytest.mark.parametrize(
    ("word", "expected"), [("ЗНО", 0), ("шахи", 1), ("фізика", 1), ("біологія", 2)]
)
def test_longer_words_may_have_more_wrong_letters(word: str, expected: int) -> None:
    assert max_edits(word) == expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("матиматика", "математика"),
        ("фізіка", "фізика"),
        ("англйіська", "англійська"),
        ("хімя", "хімія"),
        ("mathemtaics", "mathematics"),
        ("phisics", "physics"),
        ("korepetytro", "korepetytor"),
    ],
)
def test_a_misspelling_shares_a_key_with_the_word(typed: str, meant: str) -> None:
    assert set(deletions(typed)) & set(deletions(meant))
    assert closest(typed, {meant: 1, "історія": 9}) == meant


@pytest.mark.parametrize(
    ("typed", "meant", "expected"),
    [
        ("пидручник", "підручників", True),
        ("korepetycjie", "korepetycjami", True),
        # Two wrong letters and another ending are too much, and so is one in a short word.
        ("пидрочник", "підручників", False),
        ("людены", "людиною", False),
        ("математичний", "математика", False),
    ],
)
def test_another_ending_counts_as_one_edit(typed: str, meant: str, expected: bool) -> None:
    assert is_near_form(typed, meant) == expected


def test_among_equally_near_words_the_most_frequent_is_meant() -> None:
    assert closest("мата", {"мать": 2, "мати": 7, "мало": 7}) == "мати"


def test_a_word_too_far_away_is_not_meant() -> None:
    assert closest("фізика", {"хімія": 100}) is None
    assert closest("кіт", {"кит": 1}) is None
    assert closest("слово", {}) is None


@st.composite
def misspelt(draw: st.DrawFn) -> tuple[str, str]:
    """A word, and the same with as many edits as its length allows."""
    word = draw(WORDS)
    typed = word
    for _ in range(draw(st.integers(0, max_edits(word)))):
        place = draw(st.integers(0, len(typed) - 1))
        before, letter, after = typed[:place], typed[place], typed[place + 1 :]
        edit = draw(st.sampled_from(["left out", "added", "replaced", "swapped"]))
        typed = {
            "left out": before + after,
            "added": before + "а" + letter + after,
            "replaced": before + "б" + after,
            "swapped": before + after[:1] + letter + after[1:],
        }[edit]
    return word, typed


@given(misspelt())
def test_a_word_and_its_misspellings_share_a_key(pair: tuple[str, str]) -> None:
    word, typed = pair
    if distance(word, typed) <= min(max_edits(word), max_edits(typed)):
        assert set(deletions(word)) & set(deletions(typed))


@given(st.text(max_size=2_000))
def test_the_keys_of_a_word_are_few_whatever_its_length(word: str) -> None:
    assert 1 <= len(deletions(word)) <= 56


@given(WORDS, WORDS)
def test_distance_is_the_same_both_ways(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
