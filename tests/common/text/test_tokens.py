import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import fold, normalise, tokens
from common.text.tokens import MAX_TOKEN, MAX_TOKENS

SPLIT = {
    "C++ та C#": ["c++", "та", "c#"],
    "F#, .NET": ["f#", ".net"],
    "ASP.NET, Node.js": ["asp", "net", "node", "js"],
    "рівень B2": ["рівень", "b2"],
    "п'ять комп’ютерів": ["п'ять", "комп'ютерів"],
    "англійсько-український": ["англійсько-український", "англійсько", "український"],
    "онлайн‑уроки": ["онлайн-уроки", "онлайн", "уроки"],
    "НМТ/ЗНО, 2026": ["нмт", "зно", "2026"],
    "o.shevchenko@example.com": ["o", "shevchenko", "example", "com"],
    "математика#фізика": ["математика", "фізика"],
    "1+1, 18+, B2+": ["1", "1", "18", "b2"],
    "C++17": ["c++", "17"],
    "'лапки' і “лапки”": ["лапки", "і", "лапки"],
    "IELTS™": ["ielts"],
    "Ліцей №157": ["ліцей", "157"],
    "①Граматика": ["1", "граматика"],
    "Граматика¹ лексика²": ["граматика", "1", "лексика", "2"],
    "м² ½ Ⅳ": ["м", "2", "1", "2", "iv"],
    "H₂O, x²⁰-y": ["h", "2", "o", "x", "2", "0", "y"],
    "1º ℡ ㎏": ["1"],
    "٣ уроки, ५ класс": ["3", "уроки", "5", "класс"],
    "грама\u200bтика": ["грама-тика", "грама", "тика"],
    "snake_case": ["snake", "case"],
    "": [],
    "--- … !!! 👩‍🏫": [],
}


@pytest.mark.parametrize(("text", "expected"), SPLIT.items())
def test_text_is_split_into_words(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize("apostrophe", "'’ʼ‘`´′＇ʻʽʾʿ᾽᾿῾΄Ꞌꞌ❛❜")
def test_every_apostrophe_is_the_same(apostrophe: str) -> None:
    assert tokens(f"п{apostrophe}ять") == ["п'ять"]


def test_a_quotation_mark_where_an_apostrophe_belongs_is_one() -> None:
    for mark in '"”“„‟″ˮ❝❞':
        assert tokens(f"п{mark}ять, об{mark}єкт") == ["п'ять", "об'єкт"]
        assert tokens(f"сім{mark}я") == ["сім'я"]
    assert tokens('курс "Яблуко"') == ["курс", "яблуко"]
    assert tokens("курс ❝Яблуко❞") == ["курс", "яблуко"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("за́мок", "замок"),
        ("мате\u00adматика", "математика"),
        ("математика\u200b \u200bдітям", "математика дітям"),
        ("\ufeffматематика", "математика"),
        ("\u202eматематика\u202c", "математика"),
        (unicodedata.normalize("NFD", "їжак і йод"), "їжак і йод"),
        ("ＭＡＴＨ", "math"),
        ("ﬁnance", "finance"),
        ("C♯", "c#"),
        ("STRASSE Straße", "strasse strasse"),
        ("İstanbul", "istanbul"),
    ],
)
def test_what_looks_the_same_is_the_same(typed: str, meant: str) -> None:
    assert normalise(typed) == meant


@pytest.mark.parametrize("letter", "ґєіїйщьюя")
def test_ukrainian_letters_are_kept(letter: str) -> None:
    assert normalise(letter.upper()) == letter


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("англiйська", "англійська"),
        ("Еnglish", "english"),
        ("С++", "c++"),
        ("В2", "b2"),
        ("А1", "a1"),
        ("С#", "c#"),
        ("mаth", "math"),
        ("рython", "python"),
        ("sсriрt", "script"),
        ("mатематика", "математика"),
        ("фiзикa", "фізика"),
    ],
)
def test_a_letter_of_the_other_alphabet_that_looks_alike_is_mended(typed: str, meant: str) -> None:
    assert tokens(typed) == [meant]


@pytest.mark.parametrize(
    ("token", "folded"),
    [
        ("łódź", "lodz"),
        ("język", "jezyk"),
        ("français", "francais"),
        ("søren", "soren"),
        ("п'ять", "пять"),
        ("ґрунт", "грунт"),
        ("їжак", "їжак"),
        ("ελληνικά", "ελληνικα"),
        ("йод", "йод"),
        ("c++", "c++"),
    ],
)
def test_folding_forgets_what_people_do_not_type(token: str, folded: str) -> None:
    assert fold(token) == folded


def test_words_and_texts_are_bounded() -> None:
    assert tokens("а" * 1000) == ["а" * MAX_TOKEN]
    assert len(tokens("слово " * 20_000)) == MAX_TOKENS
    assert len(tokens("а-" * 20_000)) <= MAX_TOKENS


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_normalising_first_does_not_change_the_words(text: str) -> None:
    assert tokens(normalise(text)) == tokens(text)


@given(st.text())
def test_a_word_holds_only_letters_digits_and_the_few_signs_inside_names(
    text: str,
) -> None:
    for token in tokens(text):
        assert 0 < len(token) <= MAX_TOKEN
        assert all(sign.isalnum() or sign in "'-+#." for sign in token)


@given(st.text(alphabet="абвйїґżłé'’-+#. c"))
def test_folding_twice_changes_nothing(text: str) -> None:
    for token in tokens(text):
        assert fold(fold(token)) == fold(token) != ""
