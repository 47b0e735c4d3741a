"""Stored files: what is served, with which headers, and what every trick with a path gets."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.database.session import db
from common.http.problems.errors import Unavailable
from common.media.files import current_store, media_url, remove_file, rename_file, store_file
from common.media.store_identity import adopt
from common.media.withdrawal import settle_all
from common.operations import logging
from tests.common.media.folder import media_path

CONTENT = b"RIFF and so on"


@pytest.fixture(autouse=True)
def folder(app, tmp_path) -> Iterator[Path]:
    """An own media folder, with secrets beside it."""
    before = app.config["MEDIA_DIR"]
    app.config["MEDIA_DIR"] = str(tmp_path / "media")
    (tmp_path / "secret_key").write_text("secret")
    (tmp_path / "media" / "avatars").mkdir(parents=True)
    (tmp_path / "media" / "avatars" / "notes.txt").write_text("secret")
    (tmp_path / "media" / "avatars" / "half.part").write_text("secret")
    yield tmp_path / "media"
    app.config["MEDIA_DIR"] = before


@pytest.fixture
def stored(app) -> str:
    name = store_file(CONTENT, "avatars", ".webp")
    db.session.commit()
    return name


def committed(name: str) -> bool:
    db.session.commit()
    return media_path(name).exists()


def test_a_stored_file_is_served_inert_and_for_long(client, stored):
    answer = client.get(media_url(stored))
    assert answer.data == CONTENT
    assert answer.mimetype == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert "immutable" in answer.headers["Cache-Control"]


def test_no_shared_cache_keeps_what_may_be_hidden_later(client, stored):
    assert "private" in client.get(media_url(stored)).headers["Cache-Control"]


def test_nobody_learns_when_a_file_was_written(client, stored):
    assert "Last-Modified" not in client.get(media_url(stored)).headers


def test_a_cached_copy_is_revalidated(client, stored):
    etag = client.get(media_url(stored)).headers["ETag"]
    again = client.get(media_url(stored), headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.headers["ETag"] == etag


def test_head_answers_as_get_without_a_body(client, stored):
    answer = client.head(media_url(stored))
    assert answer.status_code == 200
    assert answer.data == b""
    assert answer.headers["Content-Length"] == str(len(CONTENT))


def test_a_part_can_be_asked_for(client, stored):
    answer = client.get(media_url(stored), headers={"Range": "bytes=5-7"})
    assert answer.status_code == 206
    assert answer.data == CONTENT[5:8]
    beyond = client.get(media_url(stored), headers={"Range": "bytes=99-"})
    assert beyond.status_code == 416
    assert beyond.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "avatars",
        "avatars/",
        "../secret_key",
        "avatars/../../secret_key",
        "%2e%2e/secret_key",
        "avatars/..%2f..%2fsecret_key",
        "..\\secret_key",
        "//etc/passwd",
        "/etc/passwd",
        "avatars/notes.txt",
        "avatars/half.part",
        "avatars/unknown.webp",
        "avatars/" + "x" * 5000 + ".webp",
        "avatars/%00.webp",
        "avatars/\N{LATIN SMALL LETTER A WITH DIAERESIS}.webp",
    ],
)
def test_there_is_nothing_else_to_fetch(client, path):
    answer = client.get(f"/media/{path}")
    assert answer.status_code in {400, 404}
    assert b"secret" not in answer.data.replace(path.encode(), b"")


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("./\\%2eaws%_-\x01é"), max_size=40))
def test_no_path_is_a_failure(client, path):
    assert client.get(f"/media/{path}").status_code in {400, 404}


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_files_can_only_be_read(client, stored, method):
    assert getattr(client, method)(media_url(stored)).status_code == 405


def test_names_are_long_and_never_the_same(app):
    names = {store_file(CONTENT, "avatars", ".webp") for _ in range(20)}
    assert len(names) == 20
    assert all(len(name) > len("avatars/.webp") + 30 for name in names)
    db.session.rollback()
    assert not any(media_path(name).exists() for name in names)


def test_a_file_is_gone_when_its_transaction_ends_without_a_commit(app):
    name = store_file(CONTENT, "avatars", ".webp")
    db.session.connection()
    db.session.close()
    assert not media_path(name).exists()


def test_a_file_is_removed_with_the_commit_and_not_before(app, stored):
    remove_file(stored)
    assert media_path(stored).exists()
    db.session.rollback()
    assert media_path(stored).exists()
    remove_file(stored)
    assert not committed(stored)


def test_a_renamed_file_lives_under_one_name_after_the_commit(app, stored):
    fresh = rename_file(stored)
    assert fresh != stored
    assert committed(fresh)
    assert not media_path(stored).exists()
    assert media_path(fresh).read_bytes() == CONTENT


def test_a_renaming_taken_back_leaves_the_old_name(app, stored):
    fresh = rename_file(stored)
    db.session.rollback()
    assert media_path(stored).exists()
    assert not media_path(fresh).exists()


def test_renaming_what_is_missing_is_an_error_in_the_log_and_forgets_nothing(app, capsys):
    logging.configure("ERROR")
    fresh = rename_file("avatars/missing.webp")
    assert not committed(fresh)
    assert "a file to be renamed is missing" in capsys.readouterr().out
    # It turns up, as where a process looked into another folder: it is served and then renamed.
    media_path("avatars/missing.webp").write_bytes(CONTENT)
    assert app.test_client().get(media_url(fresh)).data == CONTENT
    assert settle_all(current_store()) == 0
    assert committed(fresh)
    assert not media_path("avatars/missing.webp").exists()
    logging.configure("WARNING")


def test_a_disk_that_refuses_is_unavailable_and_leaves_nothing(app, folder, monkeypatch):
    before = sorted(path.name for path in (folder / "avatars").iterdir())

    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(Unavailable):
        store_file(CONTENT, "avatars", ".webp")
    assert sorted(path.name for path in (folder / "avatars").iterdir()) == before


def test_the_folder_is_made_for_this_account_alone_and_an_existing_one_keeps_its_rights(
    app, tmp_path
) -> None:
    app.config["MEDIA_DIR"] = str(tmp_path / "deep" / "fresh")
    store_file(CONTENT, "avatars", ".webp")
    assert (tmp_path / "deep" / "fresh").stat().st_mode & 0o777 == 0o700
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o750)
    app.config["MEDIA_DIR"] = str(shared)
    adopt(current_store())
    store_file(CONTENT, "avatars", ".webp")
    assert shared.stat().st_mode & 0o777 == 0o750
    db.session.commit()
