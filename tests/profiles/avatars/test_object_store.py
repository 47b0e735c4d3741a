"""Avatars in a bucket: uploaded, served, hidden, erased, copied; and what goes on while it is away."""

import os
from contextvars import Context

import pytest
import requests

from common.database.session import db, read_rows
from profiles.accounts.models import User
from tests.conftest import IsolatedClient
from tests.factories import PASSWORD, as_user, auth_header, make_tutor
from tests.profiles.accounts.endpoints import log_in
from tests.profiles.avatars.pictures import picture
from tests.profiles.avatars.uploads import upload

HIDE = {"settings": {"show_avatar_publicly": False}}


@pytest.fixture
def bucket_app(make_app, app, seaweed, tmp_path):
    return make_app(MEDIA_URL=seaweed.url(tmp_path.name), MEDIA_DIR=None)


@pytest.fixture
def visitor(bucket_app):
    return IsolatedClient(bucket_app, bucket_app.response_class, use_cookies=True)


@pytest.fixture
def tutor(bucket_app):
    return make_tutor(subjects=["Математика"])


@pytest.fixture
def me(visitor, tutor):
    return as_user(visitor, tutor)


def stored_in(app):
    with app.app_context():
        store = app.extensions["media_bucket"]
        return sorted(file.name for file in store.files("avatars"))


def still_withdrawn():
    return read_rows("select count(*) from withdrawn_files")[0][0]


def name_of(user):
    name = db.session.get_one(User, user.id, populate_existing=True).avatar_name
    db.session.rollback()
    return name


def test_an_avatar_is_stored_as_one_object_and_served(me, visitor, bucket_app, tutor):
    url = upload(me).json["avatar_url"]
    answer = visitor.get(url)
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert visitor.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert visitor.get(url, headers={"Range": "bytes=0-3"}).data == answer.data[:4] == b"RIFF"
    replaced = upload(me, picture((50, 50))).json["avatar_url"]
    assert visitor.get(url).status_code == 404
    assert stored_in(bucket_app) == [name_of(tutor)] == [replaced.removeprefix("/media/")]
    assert still_withdrawn() == 0


def test_hiding_moves_the_object_and_erasing_deletes_it(me, visitor, bucket_app, tutor):
    url = upload(me).json["avatar_url"]
    hidden = me.patch("/api/me/profile/", json=HIDE).json["avatar_url"]
    assert hidden != url
    assert [visitor.get(each).status_code for each in (url, hidden)] == [404, 200]
    assert stored_in(bucket_app) == [name_of(tutor)]
    assert me.delete("/api/me/", json={"password": PASSWORD}).status_code == 204
    assert visitor.get(hidden).status_code == 404
    assert stored_in(bucket_app) == [] and still_withdrawn() == 0


def test_a_refused_upload_leaves_no_object(me, bucket_app):
    upload(me)
    before = stored_in(bucket_app)
    me.environ_base["HTTP_IF_MATCH"] = '"stale"'
    assert upload(me, picture((60, 60))).status_code == 412
    assert stored_in(bucket_app) == before


@pytest.fixture
def away(bucket_app):
    """Call to have every call of the store fail at once, and again to have it back."""
    store = bucket_app.extensions["media_bucket"]
    there = store._skip_until

    def switch(is_away=True):
        store._skip_until = float("inf") if is_away else there

    yield switch


def everything_else(me, visitor, tutor):
    """Statuses of what has nothing to do with files."""
    return [
        log_in(visitor, tutor).status_code,
        me.get("/api/me/profile/").status_code,
        me.patch("/api/me/profile/", json={"tutor_profile": {"bio": "Навчаю."}}).status_code,
        visitor.get("/api/marketplace/tutors/").status_code,
        visitor.get(f"/api/marketplace/tutors/{tutor.id}/").status_code,
    ]


def test_while_the_store_is_away_uploads_wait_and_everything_else_goes_on(
    me, visitor, bucket_app, tutor, away
):
    url = upload(me).json["avatar_url"]
    away()
    for refused in (upload(me), visitor.get(url)):
        assert (refused.status_code, refused.json["code"]) == (503, "storage_unavailable")
        assert refused.headers["Retry-After"] == "30"
    assert everything_else(me, visitor, tutor) == [200] * 5
    ready = visitor.get("/readyz")
    assert (ready.status_code, ready.json["media"]) == (200, "away")
    away(False)
    assert visitor.get(url).status_code == 200
    assert upload(me).status_code == 200


def test_what_is_hidden_while_the_store_is_away_is_hidden_at_once_and_moved_later(
    me, visitor, bucket_app, tutor, away
):
    url = upload(me).json["avatar_url"]
    away()
    hidden = me.patch("/api/me/profile/", json=HIDE).json["avatar_url"]
    assert visitor.get(url).status_code == 404
    away(False)
    # The object has its old name still, and only its new address.
    assert stored_in(bucket_app) == [url.removeprefix("/media/")]
    assert [visitor.get(each).status_code for each in (url, hidden)] == [404, 200]
    # In no context: the command would take the test's own application.
    result = Context().run(bucket_app.test_cli_runner().invoke, args=["clean-media"])
    assert result.exit_code == 0, result.output
    assert stored_in(bucket_app) == [name_of(tutor)] == [hidden.removeprefix("/media/")]
    assert [visitor.get(each).status_code for each in (url, hidden)] == [404, 200]
    assert still_withdrawn() == 0


def test_hidden_twice_and_erased_while_the_store_is_away_nothing_is_left(
    me, visitor, bucket_app, tutor, away
):
    addresses = [upload(me).json["avatar_url"]]
    away()
    for values in (HIDE, {"settings": {"show_avatar_publicly": True}}, HIDE):
        addresses.append(me.patch("/api/me/profile/", json=values).json["avatar_url"])
    assert me.delete("/api/me/", json={"password": PASSWORD}).status_code == 204
    away(False)
    assert {visitor.get(each).status_code for each in addresses} == {404}
    # The next upload of anybody cleans up behind.
    upload(as_user(visitor, other := make_tutor()))
    upload(as_user(visitor, other))
    assert stored_in(bucket_app) == [name_of(other)]


def test_a_store_that_swallows_calls_refuses_an_upload_in_time(me, tutor, visitor, seaweed):
    seaweed.halt()
    try:
        assert upload(me).status_code == 503
        assert everything_else(me, visitor, tutor) == [200] * 5
    finally:
        seaweed.go_on()


def test_the_workers_of_a_server_share_the_bucket(serve, seaweed, tmp_path, app):
    credentials = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    server = serve(workers=2, MEDIA_URL=seaweed.url(tmp_path.name), MEDIA_DIR=None, **credentials)
    headers = auth_header(make_tutor())
    files = {"avatar": ("me.png", picture())}
    answer = requests.post(f"{server.url}/api/me/avatar/", headers=headers, files=files)
    assert answer.status_code == 200
    url = f"{server.url}{answer.json()['avatar_url']}"
    assert {requests.get(url).status_code for _ in range(8)} == {200}


def test_avatars_are_copied_from_a_folder_into_a_bucket_and_on_from_where_it_stopped(
    client, make_app, seaweed, tmp_path, app
):
    folder = f"file://{tmp_path}/files"
    before = make_app(MEDIA_URL=folder, MEDIA_DIR=None)
    old = IsolatedClient(before, before.response_class)
    people = [make_tutor() for _ in range(3)]
    urls = [upload(as_user(old, person)).json["avatar_url"] for person in people]
    bucket = seaweed.url(tmp_path.name)
    after = make_app(MEDIA_URL=bucket, MEDIA_DIR=None)
    new = IsolatedClient(after, after.response_class)

    def copy(*options):
        return before.test_cli_runner().invoke(args=["copy-media", folder, bucket, *options])

    assert copy("--dry-run").output == "3 files would be copied, 0 are there.\n"
    with after.app_context():
        # As an interrupted copy leaves them: one whole, another one cut short.
        store, names = after.extensions["media_bucket"], [
            url.removeprefix("/media/") for url in urls
        ]
        content = (tmp_path / "files" / names[0]).read_bytes()
        store.put(names[0], content)
        store.put(names[1], b"half")
    assert copy("--quiet").output == "2 files were copied, 2 were there.\n"
    assert copy("--quiet").output == "0 files were copied, 3 were there.\n"
    assert [new.get(url).data for url in urls] == [old.get(url).data for url in urls]


def test_a_copy_says_what_is_wrong(app):
    run = app.test_cli_runner().invoke
    wrong = run(args=["copy-media", "ftp://x", "file:///y"])
    assert wrong.exit_code == 2 and "must be file:///a/folder or s3://bucket" in wrong.output
    nobody = run(args=["copy-media", "file:///nowhere", "s3://b?endpoint=http://127.0.0.1:1"])
    assert nobody.exit_code == 1 and "run it again" in nobody.output
