"""The .po files: complete, up to date, and true to what they translate."""

import re
from collections import Counter

import pytest

from common.translation.catalogues import TRANSLATED, po_path
from common.translation.extraction import extract_messages, is_complete, read_catalogue, update

PLACEHOLDER = re.compile(r"\{(\w*)[^{}]*\}")
QUOTED = re.compile(r"`[^`]*`")
ADVICE = "run `make messages`, then fill in the empty msgstr in {path}: {missing}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_of_the_code_is_translated(language):
    catalogue = read_catalogue(language)
    missing = [
        message.id
        for message in extract_messages()
        if message.id
        and (message.id not in catalogue or not is_complete(catalogue[message.id].string))
    ]
    assert not missing, ADVICE.format(path=po_path(language), missing=missing)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_file_holds_what_the_code_has_and_nothing_else(language, tmp_path):
    given = po_path(language).read_bytes()
    update(tmp_path / "messages.po", language, extract_messages())
    assert (tmp_path / "messages.po").read_bytes() == given, "run `make messages`"


def forms(value):
    return (value,) if isinstance(value, str) else tuple(value)


def translations():
    for language in TRANSLATED:
        for message in read_catalogue(language):
            for form in forms(message.string) if message.id else ():
                yield language, forms(message.id), form


def test_placeholders_are_those_of_the_message():
    wrong = [
        (language, ids, form)
        for language, ids, form in translations()
        if Counter(PLACEHOLDER.findall(form)) != Counter(PLACEHOLDER.findall(ids[-1]))
    ]
    assert not wrong


def test_names_in_backquotes_are_not_translated():
    wrong = [
        (language, ids, form)
        for language, ids, form in translations()
        if sorted(QUOTED.findall(form)) != sorted(QUOTED.findall(ids[-1]))
    ]
    assert not wrong


def test_a_sentence_stays_a_sentence():
    wrong = [
        (language, ids, form)
        for language, ids, form in translations()
        if form.endswith(".") != ids[-1].endswith(".") or form.strip() != form or "  " in form
    ]
    assert not wrong


def test_every_translation_is_in_its_languages_letters():
    """Ukrainian has Cyrillic; what equals the English was forgotten."""
    wrong = [
        (language, ids)
        for language, ids, form in translations()
        if form in ids or (language == "uk") != bool(re.search("[а-яіїєґ]", form, re.IGNORECASE))
    ]
    assert not wrong


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_waits_for_a_translators_look(language):
    assert [
        message.id for message in read_catalogue(language) if message.id and message.fuzzy
    ] == []
