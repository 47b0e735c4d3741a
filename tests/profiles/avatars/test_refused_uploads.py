"""Uploads that are refused: the answer names the reason, and nothing changes."""

from io import BytesIO

import pytest

from profiles.avatars.images import LARGEST_FILE
from tests.profiles.avatars.pictures import empty_png, picture
from tests.profiles.avatars.uploads import AVATAR, everything_of, send, upload

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


def test_only_this_endpoint_takes_bodies_that_large(me):
    body = {"tutor_profile": {"bio": "x" * 2 * 1024 * 1024}}
    assert me.patch("/api/me/profile/", json=body).status_code == 413


def test_a_file_of_exactly_the_largest_size_is_accepted_and_one_byte_more_is_not(me):
    plain = picture()
    padded = plain + bytes(LARGEST_FILE - len(plain))
    assert upload(me, padded).status_code == 200
    assert upload(me, padded + b"\0").status_code == 413


def test_a_picture_that_would_take_seconds_to_decode_is_named_and_refused(me):
    answer = upload(me, empty_png(1, 40_000_000 // 1000))
    assert answer.status_code == 422
    assert answer.json["errors"]["files"]["avatar"] == [
        "Must be at most 12,000 pixels wide and high."
    ]


TEXT_PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
FILE_PART = b'--b\r\nContent-Disposition: form-data; name="avatar"; filename="a"\r\n\r\n'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (TEXT_PART * 1001 + b"--b--\r\n", "too many parts"),
        (FILE_PART + picture(), "closing"),
        ((FILE_PART + picture() + b"\r\n--b--\r\n").replace(b"--b", b"--c"), "boundaries"),
    ],
)
def test_a_malformed_form_is_called_so(me, body, reason):
    answer = me.post(AVATAR, data=body, content_type="multipart/form-data; boundary=b")
    assert (answer.status_code, answer.json["code"]) == (400, "malformed_form")
    assert reason in answer.json["detail"]


@pytest.mark.parametrize("size", [LARGEST_FILE + 1, 7 * 1024 * 1024])
def test_a_file_too_large_that_comes_in_chunks_is_called_too_large(me, size):
    body = FILE_PART + bytes(size) + b"\r\n--b--\r\n"
    answer = me.post(
        AVATAR,
        input_stream=BytesIO(body),
        content_type="multipart/form-data; boundary=b",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413
    assert answer.json["detail"] == "An avatar may be at most 5 MiB large."
