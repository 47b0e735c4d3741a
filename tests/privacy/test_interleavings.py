"""Two writers of one account, made to meet at every statement of the first: nothing is lost,
nothing hidden is public, nobody waits in a circle, and the outcome is one of the two orders."""

import shutil
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from activity import event_queue
from common.database.session import db
from profiles.accounts.administration.activation import deactivate
from profiles.accounts.lookup import find_locked_user
from profiles.accounts.models import User
from profiles.models import UserSettings
from tests.factories import PASSWORD, as_user, make_tutor
from tests.privacy.interleaving import meet, observer_of
from tests.profiles.avatars.pictures import picture
from tests.profiles.own_data.test_erasure import nothing_is_left_of
from tests.profiles.profile_owner import AUTOSAVE, PROFILE, PUBLISH, Owner
from tests.profiles.public.public_rows import everything_public, rebuild_from_nothing

AVATAR = "/api/me/avatar/"
TRIGGER = "/api/me/activity/trigger/"
SMALL_PICTURE = picture((8, 8))
EVERY = range(1, 100)
EVERY_SEVENTH = range(2, 100, 7)

Call = Callable[[FlaskClient], int]


def patch(body: dict[str, Any]) -> Call:
    return lambda http: http.patch(PROFILE, json=body).status_code


def upload(http: FlaskClient) -> int:
    form = {"avatar": (BytesIO(SMALL_PICTURE), "me.png")}
    return http.post(AVATAR, data=form).status_code


def delete_avatar(http: FlaskClient) -> int:
    return http.delete(AVATAR).status_code


def autosave(http: FlaskClient) -> int:
    return http.patch(AUTOSAVE, json={"tutor_profile": {"headline": "later"}}).status_code


def publish(http: FlaskClient) -> int:
    return http.post(PUBLISH).status_code


def trigger(http: FlaskClient) -> int:
    return http.post(TRIGGER, json={"action": "lesson.opened"}).status_code


def erase(http: FlaskClient) -> int:
    return http.delete("/api/me/", json={"password": PASSWORD}).status_code


def restore(http: FlaskClient) -> int:
    snapshot = http.get("/api/me/profile/snapshots/").json["results"]
    if not snapshot:
        return 404
    return http.post(f"/api/me/profile/snapshots/{snapshot[0]['id']}/restore/").status_code


def stop(http: FlaskClient) -> int:
    """What `flask deactivate-user` does."""
    with http.application.app_context():
        user = find_locked_user(db.session.scalar(text("select min(id) from users")) or 0)
        if user is not None:
            deactivate(user)
        db.session.commit()
    return 200


hide_bio = patch({"settings": {"show_bio_publicly": False}})
edit_bio = patch({"tutor_profile": {"bio": "the new secret"}})
edit_headline = patch({"tutor_profile": {"headline": "edited"}})
unlist = patch({"settings": {"public_profile_enabled": False}})
hide_avatar = patch({"settings": {"show_avatar_publicly": False}})

# Two writers, and every pair of answers there may be.
PAIRS: dict[str, tuple[Call, Call, set[tuple[int, int]]]] = {
    "hide and edit": (hide_bio, edit_bio, {(200, 200)}),
    "edit and hide": (edit_bio, hide_bio, {(200, 200)}),
    "unlist and edit": (unlist, edit_headline, {(200, 200)}),
    "publish and autosave": (publish, autosave, {(200, 200)}),
    "autosave and publish": (autosave, publish, {(200, 200)}),
    "publish and publish": (publish, publish, {(200, 404), (404, 200)}),
    "publish and hide": (publish, hide_bio, {(200, 200)}),
    "restore and hide": (restore, hide_bio, {(200, 200)}),
    "avatar and avatar": (upload, upload, {(200, 200)}),
    "avatar and no avatar": (upload, delete_avatar, {(200, 204)}),
    "avatar and hide": (upload, hide_avatar, {(200, 200)}),
    "hide and avatar": (hide_avatar, upload, {(200, 200)}),
    "stop and publish": (stop, publish, {(200, 401), (200, 200)}),
    "publish and stop": (publish, stop, {(200, 200), (401, 200)}),
    "erase and publish": (erase, publish, {(204, 401), (204, 200)}),
    "publish and erase": (publish, erase, {(200, 204), (401, 204)}),
    "erase and autosave": (erase, autosave, {(204, 401), (204, 200)}),
    "erase and avatar": (erase, upload, {(204, 401), (204, 200)}),
    "avatar and erase": (upload, erase, {(200, 204), (401, 204)}),
    "erase and trigger": (erase, trigger, {(204, 401), (204, 201)}),
    "trigger and erase": (trigger, erase, {(201, 204), (401, 204)}),
    "erase and erase": (erase, erase, {(204, 400), (204, 401), (400, 204), (401, 204)}),
    "stop and erase": (stop, erase, {(200, 204), (200, 401)}),
}


@pytest.fixture
def tutor(app: Flask, client: FlaskClient) -> Callable[[], int]:
    def make() -> int:
        """A tutor with an avatar, a snapshot to restore, and a draft."""
        user = make_tutor(headline="once", bio="the old secret", subjects=["English"])
        owner = Owner(client, user)
        assert upload(owner.http) == 200
        owner.patch({"tutor_profile": {"headline": "now"}})
        owner.autosave({"tutor_profile": {"bio": "drafted"}})
        return user.id

    return make


def leave_no_trace(app: Flask, tutor_id: int) -> None:
    """Make room for the next encounter."""
    db.session.remove()
    event_queue().drain()
    user = db.session.get(User, tutor_id)
    if user is not None:
        db.session.delete(user)
    db.session.commit()


def files(app: Flask) -> int:
    return sum(path.is_file() for path in (Path(app.config["MEDIA_DIR"]) / "avatars").rglob("*"))


@pytest.mark.parametrize("name", PAIRS)
def test_two_writers_who_meet_leave_what_one_after_the_other_would(
    app: Flask, client: FlaskClient, tutor: Callable[[], int], name: str
) -> None:
    let_meet(app, client, tutor, name, EVERY_SEVENTH)


@pytest.mark.slow
@pytest.mark.parametrize("name", PAIRS)
def test_two_writers_who_meet_anywhere_leave_what_one_after_the_other_would(
    app: Flask, client: FlaskClient, tutor: Callable[[], int], name: str
) -> None:
    let_meet(app, client, tutor, name, EVERY)


def let_meet(
    app: Flask, client: FlaskClient, tutor: Callable[[], int], name: str, numbers: range
) -> None:
    first, second, outcomes = PAIRS[name]
    shutil.rmtree(app.config["MEDIA_DIR"], ignore_errors=True)
    meetings = 0
    with observer_of(app.config["DATABASE_URL"]) as observer:
        for number in numbers:
            tutor_id = tutor()
            one, other = as_user(client, tutor_id), as_user(client, tutor_id)
            *answers, was_halted = meet(
                partial(first, one), partial(second, other), number, observer
            )
            assert tuple(answers) in outcomes, f"halted before statement {number}"
            check(app, client, tutor_id, name)
            assert (204 in answers and "erase" in name) == nothing_is_left_of(tutor_id)
            leave_no_trace(app, tutor_id)
            assert files(app) == 0
            if not was_halted:
                break
            meetings += 1
    assert meetings, "the first was never halted among its statements"


def check(app: Flask, client: FlaskClient, tutor_id: int, name: str) -> None:
    """What holds whoever came first."""
    lived = everything_public()
    rebuild_from_nothing()
    assert everything_public() == lived
    user, settings = db.session.get(User, tutor_id), db.session.get(UserSettings, tutor_id)
    avatar = user.avatar_name if user else None
    shows_bio = bool(settings and settings.show_bio_publicly)
    shows_avatar = bool(settings and settings.show_avatar_publicly)
    db.session.rollback()
    assert files(app) == bool(avatar)
    listed = client.get("/api/marketplace/tutors/")
    if any(word in name for word in ("unlist", "stop", "erase")):
        assert listed.json["results"] == []
    else:
        (card,) = listed.json["results"]
        assert (card["bio"] is not None) == shows_bio
        assert card["avatar_url"] == (f"/media/{avatar}" if avatar and shows_avatar else None)
    if name.startswith("hide and") or name.startswith("edit and"):
        assert not (shows_bio and shows_avatar)
