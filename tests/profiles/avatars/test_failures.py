"""Uploads amid a full disk, a failing commit or other uploads of the same person."""

import threading
from contextvars import Context
from typing import Any

from common.media.imaging import process
from profiles.avatars import routes as avatar_routes
from tests.conftest import IsolatedClient
from tests.factories import as_user, make_tutor
from tests.profiles.avatars.pictures import picture
from tests.profiles.avatars.uploads import AVATAR, everything_of, upload


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


def test_while_many_are_decoded_the_answer_is_a_503_at_once(me, tutor, folder, monkeypatch):
    monkeypatch.setattr(process, "LONGEST_WAIT_SECONDS", 0)
    before = everything_of(tutor, folder)
    for _ in range(process.MOST_AT_ONCE):
        process._places.acquire()
    try:
        answer = upload(me)
    finally:
        process._places.release(process.MOST_AT_ONCE)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert everything_of(tutor, folder) == before
    assert upload(me).status_code == 200


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
