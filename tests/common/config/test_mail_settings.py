"""Where mail goes, who sends it and where its links lead, as settings say it."""

import pytest

from common.config import ConfigError, load_settings
from common.config.mail_settings import NO_MAIL, MailServer
from tests.common.config.test_config import COMPLETE


@pytest.mark.parametrize(
    ("value", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 25)),
        ("SMTP://Mail.Example:2525/", MailServer("mail.example", 2525)),
        ("smtp://[::1]:26", MailServer("::1", 26)),
        ("smtps://mail.example", MailServer("mail.example", 465, True)),
        (
            "smtp://me%40a.example:p%2F%3A%20@mail.example",
            MailServer("mail.example", 587, False, "me@a.example", "p/: "),
        ),
        ("smtps://me:word@10.0.0.1:4650", MailServer("10.0.0.1", 4650, True, "me", "word")),
        (" None ", NO_MAIL),
    ],
)
def test_a_mail_server_is_named_by_its_address(value, server):
    assert load_settings({"MAIL_URL": value})["MAIL_URL"] == server


def test_a_password_does_not_show_where_the_settings_are_printed():
    assert "word" not in repr(load_settings({"MAIL_URL": "smtps://me:word@mail.example"}))


MALFORMED = [
    *[
        ("MAIL_URL", value)
        for value in (
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://mail.example:0",
            "smtp://mail.example:port",
            "smtp://mail.example:99999",
            "smtp://mail.example/path",
            "smtp://mail.example?tls=1",
            "smtp://secret@mail.example",
            "smtp://:secret@mail.example",
            "smtp://me:secret%0d%0aQUIT@mail.example",
            "smtp://me:secret%ff@mail.example",
            "smtp://me:secret%D1%97@mail.example",
            "smtp://ma il.example",
        )
    ],
    *[
        ("MAIL_FROM", value)
        for value in (
            "Tutors",
            "a@b@c",
            "a@",
            "Tutors <a@b.example>\nBcc: x@y.example",
            "ї@a.example",
        )
    ],
    *[
        ("FRONTEND_URL", value)
        for value in (
            "app.example",
            "https://app.example/?a=1",
            "https://app.example/#here",
            "https://me:secret@app.example",
            "https://a.example,https://b.example",
            "https://app.example/a b",
            "ftp://app.example",
        )
    ],
]


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_malformed_setting_is_named_and_its_secret_not_quoted(name, value):
    with pytest.raises(ConfigError, match=f"^The configuration.*\n- {name} [^\n]*$") as caught:
        load_settings({name: value})
    assert "secret" not in str(caught.value)


def test_production_needs_a_sender_unless_it_sends_nothing():
    given = {name: value for name, value in COMPLETE.items() if name != "MAIL_FROM"}
    with pytest.raises(ConfigError, match="MAIL_FROM is not set"):
        load_settings(given)
    assert load_settings(given | {"MAIL_URL": "none"})["MAIL_URL"] == NO_MAIL


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("no-reply@app.example", "no-reply@app.example"),
        ("Репетитори <no-reply@app.example>", "Репетитори <no-reply@app.example>"),
    ],
)
def test_a_sender_is_an_address_with_or_without_a_name(value, shown):
    assert str(load_settings({"MAIL_FROM": value})["MAIL_FROM"]) == shown


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "http://localhost:5173"),
        ({"FRONTEND_ORIGINS": "https://a.example, https://b.example"}, "https://a.example"),
        ({"FRONTEND_URL": "https://App.Example/tutors/"}, "https://app.example/tutors"),
    ],
)
def test_links_lead_to_the_frontend(given, url):
    assert load_settings(given)["FRONTEND_URL"] == url


def test_production_links_by_https_only():
    with pytest.raises(ConfigError, match="FRONTEND_URL must be https"):
        load_settings(COMPLETE | {"FRONTEND_URL": "http://app.example"})
