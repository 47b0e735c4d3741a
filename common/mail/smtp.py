"""Hand mails to a mail server: SMTP (RFC 5321), TLS by STARTTLS (RFC 3207) or from the first byte."""

import smtplib
import ssl
import threading
from contextlib import suppress
from email.headerregistry import Address
from socket import SHUT_RDWR

from common.config.mail_settings import MailServer
from common.config.setting_types import LOOPBACK_HOSTS
from common.mail.claims import ClaimedMail
from common.mail.message import ascii_domain, build_message

# A server that looks into what it is given takes its time to answer.
STEP_TIMEOUT_SECONDS = 60.0
# Of all steps together; shorter than a lease, so that no other process sends the mail meanwhile.
CONVERSATION_TIMEOUT_SECONDS = 120.0


class ServerUnavailable(Exception):
    """No mail can be handed over at present; the message holds no address."""


class Refused(Exception):
    """This mail was not taken. `code`: the reply's (RFC 5321), 0 where there was none."""

    def __init__(self, code: int, is_permanent: bool) -> None:
        super().__init__(f"refused with {code}")
        self.code = code
        self.is_permanent = is_permanent


class SmtpTransport:
    """Hands mails to a server over one connection, which it opens with the first.

    Each step of a conversation, and a conversation as a whole, end after their timeouts (seconds).
    """

    def __init__(
        self,
        server: MailServer,
        sender: Address,
        step_timeout: float = STEP_TIMEOUT_SECONDS,
        conversation_timeout: float = CONVERSATION_TIMEOUT_SECONDS,
    ) -> None:
        self._server = server
        self._sender = sender
        self._step_timeout = step_timeout
        self._conversation_timeout = conversation_timeout
        self._smtp: smtplib.SMTP | None = None

    def deliver(self, mail: ClaimedMail) -> None:
        """Hand a mail over. Raises ServerUnavailable or Refused."""
        message = build_message(mail, self._sender)
        recipient = ascii_domain(mail.recipient)
        deadline = threading.Timer(self._conversation_timeout, self._abort)
        deadline.daemon = True
        deadline.start()
        try:
            smtp = self._smtp or self._open()
            smtp.send_message(message, self._sender.addr_spec, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            raise self._refusal(error.recipients[recipient][0]) from None
        except smtplib.SMTPSenderRefused as error:
            # Of the sender's address, which another setting mends.
            self._drop()
            raise Refused(error.smtp_code, False) from None
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error.smtp_code) from None
        except smtplib.SMTPNotSupportedError:
            # The server takes no address beyond ASCII (RFC 6531).
            raise Refused(0, True) from None
        except OSError:
            # Lost on the way: whether the server has taken it is not known.
            self._drop()
            raise Refused(0, False) from None
        finally:
            deadline.cancel()

    def _refusal(self, code: int) -> Refused:
        """RFC 5321, 4.2.1: a reply of 5yz is for good. 421 says that the server is closing."""
        if code == 421:
            self._drop()
        return Refused(code, 500 <= code <= 599)

    def _open(self) -> smtplib.SMTP:
        """A connection that is ready for mails. Raises ServerUnavailable."""
        # Otherwise looked up in DNS, without a limit in time.
        name = self._sender.domain
        try:
            if self._server.implicit_tls:
                self._smtp = smtplib.SMTP_SSL(
                    local_hostname=name,
                    timeout=self._step_timeout,
                    context=ssl.create_default_context(),
                )
            else:
                self._smtp = smtplib.SMTP(local_hostname=name, timeout=self._step_timeout)
            self._greet(self._smtp)
        except (OSError, ValueError) as error:
            code = getattr(error, "smtp_code", "")
            self._drop()
            raise ServerUnavailable(f"{type(error).__name__} {code}".strip()) from None
        return self._smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        # Given to the constructor, it would connect before the deadline could reach it. The
        # certificate is compared with this name.
        smtp._host = server.host  # type: ignore[attr-defined]  # its stub leaves it out
        code, _ = smtp.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, "")
        smtp.ehlo_or_helo_if_needed()
        if not server.implicit_tls and server.host not in LOOPBACK_HOSTS:
            if smtp.has_extn("starttls"):
                smtp.starttls(context=ssl.create_default_context())
            elif server.user:
                raise ValueError("no password is sent without TLS")
        if server.user:
            smtp.login(server.user, server.password)

    def _abort(self) -> None:
        """End a conversation that takes too long, from another thread."""
        smtp = self._smtp
        if smtp is not None and smtp.sock is not None:
            with suppress(OSError):
                smtp.sock.shutdown(SHUT_RDWR)

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def close(self) -> None:
        """Say goodbye until the next mail."""
        if self._smtp is not None:
            with suppress(OSError):
                self._smtp.quit()
        self._drop()
