import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from psycopg2.extensions import cursor as Cursor

from common.text import (
    TsvectorBuilder,
    document_terms,
    filter_lexeme,
    parse_query,
    query_clauses,
    quote,
    to_tsquery_text,
    tokens,
)
from common.text.full_text.query import MAX_TERMS
from tests.common.text.conftest import Finds

TUTOR = "Олена, репетиторка англійської. Готую до IELTS і НМТ; уроки онлайн для дітей та дорослих."

FOUND = [
    ("англійська", TUTOR),
    ("АНГЛІЙСЬКОЮ", TUTOR),
    ("уроків для дитини", TUTOR),
    ("дітям урок", TUTOR),
    ("репетитор", TUTOR),
    ("вчителька англ", TUTOR),
    ("angielski", TUTOR),
    ("english teacher", TUTOR),
    ("ЗНО", TUTOR),
    ("fyuksqcmrf", TUTOR),
    ("engl", "I teach English"),
    ("утпдшір", "I teach English"),
    ('"готую до IELTS"', TUTOR),
    ('"готую до IEL', TUTOR),
    ("онлайн-уроки", TUTOR),
    ("онлайн -математика", TUTOR),
    ("-математика", TUTOR),
    ("e-learning", "elearning"),
    ("elearning", "e-learning"),
    ("E-Learning", "e learning"),
    ("англійсько-українського", "Англійсько-український переклад"),
    ("lodz", "Łódź"),
    ("Łódź", "lodz"),
    ("c++", "C++ та C#"),
    ("c#", "С#"),
    ("H2O", "Вода, H₂O, та CO₂"),
    ("H₂O", "Вода, H2O"),
    ("H₂O", "H₂O"),
    ("x²", "рівняння x2 = 4"),
    ('"x² +y"', "x² + y"),
    ("п'ятниця", "п᾽ятниця"),
    (".net", "ASP.NET"),
    ("net", ".NET"),
    ("b2", "рівень В2"),
    ("пять", "п’ять уроків"),
    ("п`ятий", "п'ятого класу"),
    ('комп"ютер', "комп’ютера"),
    ("matematyki", "Korepetycje z matematyki"),
    ("korepetycje matematyka", "Korepetytor. Korepetycji z matematyki udzielam"),
    ("maths", "Mathematics tutor"),
    ("программирование мовою python", "Программирование мовою Python"),
]
NOT_FOUND = [
    ("102", "10²"),
    ("H2O -x²", "H2O, x2"),
    ("німецька", TUTOR),
    ("англійська німецька", TUTOR),
    ('"до готую IELTS"', TUTOR),
    ('"готувати до IELTS"', TUTOR),
    ("англійська -онлайн", TUTOR),
    ("англійська -діти", TUTOR),
    ('англійська -"уроки онлайн"', TUTOR),
    ("-англійською", TUTOR),
    ("-онлайн-уроки", "онлайн уроки"),
    ("c мова", "мови C++ та C#"),
    (".net", "net of tax"),
    ("історик", "історія"),
    ("шко вища", "вища школа"),
]


@pytest.mark.parametrize(("query", "document"), FOUND)
def test_people_find(finds: Finds, query: str, document: str) -> None:
    assert finds(query + " ", document)


@pytest.mark.parametrize(("query", "document"), NOT_FOUND)
def test_people_do_not_find(finds: Finds, query: str, document: str) -> None:
    assert not finds(query, document)


def test_a_phrase_does_not_run_over_from_one_text_to_the_next(postgres: Cursor) -> None:
    document = TsvectorBuilder().add("вища").add("школа").text()
    phrase = to_tsquery_text(parse_query('"вища школа"'))
    postgres.execute("select %s::tsvector @@ %s::tsquery", [document, phrase])
    assert postgres.fetchall() == [(False,)]


def test_a_text_has_its_places_behind_every_mark_and_a_filter_has_none(
    postgres: Cursor,
) -> None:
    document = TsvectorBuilder().add("алгебра", "@").add("алгебра")
    document.add_lexeme(filter_lexeme("language", "uk")).add_lexeme("алгебра")
    postgres.execute("select %s::tsvector::text", [document.text()])
    assert postgres.fetchall() == [
        ("'@~алгебр':2 '@алгебра':2 'language:uk' '~алгебр':2,4 'алгебра':2,4",)
    ]


@pytest.mark.parametrize("query", ["школа", "школи вища", '"вища школа"', "вищ", "шкіл -середня"])
def test_a_query_behind_a_mark_finds_only_what_was_added_with_it(
    postgres: Cursor, query: str
) -> None:
    behind = query_clauses(parse_query(query), "@").text
    for document, is_found in (
        (TsvectorBuilder().add("Вища школа", "@").add("вища освіта"), True),
        (TsvectorBuilder().add("Вища освіта", "@").add("вища школа"), query == "вищ"),
    ):
        postgres.execute("select %s::tsvector @@ %s::tsquery", [document.text(), behind])
        assert postgres.fetchall() == [(is_found,)]


def test_what_is_excluded_may_be_nowhere_whatever_the_mark(postgres: Cursor) -> None:
    document = TsvectorBuilder().add("школа", "@").add("середня").text()
    behind = query_clauses(parse_query("школа -середня"), "@").text
    postgres.execute("select %s::tsvector @@ %s::tsquery", [document, behind])
    assert postgres.fetchall() == [(False,)]


def test_nothing_to_search_for_is_no_query() -> None:
    assert to_tsquery_text(parse_query(" & ")) is None


def test_a_document_without_words_is_an_empty_vector(postgres: Cursor) -> None:
    postgres.execute("select %s::tsvector = ''", [TsvectorBuilder().add("…").text()])
    assert postgres.fetchall() == [(True,)]


@pytest.mark.parametrize(
    "text",
    [
        "слово " * 9_000,
        " ".join("слово" + "абвгд"[n % 5] * (n % 50) + str(n) for n in range(9_000)),
        "ї" * 5_000_000,
        " ".join("щ" * 63 + letter + str(n) for n in range(9_000) for letter in "аб"),
    ],
    ids=["one word", "many words", "one long word", "many long words"],
)
def test_a_document_never_outgrows_a_tsvector(postgres: Cursor, text: str) -> None:
    document = TsvectorBuilder()
    for _ in range(3):
        document.add(text, "@")
    postgres.execute("select length(%s::tsvector) > 0", [document.text()])
    assert postgres.fetchall() == [(True,)]


@given(lexeme=st.text(alphabet=string.printable + "ї’", min_size=1, max_size=50))
def test_any_lexeme_survives_quoting(postgres: Cursor, lexeme: str) -> None:
    document = TsvectorBuilder().add_lexeme(lexeme).text()
    postgres.execute(
        "select tsvector_to_array(%s::tsvector), %s::tsvector @@ %s::tsquery",
        [document, document, quote(lexeme)],
    )
    assert postgres.fetchall() == [([lexeme], True)]


@given(text=st.text())
def test_postgresql_accepts_every_document_and_every_query(postgres: Cursor, text: str) -> None:
    postgres.execute(
        "select %s::tsvector, %s::tsquery",
        [TsvectorBuilder().add(text, "@").text(), to_tsquery_text(parse_query(text))],
    )


SIGNS = "абвїґ'’-\"„”«»&|!()*:\\<>+#. c1łż\u0301\u00ad"


@given(text=st.text(alphabet=SIGNS))
def test_operators_and_quotes_never_break_a_query(postgres: Cursor, text: str) -> None:
    postgres.execute("select %s::tsquery", [to_tsquery_text(parse_query(text))])


TEXTS = st.text(alphabet=st.sampled_from("абвїґ'’-. c+#1łżę\u0301\u00adATН")) | st.text()


@given(text=TEXTS)
def test_a_document_matches_each_of_its_words(finds: Finds, text: str) -> None:
    for token in tokens(text):
        assert finds(token, text)


@given(text=TEXTS)
def test_a_document_matches_the_beginning_of_each_of_its_words(finds: Finds, text: str) -> None:
    for token in tokens(text):
        beginning = token[:2]
        # A lookalike is converted by the majority of its neighbours, which a prefix may lack.
        if tokens(beginning) == [beginning]:
            assert finds(beginning, text)


@given(text=TEXTS)
def test_a_document_matches_itself_quoted(finds: Finds, text: str) -> None:
    text = " ".join(text.replace(".", " ").split()[:MAX_TERMS])
    assume(tokens(text) and not set(text) & set('"„“”«»〝〞‟＂'))
    assert finds(f'"{text}"', text)


@given(text=TEXTS)
def test_a_document_does_not_match_what_excludes_a_word_of_it(finds: Finds, text: str) -> None:
    for token in tokens(text):
        assert not finds("-" + token, text)


@given(text=st.text(alphabet="абвї'’-. c+#%1łżę\u0301\u00adАТ"))
def test_sentences_analysed_one_by_one_are_the_text_analysed_as_a_whole(
    postgres: Cursor, text: str
) -> None:
    whole = " ".join(
        f"{quote(mark + lexeme)}:{place}"
        for place, terms in enumerate(document_terms(text), 2)
        for lexeme in terms
        for mark in ("", "@")
    )
    document = TsvectorBuilder().add(text, "@").text()
    postgres.execute("select %s::tsvector = %s::tsvector", [document, whole])
    assert postgres.fetchall() == [(True,)]
