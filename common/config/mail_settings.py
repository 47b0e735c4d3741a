"""The settings of mail: the server it is handed to, its sender, and where its links lead."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from common.config.setting_types import HOST_NAME, Setting, origins, secure_origins

NO_MAIL = "none"
# RFC 5321 and, for TLS from the first byte, RFC 8314.
DEFAULT_MAIL_PORTS = {"smtp": 25, "smtps": 465}
# RFC 6409: where programs with an account hand in their mail.
SUBMISSION_PORT = 587
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
URL_PATH = re.compile(r"(/[A-Za-z0-9._~%-]+)*/?")
DEVELOPMENT_SENDER = Address(addr_spec="no-reply@localhost")


@dataclass(frozen=True)
class MailServer:
    """An SMTP server. `implicit_tls`: TLS from the first byte (`smtps`), not by STARTTLS."""

    host: str
    port: int
    implicit_tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)


def mail_url(value: str) -> MailServer | str:
    """A server of `smtp://` or `smtps://`, or NO_MAIL for `none`.

    Raises ValueError, which quotes nothing: the address may hold a password.
    """
    if value.strip().lower() == NO_MAIL:
        return NO_MAIL
    message = "must be smtp://host, smtps://user:password@host:port or none"
    try:
        url = urlsplit(value.strip())
        host, port = url.hostname or "", url.port
        user = unquote(url.username or "", errors="strict")
        password = unquote(url.password or "", errors="strict")
    except ValueError:
        raise ValueError(message) from None
    if url.scheme not in DEFAULT_MAIL_PORTS or url.path.strip("/") or url.query or url.fragment:
        raise ValueError(message)
    if not (HOST_NAME.fullmatch(host) or ":" in host) or port == 0:
        raise ValueError(message)
    # smtplib logs in with ASCII only.
    if bool(user) != bool(password) or not re.fullmatch(r"[ -~]*", user + password):
        raise ValueError("must have both user and password, percent-encoded ASCII, or neither")
    if url.scheme == "smtps":
        return MailServer(host, port or DEFAULT_MAIL_PORTS["smtps"], True, user, password)
    default = SUBMISSION_PORT if user else DEFAULT_MAIL_PORTS["smtp"]
    return MailServer(host, port or default, False, user, password)


def starts_mail_threads(config: Mapping[str, Any]) -> bool:
    """Whether processes send what is in the outbox, and answer requests that end in a mail, by themselves.

    Tests without a mail server look at each step, and nobody is to take it meanwhile.
    """
    return config["APP_ENV"] != "testing" or isinstance(config["MAIL_URL"], MailServer)


def mail_address(value: str) -> Address:
    """A sender: `no-reply@example.org`, or with a name, `Tutors <no-reply@example.org>`."""
    name, address = parseaddr(value) if value.isprintable() else ("", "")
    if not ADDRESS.fullmatch(address):
        raise ValueError("must be an address such as Tutors <no-reply@example.org>")
    try:
        return Address(display_name=name, addr_spec=address)
    except Exception:
        # The library raises several kinds, some of them undocumented.
        raise ValueError("must be an address such as Tutors <no-reply@example.org>") from None


def page_url(value: str) -> str:
    """The address of a site or of a folder in it, without the slash at its end."""
    return _page_url(value, secure=False)


def secure_page_url(value: str) -> str:
    """Such an address with https, or on this machine."""
    return _page_url(value, secure=True)


def _page_url(value: str, secure: bool) -> str:
    match = re.fullmatch(r"(https?://[^/?#,]+)([^?#]*)", value.strip(), re.I)
    if match is None or not URL_PATH.fullmatch(match[2]):
        raise ValueError("must be an address such as https://app.example, without query")
    (origin,) = (secure_origins if secure else origins)(match[1])
    return origin + match[2].rstrip("/")


MAIL_SETTINGS: tuple[Setting, ...] = (
    Setting(
        "MAIL_URL",
        None,
        mail_url,
        "the mail server, `smtp://host:port`, or `smtps://…` with TLS from the first byte; user and"
        " password are percent-encoded; `none`: send nothing; unset: messages become files in"
        " `instance/mail/`",
        required_in_production=True,
    ),
    Setting(
        "MAIL_FROM",
        None,
        mail_address,
        "the sender of mail, `Name <address>`; unset: `no-reply@localhost`; production needs it unless"
        " `MAIL_URL` is `none`",
    ),
    Setting(
        "FRONTEND_URL",
        None,
        page_url,
        "where the frontend is, for the links in mail; unset: the first of `FRONTEND_ORIGINS`",
        parse_in_production=secure_page_url,
    ),
)
