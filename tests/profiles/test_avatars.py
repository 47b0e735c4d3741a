"""Avatars: what is accepted, what becomes of it, and what is left after a refusal."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from common.db import db
from profiles.accounts.models import User
from tests.factories import as_user, make_tutor


def picture(
    size: tuple[int, int] = (64, 64), mode: str = "RGB", kind: str = "PNG", **options: Any
) -> bytes:
    out = BytesIO()
    Image.new(mode, size, options.pop("color", 0)).save(out, kind, **options)
    return out.getvalue()


def upload(client: Any, data: bytes, name: str = "me.png") -> Any:
    return client.post("/api/me/avatar/", data={"avatar": (BytesIO(data), name)})


def test_an_upload_answers_the_address_of_a_square_webp(client):
    me = as_user(client, make_tutor())
    answer = upload(me, picture((800, 600)))
    assert answer.status_code == 200, answer.json
    served = client.get(answer.json["avatar_url"])
    assert served.status_code == 200
    assert served.mimetype == "image/webp"
    assert Image.open(BytesIO(served.data)).size == (512, 512)
