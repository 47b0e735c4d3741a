"""A real mail server that takes what it is given, or fails as a test says."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from common.config.mail_settings import MailServer
from common.embedded.processes import free_port


class Handler:
    """What the server answers; a test changes it while the server runs."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.recipient_reply = "250 OK"
        self.data_reply = "250 OK"
        self.delay_seconds = 0.0
        # Connections to be cut after the text was taken and before the answer.
        self.cuts_after_data = 0
        self.on_data: Callable[[], Any] = lambda: None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.recipient_reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.delay_seconds)
        await asyncio.get_running_loop().run_in_executor(None, self.on_data)
        if self.data_reply.startswith("2"):
            self.received.append(envelope)
        if self.cuts_after_data:
            self.cuts_after_data -= 1
            server.transport.abort()
        return self.data_reply

    def messages(self) -> list[EmailMessage]:
        """What was taken, parsed."""
        return [
            # The library knows that content only as text or bytes or nothing; here it is bytes.
            message_from_bytes(each.original_content, policy=default)  # type: ignore[misc]
            for each in self.received
        ]


class RunningServer:
    """The server on a port of its own; `handler` is how it behaves."""

    def __init__(self, host: str = "127.0.0.1", **options: Any) -> None:
        self.handler = Handler()
        self.address = MailServer(host, free_port())
        self._options = options
        self._controller: Controller | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"smtp://{self.address.host}:{self.address.port}"

    def start(self) -> None:
        self._controller = Controller(
            self.handler,
            hostname=self.address.host,
            port=self.address.port,
            ready_timeout=30,
            **self._options,
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            with suppress(OSError):
                self._controller.stop()
            self._controller = None


def accept_password(user: bytes, password: bytes) -> Callable[..., AuthResult]:
    """An authenticator that knows one person."""

    def authenticate(server: SMTP, *rest: Any) -> AuthResult:
        given = rest[-1]
        return AuthResult(success=(given.login, given.password) == (user, password), handled=False)

    return authenticate
