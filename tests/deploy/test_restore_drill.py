"""docs/backup.md, followed on servers of our own: a backup is restored, and who was erased stays erased."""

import re
import shutil
import subprocess
from contextvars import Context
from pathlib import Path

import psycopg2
import pytest

from activity import event_queue
from common.database.session import dispose_engines
from common.embedded.postgres import Postgres
from common.embedded.postgres_binaries import PostgresBinaries
from common.operations import logging
from tests.conftest import test_settings
from tests.database import on_server
from tests.deploy.inhabitants import Inhabitant
from wsgi import create_app

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Installation:
    """An application on a server that this test has started."""

    def __init__(self, folder, server):
        self.server = server
        self.app = create_app(
            test_settings(server.url, None, folder)
            | {"MEDIA_DIR": str(folder / "media"), "LOG_LEVEL": "INFO"}
        )

    def run(self, *arguments):
        result = Context().run(self.app.test_cli_runner().invoke, args=[*arguments])
        assert result.exit_code == 0, result.output
        return result.output

    def stop(self):
        with self.app.app_context():
            event_queue().close()
            dispose_engines()
        self.server.stop()

    def card(self, tutor_id):
        return self.app.test_client().get(f"/api/marketplace/tutors/{tutor_id}/")

    def is_known(self, email):
        with psycopg2.connect(self.server.url) as connection, connection.cursor() as cursor:
            cursor.execute("select count(*) from users where email = %s", (email,))
            (number,) = cursor.fetchone()
        connection.close()
        return number > 0


@pytest.fixture
def origin(tmp_path):
    """The installation that is backed up: it archives its WAL."""
    archive = tmp_path / "wal"
    archive.mkdir()
    for folder in (archive, *tmp_path.parents[:2], tmp_path):
        # The server may run as another account, which writes here.
        folder.chmod(0o777 if folder == archive else 0o755)
    server = Postgres(tmp_path / "origin", ephemeral=True)
    server.start()
    with on_server(server.url) as cursor:
        cursor.execute("alter system set archive_mode = on")
        cursor.execute(f"alter system set archive_command = 'cp %p {archive}/%f'")
    server.stop()
    server.start()
    installation = Installation(tmp_path / "origin", server)
    installation.run("db", "upgrade")
    yield installation
    installation.stop()
    logging.configure("WARNING")


def back_up(origin, folder):
    """`pg_basebackup`, as the page has it."""
    programs = PostgresBinaries(folder.parent / "binaries").reachable_by(None)
    command = [programs / "pg_basebackup", "-d", origin.server.url, "-D", folder, "-X", "stream"]
    subprocess.run([*map(str, command), "-c", "fast"], check=True)


def archive_all(origin):
    """Let the archive have everything up to now."""
    with on_server(origin.server.url) as cursor:
        cursor.execute("select pg_walfile_name(pg_switch_wal())")
        (last,) = cursor.fetchone()
        archived = False
        while not archived:
            cursor.execute("select last_archived_wal >= %s from pg_stat_archiver", (last,))
            archived = bool(cursor.fetchone()[0])


def restore(base, folder, origin, archive=None):
    """The backup in another server; with all WAL of an archive, or as it is."""
    folder.mkdir()
    shutil.copytree(base, folder / "data", symlinks=True)
    shutil.copy(origin.server.folder / "password", folder / "password")
    shutil.copytree(origin.app.config["MEDIA_DIR"], folder / "media")
    with (folder / "data" / "postgresql.auto.conf").open("a") as settings:
        settings.write("archive_command = ''\n")
        if archive:
            settings.write(f"restore_command = 'cp {archive}/%f %p'\n")
            (folder / "data" / "recovery.signal").touch()
    server = Postgres(folder, ephemeral=True)
    server.start()
    return Installation(folder, server)


def follow_the_page(restored, log):
    """From the fourth step on; what the replay said."""
    restored.run("db", "upgrade")
    said = restored.run("replay-erasures", str(log))
    rebuilt = restored.run("rebuild-public")
    assert re.search(r"^[1-9]\d* tutors checked, 0 public rows differed", rebuilt, re.MULTILINE)
    restored.run("maintain")
    return said


def test_a_restore_brings_back_all_but_the_erased(origin, tmp_path, capsys):
    stays = Inhabitant(origin.app, "stays@example.org", "Before the backup")
    leaves = Inhabitant(origin.app, "leaves@example.org", "About to leave")
    leaves.upload_avatar()
    base = tmp_path / "base"
    back_up(origin, base)

    capsys.readouterr()
    stays.set_headline("After the backup")
    comes = Inhabitant(origin.app, "comes@example.org", "New here")
    leaves.erase()
    log = tmp_path / "service.log"
    log.write_text(capsys.readouterr().out)
    archive_all(origin)

    from_wal = restore(base, tmp_path / "with-wal", origin, tmp_path / "wal")
    try:
        said = follow_the_page(from_wal, log)
        assert said == "1 erasures named, 0 accounts were erased again.\n"
        assert not from_wal.is_known(leaves.email)
        assert from_wal.card(leaves.id).status_code == 404
        assert from_wal.card(stays.id).json["headline"] == "After the backup"
        assert from_wal.card(comes.id).json["headline"] == "New here"
    finally:
        from_wal.stop()

    alone = restore(base, tmp_path / "alone", origin)
    try:
        assert alone.is_known(leaves.email)
        said = follow_the_page(alone, log)
        assert said == "1 erasures named, 1 accounts were erased again.\n"
        assert not alone.is_known(leaves.email)
        assert alone.card(leaves.id).status_code == 404
        assert alone.card(stays.id).json["headline"] == "Before the backup"
        media = Path(alone.app.config["MEDIA_DIR"])
        assert not [file for file in media.rglob("*") if file.suffix == ".webp"]
    finally:
        alone.stop()
