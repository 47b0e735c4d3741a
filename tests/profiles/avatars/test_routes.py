"""Uploading and deleting an avatar over HTTP: answers, events and files."""

from io import BytesIO

from PIL import Image

from common.database.session import db
from profiles.accounts.models import User
from tests.factories import as_user, make_student
from tests.profiles.avatars.pictures import picture
from tests.profiles.avatars.uploads import AVATAR, events, files, upload
from tests.profiles.public.public_rows import row_of


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


def test_the_picture_of_an_erased_account_is_fetched_no_more(me, client, tutor, folder):
    url = upload(me).json["avatar_url"]
    db.session.delete(db.session.get_one(User, tutor.id))
    db.session.commit()
    assert client.get(url).status_code == 404
    assert files(folder) == []
