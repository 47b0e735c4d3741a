"""Conversations with mail servers of every kind: slow, silent, secured, international."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from common.config.mail_settings import DEVELOPMENT_SENDER, MailServer
from common.mail.smtp import Refused, ServerUnavailable, SmtpTransport
from tests.common.mail.mail_server import RunningServer, accept_password
from tests.common.mail.test_message import MAIL

CERTIFICATE = Path(__file__).parent / "localhost.pem"
# Another address of this machine, which counts as elsewhere.
ELSEWHERE = "127.0.0.2"


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.fixture
def start_server():
    """Starts mail servers that end with the test."""
    started = []

    def start(host="127.0.0.1", **options):
        started.append(RunningServer(host, **options))
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def trusts_certificate(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


@pytest.fixture
def transport():
    """Makes transports to a server, whose connections end with the test."""
    made = []

    def make(server, user="", password="", implicit_tls=False, **timeouts):
        host, port = server.address.host, server.address.port
        address = MailServer(host, port, implicit_tls, user, password)
        made.append(SmtpTransport(address, DEVELOPMENT_SENDER, **timeouts))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_server_elsewhere_is_spoken_to_by_tls_where_it_offers_it(
    start_server, trusts_certificate, transport
):
    server = start_server(ELSEWHERE, tls_context=server_context(), require_starttls=True)
    transport(server).deliver(MAIL)
    assert len(server.handler.received) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(start_server, transport):
    server = start_server(ELSEWHERE, tls_context=server_context())
    with pytest.raises(ServerUnavailable, match="SSLCertVerificationError"):
        transport(server).deliver(MAIL)
    assert server.handler.received == []


def test_a_password_is_given_by_tls(start_server, trusts_certificate, transport):
    server = start_server(
        ELSEWHERE,
        tls_context=server_context(),
        authenticator=accept_password(b"me@app.example", b"p/: word"),
        auth_required=True,
    )
    transport(server, "me@app.example", "p/: word").deliver(MAIL)
    assert len(server.handler.received) == 1


def test_a_password_is_not_given_to_a_server_elsewhere_without_tls(start_server, transport):
    server = start_server(ELSEWHERE, auth_require_tls=False)
    with pytest.raises(ServerUnavailable):
        transport(server, "me", "word").deliver(MAIL)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # on this machine
def test_a_wrong_password_leaves_mails_waiting_and_shows_nowhere(start_server, transport):
    server = start_server(
        authenticator=accept_password(b"me", b"right"), auth_required=True, auth_require_tls=False
    )
    with pytest.raises(ServerUnavailable) as caught:
        transport(server, "me", "qvwrong").deliver(MAIL)
    assert str(caught.value) == "SMTPAuthenticationError 535"
    transport(server, "me", "right").deliver(MAIL)


def test_tls_from_the_first_byte(start_server, trusts_certificate, transport):
    server = start_server(ssl_context=server_context())
    transport(server, implicit_tls=True).deliver(MAIL)
    assert len(server.handler.received) == 1


def test_an_address_beyond_ascii_needs_a_server_that_knows_it(start_server, transport):
    mail = MAIL._replace(recipient="олена@пошта.example")
    knowing = start_server(enable_SMTPUTF8=True)
    transport(knowing).deliver(mail)
    (envelope,) = knowing.handler.received
    assert envelope.rcpt_tos == ["олена@xn--80a1acn3a.example"]
    unknowing = start_server(enable_SMTPUTF8=False)
    with pytest.raises(Refused) as caught:
        transport(unknowing).deliver(mail)
    assert caught.value.is_permanent


@pytest.fixture
def talk():
    """Listens, and speaks to who connects as a function says."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def start(speak):
        def run():
            connection, _ = listener.accept()
            with connection:
                speak(connection, ended)

        threading.Thread(target=run, daemon=True).start()
        return MailServer("127.0.0.1", listener.getsockname()[1])

    yield start
    ended.set()
    listener.close()


def say_nothing(connection, ended):
    ended.wait(30)


def say_little_by_little(connection, ended):
    """Each byte in time, the greeting never."""
    while not ended.wait(0.05):
        try:
            connection.sendall(b"2")
        except OSError:
            return


def hang_up(connection, ended):
    """Closes at once."""


def refuse(connection, ended):
    connection.sendall(b"554 not today\r\n")


@pytest.mark.parametrize("speak", [say_nothing, say_little_by_little, hang_up, refuse])
def test_no_server_holds_the_sender_for_longer_than_its_timeouts(talk, speak):
    patient = SmtpTransport(
        talk(speak), DEVELOPMENT_SENDER, step_timeout=0.5, conversation_timeout=1
    )
    with pytest.raises(ServerUnavailable):
        patient.deliver(MAIL)


def test_a_server_that_answers_every_step_slowly_is_left_at_the_deadline(start_server, transport):
    server = start_server()
    server.handler.delay_seconds = 30
    with pytest.raises(Refused) as caught:
        transport(server, step_timeout=30, conversation_timeout=0.5).deliver(MAIL)
    assert not caught.value.is_permanent


def test_a_refused_sender_is_a_matter_of_settings_and_no_fault_of_the_mail(start_server, transport):
    server = start_server()

    async def refuse_sender(server, session, envelope, address, options):
        return "550 5.7.1 who are you"

    server.handler.handle_MAIL = refuse_sender
    with pytest.raises(Refused) as caught:
        transport(server).deliver(MAIL)
    assert (caught.value.code, caught.value.is_permanent) == (550, False)
