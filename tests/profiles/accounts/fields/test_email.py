import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from profiles.accounts.fields.email import Email, email_key, is_email

GOOD_EMAILS = [
    "a@b.co",
    "olena.shevchenko+tutor@mail.example.com",
    "оля@приклад.укр",
    "a@xn--80aikifvh.xn--j1amh",
    "o'brien@example.com",
    "x" * 64 + "@example.com",
]
BAD_EMAILS = [
    "",
    "@",
    "a",
    "a@b",
    "@b.co",
    "a@",
    "a b@c.de",
    "a@b..co",
    "a@-b.co",
    "a@b-.co",
    ".a@b.co",
    "a.@b.co",
    "a..b@c.de",
    "a@1.2.3.4",
    "a@[127.0.0.1]",
    '"a b"@c.de',
    "a\u200b@b.co",
    "a\u034fb@c.de",
    "a\u00adb@c.de",
    "a\u3164@c.de",
    "a\ufe0f@c.de",
    "a\U000e0101@c.de",
    "a@exa\u00admple.com",
    "a@exam\u200dple.com",
    "a@examp\u2060le.com",
    "a@b.co\nBcc: x@y.zz",
    "x" * 65 + "@example.com",
    "a@" + "b" * 64 + ".co",
    "a@" + "b." * 150 + "co",
]


@pytest.mark.parametrize("email", GOOD_EMAILS)
def test_an_email_that_mail_could_reach_is_taken_as_it_is(email):
    assert Email().deserialize(email) == email


@pytest.mark.parametrize("email", BAD_EMAILS)
def test_an_email_that_no_mail_could_reach_is_refused(email):
    with pytest.raises(ValidationError):
        Email().deserialize(email)


@settings(deadline=None)
@given(st.emails())
def test_every_documented_email_is_accepted(email):
    assert is_email(email) == (len(email) <= 254)


@pytest.mark.parametrize(
    "text", [" a@b.co\t", "\ufeffa@b.co", "a@b.co\u200b ", "\u2060 \u200ba@b.co\u00a0\u200e"]
)
def test_white_space_and_invisible_signs_around_an_email_are_dropped(text):
    assert Email().deserialize(text) == "a@b.co"
    assert email_key(text) == "a@b.co"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Olena@Example.COM", "olena@example.com"),
        ("ОЛЕНА@приклад.укр", "олена@ПРИКЛАД.укр"),
        ("a@приклад.укр", "a@xn--80aikifvh.xn--j1amh"),
        ("straße@example.com", "STRASSE@example.com"),
        (unicodedata.normalize("NFD", "йосип@example.com"), "йосип@example.com"),
        (" a@b.co ", "a@b.co"),
    ],
)
def test_the_same_mailbox_has_the_same_key(one, other):
    assert email_key(one) == email_key(other)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_a_key_however_little_it_is_an_email(text):
    assert "@" in email_key(text)


LOCAL_PARTS = st.text(st.characters(categories=["L", "M", "N"]), min_size=1, max_size=64)
DOMAINS = st.sampled_from(["example.com", "приклад.укр", "straße.de", "İstanbul.example"])


@settings(deadline=None)
@given(st.builds("{}@{}".format, LOCAL_PARTS, DOMAINS).filter(is_email))
def test_the_key_of_an_email_fits_its_column_and_is_its_own_key(email):
    key = email_key(email)
    assert len(key) <= 508
    assert email_key(key) == key
