"""Uploads amid a full disk, a failing commit or other uploads of the same person."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context
from typing import Any

import pytest

from common.media.imaging import process
from common.media.imaging.rules import BadPicture
from profiles.avatars import routes as avatar_routes
from tests.conftest import IsolatedClient
from tests.factories import as_user, make_tutor
from tests.profiles.avatars.pictures import picture
from tests.profiles.avatars.uploads import AVATAR, everything_of, upload
from tests.waiting import eventually


def test_a_full_disk_is_a_503_and_changes_nothing(me, tutor, folder, monkeypatch):
    upload(me)
    before = everything_of(tutor, folder)

    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    answer = upload(me)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert everything_of(tutor, folder) == before


def test_a_commit_that_fails_leaves_the_old_picture_and_no_file_of_the_new(
    me, client, tutor, folder, monkeypatch
):
    url = upload(me).json["avatar_url"]
    before = everything_of(tutor, folder)

    def no_commit() -> None:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr(avatar_routes.db.session, "commit", no_commit)
        assert upload(me).status_code == 500
    assert client.get(url).status_code == 200
    assert everything_of(tutor, folder) == before


def test_of_two_avatars_at_once_exactly_one_file_remains(make_app, tutor, folder):
    # Uploads that have to come again are counted by the limit, too.
    app = make_app(AVATAR_LIMIT="1000/minute", MEDIA_DIR=str(folder.parent))
    urls: list[str] = []

    def replace(number: int) -> None:
        mine = as_user(IsolatedClient(app, app.response_class), tutor)
        answer = upload(mine, picture((30 + number, 30 + number)))
        # A few are decoded at once; the others come again, as the answer asks them to.
        while answer.status_code == 503:
            assert answer.headers["Retry-After"]
            answer = upload(mine, picture((30 + number, 30 + number)))
        assert answer.status_code == 200, answer.json
        urls.append(answer.json["avatar_url"])

    # Tokens are made in the app's context, which a new thread does not have.
    threads = [
        threading.Thread(target=in_context_of(app, replace), args=(number,)) for number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    name, remaining, recorded, _ = everything_of(tutor, folder)
    assert len(set(urls)) == 6
    assert [f"avatars/{file}" for file in remaining] == [name]
    assert recorded[-1][1]["avatar_url"] == f"/media/{name}"
    assert len(recorded) == 6


def in_context_of(app: Any, task: Any) -> Any:
    def run(*arguments: Any) -> None:
        def inside() -> None:
            with app.app_context():
                task(*arguments)

        Context().run(inside)

    return run


@pytest.fixture
def held(tmp_path, monkeypatch):
    """Whoever decodes goes on until the file that this answers exists."""
    finish = tmp_path / "finish"
    wait = (
        "import pathlib, sys, time; sys.stdin.buffer.read()\n"
        f"while not pathlib.Path({str(finish)!r}).exists(): time.sleep(0.01)"
    )
    monkeypatch.setattr(process, "COMMAND", [sys.executable, "-c", wait])
    return finish


@contextmanager
def while_decoded(number, places, finish):
    """Within, so many pictures are being decoded or wait, and `places` are all taken."""
    with ThreadPoolExecutor(number) as threads:
        others = [threads.submit(process.render_apart, b"x") for _ in range(number)]
        try:
            eventually(lambda: not places._value)
            yield others
        finally:
            finish.touch()


def test_while_two_are_decoded_and_one_waits_the_answer_is_a_503_at_once(
    me, tutor, folder, held, monkeypatch
):
    # Waiting longer than the test takes: who is refused has not waited.
    monkeypatch.setattr(process, "LONGEST_WAIT_SECONDS", 600)
    before = everything_of(tutor, folder)
    admitted = process.MOST_AT_ONCE + process.MOST_WAITING
    with while_decoded(admitted, process._admitted, held) as others:
        answer = upload(me)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert everything_of(tutor, folder) == before
    # The one that waited had its turn.
    assert {type(each.exception()) for each in others} == {BadPicture}


def test_who_waits_too_long_gets_a_503(me, tutor, folder, held, monkeypatch):
    monkeypatch.setattr(process, "LONGEST_WAIT_SECONDS", 0)
    before = everything_of(tutor, folder)
    with while_decoded(process.MOST_AT_ONCE, process._places, held):
        answer = upload(me)
    assert answer.status_code == 503
    assert everything_of(tutor, folder) == before


def test_uploads_are_limited_per_person(app, make_app, client, folder):
    limited = make_app(MEDIA_DIR=app.config["MEDIA_DIR"], AVATAR_LIMIT="2/minute;100/day")
    with limited.app_context():
        visitor = IsolatedClient(limited, limited.response_class)
        first, second = (as_user(visitor, make_tutor()) for _ in range(2))
    assert [upload(first).status_code for _ in range(3)] == [200, 200, 429]
    refused = upload(first)
    assert refused.json["violated-policies"] == ["minute"]
    assert '"day";q=100;w=86400' in refused.headers["RateLimit-Policy"]
    assert upload(second).status_code == 200
    assert first.delete(AVATAR).status_code == 204
