"""Mails in files, for development, and mails to nowhere."""

import stat
from email import message_from_bytes
from email.policy import default

import pytest

from common.config.mail_settings import DEVELOPMENT_SENDER
from common.mail import transports
from common.mail.smtp import ServerUnavailable, SmtpTransport
from common.mail.transports import FolderTransport, NullTransport, make_transport
from tests.common.mail.test_message import MAIL


def test_a_mail_becomes_a_file_for_its_owner_alone(tmp_path):
    FolderTransport(tmp_path / "mail", DEVELOPMENT_SENDER).deliver(MAIL)
    (path,) = (tmp_path / "mail").iterdir()
    assert path.name == "20261126-120000-000007-password_reset.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert MAIL.text_body.strip() in path.read_text("utf-8")
    assert message_from_bytes(path.read_bytes(), policy=default)["Subject"] == MAIL.subject


def test_a_mail_written_twice_is_one_file(tmp_path):
    folder = FolderTransport(tmp_path, DEVELOPMENT_SENDER)
    for _ in range(2):
        folder.deliver(MAIL)
    assert len(list(tmp_path.iterdir())) == 1


def test_the_folder_keeps_the_newest(tmp_path, monkeypatch):
    monkeypatch.setattr(transports, "MOST_FILES", 3)
    folder = FolderTransport(tmp_path, DEVELOPMENT_SENDER)
    for number in range(5):
        folder.deliver(MAIL._replace(id=number))
    assert sorted(path.name.split("-")[2] for path in tmp_path.iterdir()) == [
        "000002",
        "000003",
        "000004",
    ]


def test_a_folder_that_cannot_be_written_leaves_mails_waiting(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ServerUnavailable):
        FolderTransport(tmp_path / "file" / "mail", DEVELOPMENT_SENDER).deliver(MAIL)


@pytest.mark.parametrize(
    ("url", "kind"),
    [(None, FolderTransport), ("none", NullTransport), ("smtp://a.example", SmtpTransport)],
)
def test_the_settings_choose_where_mail_goes(make_app, url, kind):
    assert isinstance(make_transport(make_app(MAIL_URL=url).config), kind)
