"""The libraries' own sentences: known, and recognised with their values."""

import inspect

import pytest
import webargs.fields
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.http import HTTP_STATUS_CODES

from common.http.problems.codes import DEFAULTS
from common.translation.catalogues import translate
from common.translation.extraction import extract_messages
from common.translation.third_party_messages import SENTENCES, recognize

# Of fields and validators that nothing here uses.
UNUSED = (
    fields.Tuple,
    fields.DateTime,
    fields.Time,
    fields.TimeDelta,
    fields.IP,
    fields.IPv4,
    fields.IPv6,
    fields.IPInterface,
    fields.IPv4Interface,
    fields.IPv6Interface,
    webargs.fields.DelimitedList,
    webargs.fields.DelimitedTuple,
)


def used_fields():
    for name, field in inspect.getmembers(fields, inspect.isclass):
        is_field = issubclass(field, fields.Field) and not name.startswith("_")
        if is_field and not issubclass(field, UNUSED):
            yield field


def test_every_sentence_of_the_used_fields_is_known():
    theirs = {
        sentence
        for field in used_fields()
        for key, sentence in getattr(field, "default_error_messages", {}).items()
        # A fault of ours, when values are dumped.
        if key != "format"
    }
    theirs |= set(Schema._default_error_messages.values())
    assert theirs - set(SENTENCES) == set()


RULES = {
    "Shorter than minimum length 3.": (validate.Length(min=3), "ab"),
    "Longer than maximum length 3.": (validate.Length(max=3), "abcd"),
    "Length must be between 3 and 5.": (validate.Length(3, 5), "ab"),
    "Length must be 3.": (validate.Length(equal=3), "ab"),
    "Must be greater than or equal to 3.": (validate.Range(min=3), 1),
    "Must be less than or equal to 3.": (validate.Range(max=3), 4),
    "Must be greater than or equal to 3 and less than or equal to 5.": (validate.Range(3, 5), 9),
    "Must be one of: a, b.": (validate.OneOf(["a", "b"]), "c"),
    "String does not match expected pattern.": (validate.Regexp("a"), "b"),
    "Not a valid email address.": (validate.Email(), "b"),
    "Not a valid URL.": (validate.URL(), "b"),
}


@pytest.mark.parametrize("sentence", RULES)
def test_a_validators_sentence_is_recognised_with_its_values(sentence):
    rule, value = RULES[sentence]
    with pytest.raises(ValidationError) as caught:
        rule(value)
    assert caught.value.messages == [sentence]
    assert recognize(sentence) == sentence
    translated = translate(sentence, "uk")
    digits = [letter for letter in sentence if letter.isdigit()]
    assert translated != sentence and [each for each in translated if each.isdigit()] == digits


def test_every_title_of_a_problem_is_translated():
    titles = {HTTP_STATUS_CODES[status] for status in DEFAULTS}
    assert titles - {message.id for message in extract_messages()} == set()
