"""Whatever owners and operators do, over HTTP: what is public afterwards is what
would be rebuilt from nothing, and nothing of a draft is ever in it."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from activity import event_queue
from common.database.session import db
from profiles.accounts.administration.activation import activate, deactivate
from profiles.accounts.lookup import find_locked_user
from profiles.accounts.models import User
from tests.database import Janitor
from tests.factories import PASSWORD, as_user, make_tutor
from tests.privacy.public_endpoints import fetch_all, public_endpoints
from tests.profiles.avatars.pictures import picture
from tests.profiles.profile_owner import AUTOSAVE, PROFILE, PUBLISH, SNAPSHOTS
from tests.profiles.public.public_rows import (
    everything_public,
    rebuild_from_nothing,
    shown_terms,
    stored_terms,
)
from tests.profiles.strategies import bodies

SMALL_PICTURE = picture((8, 8))
AVATAR = "/api/me/avatar/"
# What an owner may be answered: also that the account is erased or deactivated, or the draft refused.
ANSWERS = {200, 204, 400, 401, 404, 422}
SECRET = "Zabludowskyj"

Act = Callable[[FlaskClient, int], Any]


def call(method: str, address: str, **options: Any) -> Act:
    def act(http: FlaskClient, tutor_id: int) -> int:
        answer = http.open(address, method=method, **options)
        assert answer.status_code in ANSWERS, answer.get_data(as_text=True)
        return answer.status_code

    return act


def upload(http: FlaskClient, tutor_id: int) -> None:
    form = {"avatar": (BytesIO(SMALL_PICTURE), "me.png")}
    assert http.post(AVATAR, data=form).status_code in ANSWERS


def restore(which: int) -> Act:
    """Go back to one of the snapshots there are."""

    def act(http: FlaskClient, tutor_id: int) -> None:
        snapshots = (http.get(SNAPSHOTS).json or {}).get("results")
        if snapshots:
            snapshot = snapshots[which % len(snapshots)]["id"]
            answer = http.post(f"{SNAPSHOTS}{snapshot}/restore/")
            assert answer.status_code in ANSWERS, answer.get_data(as_text=True)

    return act


def as_operator(change: Callable[[User], None]) -> Act:
    def act(http: FlaskClient, tutor_id: int) -> None:
        user = find_locked_user(tutor_id)
        if user is not None:
            change(user)
        db.session.commit()

    return act


def flip(flag: str, value: bool) -> Act:
    return call("PATCH", PROFILE, json={"settings": {flag: value}})


FLAGS = (
    "public_profile_enabled show_email_publicly show_avatar_publicly show_bio_publicly"
    " show_certifications_publicly show_subjects_publicly"
).split()

drafting = st.one_of(
    st.builds(lambda body: call("PATCH", AUTOSAVE, json=body), bodies(finished=False)),
    st.builds(lambda body: call("POST", AUTOSAVE, json=body), bodies()),
    st.just(call("DELETE", AUTOSAVE)),
)
publishing = st.one_of(
    st.builds(lambda body: call("PATCH", PROFILE, json=body), bodies()),
    st.builds(flip, st.sampled_from(FLAGS), st.booleans()),
    st.just(call("POST", PUBLISH)),
    st.builds(restore, st.integers(0, 5)),
    st.just(upload),
    st.just(call("DELETE", AVATAR)),
    st.sampled_from([as_operator(deactivate), as_operator(activate)]),
)
erasing = st.just(call("DELETE", "/api/me/", json={"password": PASSWORD}))
acts = st.one_of(publishing, publishing, drafting, drafting, publishing, erasing)
histories = st.lists(st.tuples(st.integers(0, 1), acts), min_size=4, max_size=14)
frugally = settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


@pytest.fixture
def start_over(app: Flask, janitor: Janitor) -> Callable[[], None]:
    """An empty marketplace and an empty folder of avatars, also between two examples."""

    def clean() -> None:
        db.session.remove()
        event_queue().drain()
        janitor.clean()
        for file in avatar_files(app):
            (Path(app.config["MEDIA_DIR"]) / file).unlink()

    return clean


def avatar_files(app: Flask) -> set[str]:
    folder = Path(app.config["MEDIA_DIR"])
    return {
        str(path.relative_to(folder)) for path in (folder / "avatars").rglob("*") if path.is_file()
    }


def named_files() -> set[str]:
    names = db.session.scalars(select(User.avatar_name).where(User.avatar_name.is_not(None)))
    found = {name for name in names if name}
    db.session.rollback()
    return found


def live(client: FlaskClient, history: list[tuple[int, Act]]) -> None:
    tutors = [make_tutor(subjects=["Математика"], bio=f"Про мене {n}").id for n in range(2)]
    owners = [as_user(client, tutor_id) for tutor_id in tutors]
    for number, act in history:
        act(owners[number], tutors[number])


@frugally
@given(histories)
def test_after_any_history_what_is_public_is_what_would_be_rebuilt_from_nothing(
    app: Flask, client: FlaskClient, start_over: Callable[[], None], history: list[tuple[int, Act]]
) -> None:
    start_over()
    live(client, history)
    lived = everything_public()
    assert stored_terms() == shown_terms()
    rebuild_from_nothing()
    assert everything_public() == lived
    assert avatar_files(app) == named_files()


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(parent=frugally, max_examples=600)
@given(st.lists(st.tuples(st.integers(0, 1), acts), min_size=10, max_size=40))
def test_after_any_long_history_what_is_public_is_what_would_be_rebuilt_from_nothing(
    app: Flask, client: FlaskClient, start_over: Callable[[], None], history: list[tuple[int, Act]]
) -> None:
    start_over()
    live(client, history)
    lived = everything_public()
    assert stored_terms() == shown_terms()
    rebuild_from_nothing()
    assert everything_public() == lived
    assert avatar_files(app) == named_files()


@settings(parent=frugally, max_examples=6)
@given(st.lists(drafting, min_size=1, max_size=6))
def test_no_draft_whatever_changes_a_public_answer(
    app: Flask, client: FlaskClient, start_over: Callable[[], None], steps: list[Act]
) -> None:
    start_over()
    tutor = make_tutor(headline="tutor", subjects=["English"], bio="Long enough.", hourly_rate=300)
    urls = queries(app, client, tutor.id)
    before = fetch_all(client, urls)
    owner = as_user(client, tutor)
    for step in steps:
        step(owner, tutor.id)
        assert fetch_all(client, urls) == before


def queries(app: Flask, client: FlaskClient, tutor_id: int) -> list[str]:
    """Each endpoint of the marketplace, and each by the secret word."""
    urls = []
    for endpoint in public_endpoints(app, client):
        if endpoint.path.startswith("/api/marketplace/"):
            urls += endpoint.addresses({"tutor_id": [str(tutor_id)]})
            urls += [
                f"{endpoint.path}?{name}={SECRET}"
                for name in endpoint.parameters
                if name in TEXT_PARAMETERS
            ]
    return urls


TEXT_PARAMETERS = ("search", "query", "q", "subject")


def test_a_draft_that_is_refused_discarded_or_left_lying_is_seen_by_nobody(
    app: Flask, client: FlaskClient
) -> None:
    tutor = make_tutor(headline="tutor")
    owner = as_user(client, tutor)
    urls = queries(app, client, tutor.id)
    before = fetch_all(client, urls)
    secrets = {
        "user": {"first_name": SECRET},
        "tutor_profile": {
            "headline": SECRET,
            "bio": SECRET,
            "subjects": [SECRET],
            "certifications": [SECRET],
            "hourly_rate": -1,
        },
        "settings": {"show_email_publicly": True},
    }
    assert owner.patch(AUTOSAVE, json=secrets).status_code == 200
    assert fetch_all(client, urls) == before
    assert owner.post(PUBLISH).status_code == 422
    assert fetch_all(client, urls) == before
    assert owner.delete(AUTOSAVE).status_code == 204
    assert fetch_all(client, urls) == before
    assert owner.patch(AUTOSAVE, json=secrets).status_code == 200
    assert owner.patch(AUTOSAVE, json={"tutor_profile": {"hourly_rate": 1}}).status_code == 200
    assert fetch_all(client, urls) == before
    # And when it is published, it is seen at the next look.
    assert owner.post(PUBLISH).status_code == 200
    after = fetch_all(client, urls)
    assert after != before
    assert any(SECRET.encode() in body for _, _, body in after.values())
