import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import Phrase, Query, Word, parse_query
from common.text.full_text.query import MAX_TERMS


def words_of(text: str) -> list[str]:
    return [word.text for word in parse_query(text).words]


def test_words_are_kept_in_order_and_the_last_may_be_unfinished() -> None:
    assert parse_query("Математика дітям").words == (
        Word("математика"),
        Word("дітям", is_prefix=True),
    )


@pytest.mark.parametrize(
    "quoted",
    [
        '"вища школа"',
        "„вища школа”",
        "«вища школа»",
        "“вища школа”",
        "„вища школа“",
        "‹вища школа›",
        "‘вища школа’",
        "‚вища школа‘",
    ],
)
def test_every_kind_of_quotation_marks_makes_a_phrase(quoted: str) -> None:
    assert parse_query(quoted) == Query(phrases=(Phrase(("вища", "школа")),))


def test_a_quotation_that_is_not_closed_yet_is_an_unfinished_phrase() -> None:
    assert parse_query('"вища шк').phrases == (Phrase(("вища", "шк"), is_prefix=True),)


def test_a_minus_excludes_a_word_or_a_phrase() -> None:
    query = parse_query('фізика -онлайн -"для дітей" -e-learning')
    assert query.words == (Word("фізика"),)
    assert query.exclusions == (
        Word("онлайн"),
        Phrase(("для", "дітей")),
        Word("e-learning"),
    )


@pytest.mark.parametrize("text", ["матем", "матем ", "матем !", 'матем ""', "матем -"])
def test_what_is_no_word_does_not_finish_the_last_one(text: str) -> None:
    assert parse_query(text).words == (Word("матем", is_prefix=True),)


@pytest.mark.parametrize("dash", "-–—−")
def test_a_dash_before_a_word_excludes_like_a_minus(dash: str) -> None:
    query = parse_query(f"фізика {dash}онлайн")
    assert query.words == (Word("фізика"),) and query.exclusions == (Word("онлайн"),)


@pytest.mark.parametrize("dash", "-–—")
def test_a_dash_between_spaces_or_words_excludes_nothing(dash: str) -> None:
    assert parse_query(f"фізика {dash} онлайн {dash}").exclusions == ()
    assert parse_query(f"фізика{dash}онлайн").exclusions == ()


def test_apostrophes_inside_words_quote_nothing() -> None:
    assert words_of("п‘ять об’єктів") == ["п'ять", "об'єктів"]
    assert parse_query("‘don’t stop’").phrases == (Phrase(("don't", "stop")),)


def test_words_with_a_dot_between_them_may_be_one() -> None:
    [word] = parse_query("node.js").words
    assert word.parts == ("node", "js")


def test_an_excluded_word_is_never_unfinished() -> None:
    assert parse_query("фізика -мат").exclusions == (Word("мат"),)


def test_a_query_may_only_exclude() -> None:
    query = parse_query("-фізика")
    assert query.only_excludes and not query.is_empty


@pytest.mark.parametrize(
    "text", ["", "   ", "-", "- -- +", '""', "«»", "& | ! ( ) :* <-> \\ '", "–"]
)
def test_a_query_without_words_is_empty(text: str) -> None:
    assert parse_query(text).is_empty


def test_the_operators_of_a_tsquery_are_punctuation() -> None:
    assert words_of("math & !physics | (chess:*) <-> 'art' \\") == [
        "math",
        "physics",
        "chess",
        "art",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("репетитор з математики", ["репетитор", "математики"]),
        ("tutor for the kids", ["tutor", "kids"]),
        ("nauczyciel do matematyki", ["nauczyciel", "matematyki"]),
        ("репетитор з", ["репетитор"]),
        ("з", ["з"]),
        ("по", ["по"]),
    ],
)
def test_words_between_the_words_are_not_searched_for(text: str, expected: list[str]) -> None:
    assert words_of(text) == expected


def test_a_phrase_keeps_the_words_between() -> None:
    assert parse_query('"уроки для дітей"').phrases == (Phrase(("уроки", "для", "дітей")),)


def test_a_hyphenated_word_is_one_word_of_two_parts() -> None:
    [word] = parse_query("онлайн-уроки").words
    assert word.parts == ("онлайн", "уроки")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("fyuksqcmrf", "англійська"),
        ("fyukbqcmrf", "англійська"),
        ("[bvsz", "хімія"),
        ("утпдшір", "english"),
        ("fyuk", "англ"),
    ],
)
def test_a_word_in_the_wrong_keyboard_layout_is_also_read_in_the_other(
    typed: str, meant: str
) -> None:
    [word] = parse_query(typed).words
    assert word.layout_variant == meant


@pytest.mark.parametrize("text", ["англійська мова", "matematyka online ", "IELTS англійською"])
def test_ordinary_words_are_only_what_they_are(text: str) -> None:
    assert [word.layout_variant for word in parse_query(text).words[:1]] == [None]


def test_letters_that_look_like_punctuation_in_the_wrong_layout_do_not_split_a_word() -> None:
    assert words_of("j,ksr") == ["облік"]


def test_a_query_of_any_length_is_bounded() -> None:
    query = parse_query("слово " * 10_000 + '"' + "слово " * 10_000)
    assert len(query.words) + len(query.phrases) + len(query.exclusions) <= MAX_TERMS


@given(st.text())
def test_any_text_is_a_query(text: str) -> None:
    query = parse_query(text)
    assert query.is_empty == (query == Query())


@given(st.text(alphabet="аб -\"„”«»'.+#&|!()*:\\<>cї"))
def test_only_the_last_word_is_unfinished(text: str) -> None:
    assert not any(word.is_prefix for word in parse_query(text).words[:-1])
