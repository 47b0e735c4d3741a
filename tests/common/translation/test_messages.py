"""Marked sentences: English text where they are written, translated with their values."""

import pytest

from common.translation import Message, lazy_gettext, lazy_ngettext
from common.translation.catalogues import translate

ITEMS = lazy_ngettext("Must have at most {max} item.", "Must have at most {max} items.", "max")
SECONDS = "Too many requests; please wait {wait} second and try again."
MANY_SECONDS = "Too many requests; please wait {wait} seconds and try again."

PLURALS = {
    "uk": {
        1: "Може містити щонайбільше 1 елемент.",
        2: "Може містити щонайбільше 2 елементи.",
        5: "Може містити щонайбільше 5 елементів.",
        11: "Може містити щонайбільше 11 елементів.",
        21: "Може містити щонайбільше 21 елемент.",
    },
    "pl": {
        1: "Może mieć najwyżej 1 element.",
        2: "Może mieć najwyżej 2 elementy.",
        5: "Może mieć najwyżej 5 elementów.",
        11: "Może mieć najwyżej 11 elementów.",
        21: "Może mieć najwyżej 21 elementów.",
    },
    "en": {
        1: "Must have at most 1 item.",
        2: "Must have at most 2 items.",
        5: "Must have at most 5 items.",
        11: "Must have at most 11 items.",
        21: "Must have at most 21 items.",
    },
}


@pytest.mark.parametrize("language", PLURALS)
def test_plurals_follow_the_languages_rules(language):
    told = {count: translate(ITEMS.format(max=count), language) for count in PLURALS[language]}
    assert told == PLURALS[language]


@pytest.mark.parametrize("count, ending", [(1, "секунду"), (3, "секунди"), (60, "секунд")])
def test_a_number_may_stand_within_a_sentence(count, ending):
    message = lazy_ngettext(SECONDS, MANY_SECONDS, "wait", wait=count)
    assert (
        translate(message, "uk")
        == f"Забагато запитів; зачекайте {count} {ending} та спробуйте ще раз."
    )


def test_a_message_is_its_english_text():
    message = lazy_gettext("Says something else than `{name}`.", name="q")
    assert message == "Says something else than `q`." and isinstance(message, str)
    assert translate(message, "en") == message and type(translate(message, "en")) is str


def test_braces_in_a_value_are_text():
    message = lazy_gettext("Says something else than `{name}`.", name="{max} {0} {")
    assert translate(message, "pl") == "Mówi coś innego niż `{max} {0} {`."


def test_a_message_within_a_message_is_translated_too():
    message = Message(
        "{path}: {message}", values={"path": "a.b", "message": lazy_gettext("Unknown field.")}
    )
    assert translate(message, "uk") == "a.b: Невідоме поле."


def test_what_has_no_translation_stays_as_it_is():
    assert translate("Nobody has ever said this {max}.", "uk") == "Nobody has ever said this {max}."
    assert translate("", "pl") == ""


def test_validators_fill_in_their_values_later():
    message = ITEMS.format(input=["a"], max=3)
    assert message == "Must have at most 3 items."
    assert message.template == ITEMS.template


@pytest.mark.parametrize(
    "message", [ITEMS.format(max=2), lazy_gettext("Must be at most {n:,}.", n=9000)]
)
def test_a_message_survives_the_way_to_another_process(message):
    received = Message.from_json(message.to_json())
    assert received == message and vars(received) == vars(message)
