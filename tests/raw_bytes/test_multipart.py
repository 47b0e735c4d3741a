"""Forms nobody should send to the one operation that takes a file."""

import base64
import gzip
import io
import zlib

import pytest
from PIL import Image

from tests.raw_bytes.test_bodies import owner, unchanged

__all__ = ["owner", "unchanged"]

AVATAR = "/api/me/avatar/"


def png():
    file = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(file, "PNG")
    return file.getvalue()


def chunk(kind, data):
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def lying_png(width, height, data=b""):
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    header = chunk(b"IHDR", size + bytes([8, 2, 0, 0, 0]))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def part(data, name='name="avatar"; filename="me.png"', more=b""):
    disposition = b"Content-Disposition: form-data; " + name.encode("utf-8", "surrogateescape")
    return b"--b\r\n" + disposition + b"\r\n" + more + b"\r\n" + data + b"\r\n"


END = b"--b--\r\n"
FORMS = {
    "nothing": b"",
    "no part": END,
    "no end": part(png())[:-20],
    "an empty file": part(b"") + END,
    "no file name": part(png(), 'name="avatar"') + END,
    "no name": part(png(), 'filename="me.png"') + END,
    "another name": part(png(), 'name="picture"; filename="me.png"') + END,
    "two files": part(png()) + part(png()) + END,
    "a field beside the file": part(png()) + part(b"1", 'name="role"') + END,
    "a thousand parts": part(b"x", 'name="a"') * 1000 + part(png()) + END,
    "no disposition": b"--b\r\n\r\nabc\r\n" + END,
    "text": part(b"GIF89a is what I am not") + END,
    "HTML": part(b"<html><script>alert(1)</script></html>") + END,
    "SVG": part(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>') + END,
    "half a picture": part(png()[:40]) + END,
    "a picture that claims to be vast": part(lying_png(2**31 - 1, 2**31 - 1)) + END,
    "a picture without size": part(lying_png(0, 0)) + END,
    "a bomb": part(lying_png(30_000, 30_000, zlib.compress(bytes(4_000_000)))) + END,
    "a text bomb": part(
        png()[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(60_000_000))) + png()[33:41]
    )
    + END,
    "a lying length": part(b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff") + END,
    "lines that end in a line feed only": (part(png()) + END).replace(b"\r\n", b"\n"),
    "another boundary": (part(png()) + END).replace(b"--b", b"--c"),
    "a boundary that begins like ours": (part(png()) + END).replace(b"--b\r\n", b"--bb\r\n"),
    "a form within the form": part(
        b'--c\r\nContent-Disposition: file; filename="me.png"\r\n\r\n' + png() + b"\r\n--c--",
        'name="avatar"; filename="me.png"',
        b"Content-Type: multipart/mixed; boundary=c\r\n",
    )
    + END,
    "a picture said to be encoded": part(
        base64.b64encode(png()), more=b"Content-Transfer-Encoding: base64\r\n"
    )
    + END,
    "a compressed picture": part(gzip.compress(png()), more=b"Content-Encoding: gzip\r\n") + END,
    "headers without end": part(png(), more=b"X-Odd: " + b"a" * 2_000_000 + b"\r\n") + END,
    "a second disposition": part(
        png(), 'name="picture"', b'Content-Disposition: form-data; name="role"\r\n'
    )
    + END,
    "a cut JPEG": part(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01") + END,
    "more than five mebibytes": part(png() + bytes(5 * 1024 * 1024)) + END,
}


# Of a form that breaks off, Werkzeug leaves the spooled file to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile:ResourceWarning")
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_what_is_no_picture_is_refused_and_changes_nothing(owner, unchanged, form):
    answer = owner.post(AVATAR, data=form, content_type="multipart/form-data; boundary=b")
    assert answer.status_code in {400, 413, 415, 422}, answer.text
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "name", ["../../../etc/cron.d/evil", "C:\\evil.png", "a\x00b.png", "\udcff"]
)
def test_the_name_of_the_file_reaches_nothing(owner, name):
    form = part(png(), f'name="avatar"; filename="{name}"') + END
    answer = owner.post(AVATAR, data=form, content_type="multipart/form-data; boundary=b")
    assert answer.status_code in {200, 400, 422}, answer.text
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    "form",
    [
        b"a preamble\r\n" + part(png()) + END + b"and an epilogue",
        part(png(), 'name="avatar"; filename="a.html"', b"Content-Type: text/html\r\n") + END,
        part(png(), "name=\"avatar\"; filename*=UTF-8''..%2F..%2Fevil.html") + END,
        part(png(), more=b"X-Odd: a\r\n" * 10_000) + END,
        part(png(), more=b"X-Odd a\r\n") + END,
    ],
    ids=[
        "words around it",
        "a type that it has not",
        "a name in another writing",
        "ten thousand headers",
        "a header without a colon",
    ],
)
def test_a_picture_in_an_odd_form_is_a_picture_and_nothing_else(owner, form):
    answer = owner.post(AVATAR, data=form, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 200, answer.text
    stored = owner.get(answer.json["avatar_url"])
    assert stored.headers["Content-Type"] == "image/webp"
    assert stored.data.startswith(b"RIFF")
