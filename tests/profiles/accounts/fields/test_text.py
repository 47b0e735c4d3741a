import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.accounts.fields.text import clean_line, clean_lines, looks_blank
from tests.factories import make_tutor
from tests.profiles.accounts.endpoints import register
from tests.profiles.profile_owner import Owner

DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("text", "line", "lines"),
    [
        ("Математика\nдля всіх", "Математика для всіх", "Математика\nдля всіх"),
        ("a\r\nb\rc\u2028d\u2029e\x85f", "a b c d e f", "a\nb\nc\nd\ne\nf"),
        ("tab\there", "tab here", "tab\there"),
        ("bell\x07 and \x1b[31mred\x9b", "bell and [31mred", "bell and [31mred"),
        ("\u202eflipped\u202c", "flipped", "flipped"),
        ("\ufff9a\ufffab\ufffb \ufffc", "ab ", "ab "),
        ("\u2067never closed", "never closed", "never closed"),
        ("אבג \u200fa\u200db", "אבג \u200fa\u200db", "אבג \u200fa\u200db"),
        ("👩\u200d🏫 вчителька", "👩\u200d🏫 вчителька", "👩\u200d🏫 вчителька"),
    ],
)
def test_what_breaks_the_page_is_cleaned_and_the_rest_stays(text, line, lines):
    assert clean_line(text) == line
    assert clean_lines(text) == lines


@given(st.text())
def test_a_clean_text_is_clean(text):
    line, lines = clean_line(text), clean_lines(text)
    assert clean_line(line) == line and clean_lines(lines) == lines
    assert len(line) <= len(text) and len(lines) <= len(text)
    assert not set(line) & {*DIRECTION, "\n", "\r", "\x1b", "\x85", "\u2028"}


@pytest.mark.parametrize(
    "text",
    ["", " \t", "\u2800", "\u0301", "\u200b\u3164", "\ue000", "\u0e31", "\ufffc", "\U0001d159"],
)
def test_a_text_without_anything_to_see_looks_blank(text):
    assert looks_blank(text)


@pytest.mark.parametrize("text", ["a", "\u0301a", "ї", "李", "'", "-", "⠓", "👩\u200d🏫"])
def test_a_text_with_something_to_see_does_not(text):
    assert not looks_blank(text)


@pytest.mark.parametrize(
    "name", ["\u2800", "\u0301", "\u202eanelO", "a\u2066b", "\u3164 \u115f", "a\ufff9b"]
)
def test_a_name_that_looks_blank_or_turns_the_page_around_is_refused(client, name):
    assert register(client, first_name=name).status_code == 422
    tutor = Owner(client, make_tutor())
    answer = tutor.http.patch("/api/me/profile/", json={"user": {"last_name": name}})
    assert answer.status_code == 422
    assert list(answer.json["errors"]["json"]["user"]) == ["last_name"]


def test_a_card_shows_free_texts_cleaned(client):
    tutor = make_tutor(headline="x", subjects=["Математика"])
    Owner(client, tutor).patch(
        {
            "tutor_profile": {
                "headline": "Вчу\u202e\nлегко\x07",
                "bio": "Перший\r\nдругий\x1b\u2066",
                "subjects": ["Ма\u202dтематика\n"],
                "certifications": ["TESOL\u2067\n2020"],
            }
        }
    )
    card = client.get(f"/api/marketplace/tutors/{tutor.id}/").json
    assert card["headline"] == "Вчу легко"
    assert card["bio"] == "Перший\nдругий"
    assert card["subjects"] == ["Математика"]
    assert card["certifications"] == ["TESOL 2020"]


@pytest.mark.parametrize("subject", ["\u2800", "\u200b", "\u0301", "\u3164"])
def test_a_subject_that_looks_blank_is_refused(client, subject):
    tutor = Owner(client, make_tutor())
    body = {"tutor_profile": {"subjects": ["Математика", subject]}}
    answer = tutor.http.patch("/api/me/profile/", json=body)
    assert answer.status_code == 422
