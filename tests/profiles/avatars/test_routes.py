"""The avatar through its door: answers, events, files, and who can still fetch what."""

import threading
from collections.abc import Iterator
from contextvars import Context
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from activity.models import ActivityEvent
from common.database.session import db
from profiles.accounts.models import User
from profiles.avatars import routes as avatar_routes
from tests.conftest import IsolatedClient
from tests.factories import as_user, make_student, make_tutor
from tests.profiles.avatars.pictures import picture
from tests.profiles.public.public_rows import change, everything_public, row_of

AVATAR = "/api/me/avatar/"


@pytest.fixture
def folder(app, tmp_path) -> Iterator[Path]:
    """Where this test's avatars lie, and nobody else's."""
    before = app.config["MEDIA_DIR"]
    app.config["MEDIA_DIR"] = str(tmp_path / "media")
    (tmp_path / "media" / "avatars").mkdir(parents=True)
    yield tmp_path / "media" / "avatars"
    app.config["MEDIA_DIR"] = before


@pytest.fixture
def tutor(folder) -> User:
    return make_tutor()


@pytest.fixture
def me(client, tutor) -> Any:
    return as_user(client, tutor)


def upload(client: Any, data: bytes | None = None, name: str = "me.png") -> Any:
    data = picture() if data is None else data
    return send(client, {"avatar": (data, name)})


def send(client: Any, form: dict[str, Any]) -> Any:
    """Post a form. Encoded in memory: the test client would leave large ones in open files."""
    boundary, body = encode_multipart({name: as_file(value) for name, value in form.items()})
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(AVATAR, data=body, content_type=kind)


def as_file(value: Any) -> Any:
    """A part of a form; a file is written as its bytes, its name and perhaps its type."""
    if isinstance(value, list):
        return [as_file(each) for each in value]
    if isinstance(value, tuple):
        content, *rest = value
        return FileStorage(BytesIO(content), rest[0], "avatar", *rest[1:])
    return value


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def events(tutor: User) -> list[tuple[str, dict[str, Any]]]:
    found = db.session.scalars(
        select(ActivityEvent)
        .where(ActivityEvent.user_id == tutor.id, ActivityEvent.action.like("avatar.%"))
        .order_by(ActivityEvent.id)
    ).all()
    db.session.rollback()
    return [(event.action, event.details) for event in found]


def everything_of(tutor: User, folder: Path) -> tuple[Any, ...]:
    """All that an upload might change."""
    name = db.session.scalar(select(User.avatar_name).where(User.id == tutor.id))
    db.session.rollback()
    return name, files(folder), events(tutor), everything_public()


def test_an_upload_answers_the_address_of_the_picture(me, client, tutor):
    answer = upload(me, picture((800, 600)))
    assert answer.status_code == 200
    assert list(answer.json) == ["avatar_url"]
    served = client.get(answer.json["avatar_url"])
    assert served.mimetype == "image/webp"
    assert Image.open(BytesIO(served.data)).size == (512, 512)
    assert me.get("/api/users/me/").json["avatar_url"] == answer.json["avatar_url"]
    assert answer.json["avatar_url"] in row_of(tutor.id)["card"]


def test_a_student_may_have_an_avatar_too(client, folder):
    assert upload(as_user(client, make_student())).status_code == 200


def test_the_path_without_its_slash_answers_the_same(me):
    data = {"avatar": (BytesIO(picture()), "me.png")}
    assert me.post(AVATAR.rstrip("/"), data=data).status_code == 200
    assert me.delete(AVATAR.rstrip("/")).status_code == 204


def test_an_upload_is_an_event_with_address_and_size(me, tutor):
    data = picture()
    url = upload(me, data).json["avatar_url"]
    assert events(tutor) == [("avatar.uploaded", {"avatar_url": url, "file_size": len(data)})]


def test_the_same_picture_again_gets_another_address_and_the_old_one_dies(me, client, folder):
    first = upload(me).json["avatar_url"]
    second = upload(me).json["avatar_url"]
    assert first != second
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert len(files(folder)) == 1


def test_the_file_name_says_nothing(me, client):
    url = upload(me, picture(kind="JPEG"), "../../olena.php").json["avatar_url"]
    assert "olena" not in url
    assert client.get(url).mimetype == "image/webp"


def test_a_deletion_removes_the_file_and_is_an_event(me, client, tutor, folder):
    url = upload(me).json["avatar_url"]
    assert me.delete(AVATAR).status_code == 204
    assert client.get(url).status_code == 404
    assert files(folder) == []
    assert events(tutor)[-1] == ("avatar.deleted", {"previous_url": url})
    assert me.get("/api/users/me/").json["avatar_url"] is None


def test_a_deletion_of_nothing_answers_the_same_and_is_no_event(me, tutor):
    assert me.delete(AVATAR).status_code == 204
    assert events(tutor) == []


def test_a_visitor_can_neither_upload_nor_delete(client):
    assert upload(client).status_code == 401
    assert client.delete(AVATAR).status_code == 401


HIDING = [{"show_avatar_publicly": False}, {"public_profile_enabled": False}, {"is_active": False}]


@pytest.mark.parametrize("values", HIDING, ids=lambda values: next(iter(values)))
def test_hiding_gives_the_file_a_new_name_so_that_a_kept_address_is_dead(
    me, client, tutor, folder, values
):
    kept = upload(me).json["avatar_url"]
    assert client.get(kept).status_code == 200
    change(tutor, **values)
    assert client.get(kept).status_code == 404
    assert len(files(folder)) == 1
    name = everything_of(tutor, folder)[0]
    assert client.get(f"/media/{name}").status_code == 200


def test_hiding_through_the_profile_tells_the_owner_the_new_address(me, client):
    kept = upload(me).json["avatar_url"]
    answer = me.patch("/api/me/profile/", json={"settings": {"show_avatar_publicly": False}})
    assert answer.status_code == 200
    assert answer.json["avatar_url"] != kept
    assert client.get(answer.json["avatar_url"]).status_code == 200
    assert client.get(kept).status_code == 404


def test_hiding_that_is_rolled_back_leaves_the_address_alive(me, client, tutor, folder):
    kept = upload(me).json["avatar_url"]
    db.session.get_one(User, tutor.id).is_active = False
    db.session.flush()
    db.session.rollback()
    assert client.get(kept).status_code == 200
    assert len(files(folder)) == 1


def test_a_savepoint_settles_no_files(me, client, tutor, folder):
    """What is removed is removed with the transaction, not with a part of it."""
    kept = upload(me).json["avatar_url"]
    with db.session.begin_nested():
        db.session.get_one(User, tutor.id).is_active = False
    assert client.get(kept).status_code == 200
    db.session.rollback()
    assert client.get(kept).status_code == 200
    assert len(files(folder)) == 1


def test_showing_again_keeps_the_address_that_only_the_owner_knew(me, client, tutor):
    upload(me)
    change(tutor, show_avatar_publicly=False)
    hidden = me.get("/api/users/me/").json["avatar_url"]
    change(tutor, show_avatar_publicly=True)
    assert me.get("/api/users/me/").json["avatar_url"] == hidden


def test_a_file_that_was_lost_does_not_keep_its_owner_from_hiding_it(me, tutor, folder):
    upload(me)
    for path in folder.iterdir():
        path.unlink()
    change(tutor, show_avatar_publicly=False)
    assert everything_of(tutor, folder)[0] is None


REFUSALS = {
    "text": (415, {"avatar": (b"I am no picture", "me.png", "image/png")}),
    "gif": (415, {"avatar": (picture(kind="GIF", mode="P"), "me.gif")}),
    "empty": (415, {"avatar": (b"", "me.png")}),
    "half": (422, {"avatar": (picture((300, 300))[:200], "me.png")}),
    "too large": (413, {"avatar": (picture() + bytes(5 * 1024 * 1024), "me.png")}),
    "far too large": (413, {"avatar": (bytes(7 * 1024 * 1024), "me.png")}),
    "no file": (422, {"other": "text"}),
    "a text field": (422, {"avatar": "text"}),
    "another name": (422, {"photo": (picture(), "me.png")}),
    "a file too many": (
        422,
        {"avatar": (picture(), "a.png"), "more": (picture(), "b.png")},
    ),
    "twice": (422, {"avatar": [(picture(), "a.png"), (picture(), "b.png")]}),
}


@pytest.mark.parametrize(("status", "form"), REFUSALS.values(), ids=REFUSALS)
def test_a_refused_upload_changes_nothing(me, tutor, folder, status, form):
    upload(me)
    before = everything_of(tutor, folder)
    answer = send(me, form)
    assert answer.status_code == status, answer.json
    assert answer.mimetype == "application/problem+json"
    assert everything_of(tutor, folder) == before
    if status == 422:
        assert answer.json["errors"]["files"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"avatar": "x"}'),
        ("image/png", picture()),
        ("application/x-www-form-urlencoded", b"avatar=x"),
        ("", b""),
    ],
)
def test_a_body_that_is_no_form_is_a_415(me, content_type, body):
    answer = me.post(AVATAR, data=body, content_type=content_type)
    assert answer.status_code == 415
    assert "multipart/form-data" in answer.json["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x--\r\n",
        b"--y\r\nContent-Disposition: form-data; name=avatar; filename=a\r\n\r\nx\r\n--y--\r\n",
        b"--x\r\n\r\n\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="avatar"; filename="a',
        b'--x\r\nContent-Disposition: form-data; name="\xff"; filename="\x00"\r\n\r\nx\r\n--x--',
        b"\r\n" * 1000,
    ],
)
@pytest.mark.parametrize("boundary", ["; boundary=x", "", "; boundary=", "; boundary=" + "b" * 300])
def test_a_broken_form_is_refused_politely(me, body, boundary):
    answer = me.post(AVATAR, data=body, content_type="multipart/form-data" + boundary)
    assert 400 <= answer.status_code < 500
    assert answer.mimetype == "application/problem+json"


def test_only_this_door_takes_bodies_that_large(me):
    body = {"tutor_profile": {"bio": "x" * 2 * 1024 * 1024}}
    assert me.patch("/api/me/profile/", json=body).status_code == 413


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
    kept = upload(me).json["avatar_url"]
    before = everything_of(tutor, folder)

    def no_commit() -> None:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr(avatar_routes.db.session, "commit", no_commit)
        assert upload(me).status_code == 500
    assert client.get(kept).status_code == 200
    assert everything_of(tutor, folder) == before


def test_of_two_avatars_at_once_exactly_one_file_remains(app, tutor, folder):
    urls: list[str] = []

    def replace(number: int) -> None:
        mine = as_user(IsolatedClient(app, app.response_class), tutor)
        urls.append(upload(mine, picture((30 + number, 30 + number))).json["avatar_url"])

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


def test_the_picture_of_an_erased_account_is_fetched_no_more(me, client, tutor, folder):
    kept = upload(me).json["avatar_url"]
    db.session.delete(db.session.get_one(User, tutor.id))
    db.session.commit()
    assert client.get(kept).status_code == 404
    assert files(folder) == []
