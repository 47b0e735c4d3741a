"""The laws of the owner's view: whatever is stored and drafted, it is what strangers get."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.database.session import read_rows
from tests.factories import make_tutor
from tests.profiles.profile_owner import AUTOSAVE, PUBLISH, Owner
from tests.profiles.strategies import bodies

PREVIEW = "/api/me/profile/public/"

drawn = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def public_page(client: FlaskClient, tutor_id: int) -> bytes | None:
    """The bytes strangers get; None where there is no such page."""
    answer = client.get(f"/api/marketplace/tutors/{tutor_id}/")
    return answer.data if answer.status_code == 200 else None


def card_in(preview: bytes) -> bytes | None:
    card = orjson.loads(preview)["card"]
    if card is None:
        return None
    text = orjson.dumps(card)
    assert preview.startswith(b'{"card":' + text + b","), "not the same bytes"
    return text


@drawn
@given(
    published=bodies(),
    drafted=bodies() | bodies(finished=False),
    rating=st.none() | st.decimals(0, 5, places=2),
    has_avatar=st.booleans(),
)
def test_the_preview_is_the_public_page_before_and_after_the_draft_is_published(
    app: Flask,
    client: FlaskClient,
    published: dict[str, Any],
    drafted: dict[str, Any],
    rating: Any,
    has_avatar: bool,
) -> None:
    avatar = {"avatar_name": store_picture(app)} if has_avatar else {}
    owner = Owner(client, make_tutor(rating=rating, reviews_count=3, **avatar))
    owner.patch(published)
    assert card_in(owner.http.get(PREVIEW).data) == public_page(client, owner.id)
    assert stored_score(owner) == score_in(owner)

    owner.http.patch(AUTOSAVE, json=drafted)
    foreseen = owner.http.get(f"{PREVIEW}?draft=true")
    before = public_page(client, owner.id)
    publication = owner.http.post(PUBLISH)
    if publication.status_code == 422:
        assert foreseen.status_code == 422
        assert foreseen.json["errors"] == publication.json["errors"]
        assert public_page(client, owner.id) == before
    else:
        assert card_in(foreseen.data) == public_page(client, owner.id)
        assert foreseen.json == owner.http.get(PREVIEW).json


def store_picture(app: Flask) -> str:
    """The name of a new file, which the application may rename."""
    name = f"avatars/{uuid4()}.webp"
    path = Path(app.config["MEDIA_DIR"]) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a picture")
    return name


def score_in(owner: Owner) -> int | None:
    """The score that the preview tells, of a listed profile; the parts must add up to it."""
    shown = owner.http.get(PREVIEW).json
    completeness = shown["completeness"]
    assert completeness["score"] == sum(part["points"] for part in completeness["parts"])
    assert completeness["max"] == sum(part["max"] for part in completeness["parts"])
    return completeness["score"] if shown["listed"] else None


def stored_score(owner: Owner) -> int | None:
    """The score that the default order goes by."""
    statement = "select score from public_tutors where tutor_id = %(id)s"
    return next((score for (score,) in read_rows(statement, {"id": owner.id})), None)
