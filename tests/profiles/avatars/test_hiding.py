"""An avatar that its owner hides: the address known so far stops working."""

import pytest

from common.database.session import db
from profiles.accounts.models import User
from tests.profiles.avatars.uploads import everything_of, files, upload
from tests.profiles.public.public_rows import change

HIDING = [{"show_avatar_publicly": False}, {"public_profile_enabled": False}, {"is_active": False}]


@pytest.mark.parametrize("values", HIDING, ids=lambda values: next(iter(values)))
def test_hiding_renames_the_file_so_that_a_known_address_stops_working(
    me, client, tutor, folder, values
):
    url = upload(me).json["avatar_url"]
    assert client.get(url).status_code == 200
    change(tutor, **values)
    assert client.get(url).status_code == 404
    assert len(files(folder)) == 1
    name = everything_of(tutor, folder)[0]
    assert client.get(f"/media/{name}").status_code == 200


def test_hiding_through_the_profile_shows_the_owner_the_new_address(me, client):
    url = upload(me).json["avatar_url"]
    answer = me.patch("/api/me/profile/", json={"settings": {"show_avatar_publicly": False}})
    assert answer.status_code == 200
    assert answer.json["avatar_url"] != url
    assert client.get(answer.json["avatar_url"]).status_code == 200
    assert client.get(url).status_code == 404


def test_hiding_that_is_rolled_back_leaves_the_address_alive(me, client, tutor, folder):
    url = upload(me).json["avatar_url"]
    db.session.get_one(User, tutor.id).is_active = False
    db.session.flush()
    db.session.rollback()
    assert client.get(url).status_code == 200
    assert len(files(folder)) == 1


def test_a_savepoint_settles_no_files(me, client, tutor, folder):
    """What is removed is removed with the transaction, not with a part of it."""
    url = upload(me).json["avatar_url"]
    with db.session.begin_nested():
        db.session.get_one(User, tutor.id).is_active = False
    assert client.get(url).status_code == 200
    db.session.rollback()
    assert client.get(url).status_code == 200
    assert len(files(folder)) == 1


def test_showing_again_keeps_the_address_that_only_the_owner_knew(me, client, tutor):
    upload(me)
    change(tutor, show_avatar_publicly=False)
    hidden = me.get("/api/users/me/").json["avatar_url"]
    change(tutor, show_avatar_publicly=True)
    assert me.get("/api/users/me/").json["avatar_url"] == hidden


def test_a_file_that_is_missing_does_not_keep_its_owner_from_hiding_it(me, client, tutor, folder):
    """Nor is it forgotten: it may lie where another process looks."""
    url = upload(me).json["avatar_url"]
    (path,) = folder.iterdir()
    content = path.read_bytes()
    path.unlink()
    change(tutor, show_avatar_publicly=False)
    fresh = f"/media/{everything_of(tutor, folder)[0]}"
    assert fresh != url
    assert client.get(fresh).status_code == 404
    path.write_bytes(content)
    assert client.get(url).status_code == 404
    assert client.get(fresh).data == content
