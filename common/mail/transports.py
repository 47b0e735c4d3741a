"""Where a mail is handed to: a mail server, a folder, or nowhere."""

import os
from email.headerregistry import Address
from pathlib import Path
from typing import Any, Protocol

from common.config.mail_settings import NO_MAIL, MailServer
from common.mail.claims import ClaimedMail
from common.mail.message import build_message
from common.mail.smtp import ServerUnavailable, SmtpTransport

MOST_FILES = 1000


class Transport(Protocol):
    """Hands over mails, one after the other."""

    def deliver(self, mail: ClaimedMail) -> None:
        """Hand a mail over. Raises ServerUnavailable or Refused."""

    def close(self) -> None:
        """Say goodbye until the next mail."""


class FolderTransport:
    """Writes mails to files, for development. The newest MOST_FILES stay."""

    def __init__(self, folder: Path, sender: Address) -> None:
        self.folder = folder
        self._sender = sender

    def deliver(self, mail: ClaimedMail) -> None:
        message = build_message(mail, self._sender, readable=True)
        name = f"{mail.created_at:%Y%m%d-%H%M%S}-{mail.id:06}-{mail.kind}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = self.folder / f"{name}.part"
            with open(unfinished, "wb", opener=_open_private) as file:
                file.write(message.as_bytes(policy=message.policy.clone(linesep="\n")))
            unfinished.rename(self.folder / f"{name}.eml")
            for old in sorted(self.folder.glob("*.eml"))[:-MOST_FILES]:
                old.unlink(missing_ok=True)
        except OSError as error:
            raise ServerUnavailable(type(error).__name__) from None

    def close(self) -> None:
        """Nothing is open."""


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class NullTransport:
    """Drops mails, where the operator wants none sent."""

    def deliver(self, mail: ClaimedMail) -> None:
        """The mail is gone."""

    def close(self) -> None:
        """Nothing is open."""


def make_transport(config: Any) -> Transport:
    """The transport that the settings name."""
    server: MailServer | str | None = config["MAIL_URL"]
    if isinstance(server, MailServer):
        return SmtpTransport(server, config["MAIL_FROM"])
    if server == NO_MAIL:
        return NullTransport()
    return FolderTransport(mail_folder(config), config["MAIL_FROM"])


def mail_folder(config: Any) -> Path:
    """Where mails are written while no server is configured."""
    return Path(config["INSTANCE_DIR"]) / "mail"


def describe_destination(config: Any) -> str:
    """Where mail goes, in words without a secret."""
    server: MailServer | str | None = config["MAIL_URL"]
    if isinstance(server, MailServer):
        return f"{server.host}:{server.port}"
    return "nobody's mailbox" if server == NO_MAIL else str(mail_folder(config))
