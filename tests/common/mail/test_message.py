"""A mail as a message: nothing of its values can become a header, and it is the same each time."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.mail.claims import ClaimedMail
from common.mail.message import build_message

SENDER = Address("Репетитори", addr_spec="no-reply@app.example")
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
}
MAIL = ClaimedMail(
    id=7,
    kind="password_reset",
    message_id="<1.2@app.example>",
    recipient="olena@example.org",
    subject="Новий пароль",
    text_body="Текст\n\nhttps://app.example/?a=1\n.\n",
    html_body="<p>Текст</p>",
    created_at=datetime(2026, 11, 26, 12, 0, 0, 5, tzinfo=UTC),
    attempts=1,
)
UNICODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def parsed(mail, **options):
    return message_from_bytes(build_message(mail, SENDER, **options).as_bytes(), policy=default)


@pytest.mark.parametrize("readable", [False, True])
def test_a_message_says_who_what_and_when(readable):
    message = parsed(MAIL, readable=readable)
    assert set(message.keys()) == HEADERS
    assert message["From"] == "Репетитори <no-reply@app.example>"
    assert message["Date"] == "Thu, 26 Nov 2026 12:00:00 +0000"
    assert message["Message-ID"] == MAIL.message_id
    plain, html = message.iter_parts()
    assert plain.get_content().splitlines() == MAIL.text_body.splitlines()
    assert html.get_content_type() == "text/html"


def test_what_goes_to_a_server_is_ascii_and_what_goes_to_a_file_is_readable():
    assert build_message(MAIL, SENDER).as_bytes().isascii()
    assert MAIL.text_body.encode() in build_message(MAIL, SENDER, readable=True).as_bytes().replace(
        b"\r\n", b"\n"
    )


def test_every_attempt_sends_the_same_bytes():
    first, second = (build_message(MAIL, SENDER).as_bytes() for _ in range(2))
    assert first == second


@example(subject="\n", text="", html="")
@example(subject="a\r", text="b", html="")
@given(subject=UNICODE, text=UNICODE, html=UNICODE)
def test_no_text_becomes_a_header(subject, text, html):
    mail = MAIL._replace(subject=subject, text_body=text, html_body=html)
    try:
        message = parsed(mail)
    except ValueError:
        assert len(subject.splitlines()) > 1 or not subject.isprintable()
        return
    assert set(message.keys()) == HEADERS
    assert message["To"] == MAIL.recipient


@pytest.mark.parametrize(
    "recipient",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\nBcc: b@example.org",
        "a\r\nBcc: b@example.org",
        "a@exam\r\nple.org",
        "a\x00@example.org",
    ],
)
def test_an_address_with_a_line_break_is_refused(recipient):
    try:
        message = build_message(MAIL._replace(recipient=recipient), SENDER).as_bytes()
    except ValueError:
        return
    assert b"\nBcc" not in message


@pytest.mark.parametrize("recipient", ["a,b@example.org", "a<b>@example.org", 'a"b@example.org'])
def test_signs_of_an_address_list_name_no_second_mailbox(recipient):
    message = parsed(MAIL._replace(recipient=recipient))
    assert len(message["To"].addresses) == 1


def test_a_domain_beyond_ascii_is_written_as_dns_knows_it():
    message = parsed(MAIL._replace(recipient="olena@пошта.example"))
    assert message["To"] == "olena@xn--80a1acn3a.example"
