"""A mail of the outbox as an RFC 5322 message."""

from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from common.mail.claims import ClaimedMail

ASCII = SMTP.clone(cte_type="7bit")
# Lines as long as RFC 5322 allows, so that no link is broken in two.
READABLE = SMTP.clone(cte_type="8bit", max_line_length=998)


def ascii_domain(address: str) -> str:
    """The address with its domain as DNS knows it (IDNA). Raises UnicodeError."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def build_message(mail: ClaimedMail, sender: Address, *, readable: bool = False) -> EmailMessage:
    """The message, the same at every attempt.

    `readable`: its text as it is, for files that people look into; otherwise encoded in ASCII, which
    every mail server takes. Raises ValueError where a header would hold a line break.
    """
    if mail.subject.splitlines() not in ([], [mail.subject]):
        # The library takes one that only ends in a line break, and so ends the headers there.
        raise ValueError("the subject must be one line")
    message = EmailMessage(policy=READABLE if readable else ASCII)
    local, _, domain = ascii_domain(mail.recipient).rpartition("@")
    message["From"] = sender
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at.astimezone(UTC))
    message["Message-ID"] = mail.message_id
    # RFC 3834: no holiday notice is to come back.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text_body)
    message.add_alternative(mail.html_body, subtype="html")
    # Otherwise made by chance, and different at every attempt.
    message.set_boundary(f"=_{sha256(mail.message_id.encode()).hexdigest()[:32]}")
    return message
