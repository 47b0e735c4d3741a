"""The life of a draft: discarded, published, its owner's alone, and what becomes of it later."""

import pytest
from flask.testing import FlaskClient

from common.database.session import db
from common.http.problems.errors import Unauthorized
from profiles.editing.drafts import merging
from profiles.models import ProfileDraft
from tests.factories import make_student, make_tutor
from tests.profiles.profile_owner import AUTOSAVE, NO_DRAFT, PUBLISH, Owner, bio


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor(headline="Математика", bio="published"))


def test_versions_grow_across_discards_and_publishing(tutor: Owner) -> None:
    versions = [tutor.autosave(bio("1"))["version"]]
    tutor.discard()
    assert tutor.autosave({})["version"] >= versions[-1]
    versions.append(tutor.autosave(bio("2"))["version"])
    tutor.publish()
    versions.append(tutor.autosave(bio("3"))["version"])
    tutor.patch(bio("4"))
    versions.append(tutor.autosave(bio("5"))["version"])
    assert versions == sorted(set(versions))


def test_a_discarded_draft_is_gone_and_the_log_says_so(tutor: Owner) -> None:
    tutor.autosave(bio("typed"))
    tutor.discard()
    tutor.draft(404)
    assert tutor.profile()["draft"] is None
    assert tutor.events()[-1] == ("profile.autosave.discarded", {"version": 1})


def test_discarding_no_draft_is_as_good_and_records_nothing(tutor: Owner) -> None:
    tutor.discard()
    tutor.autosave(bio("typed"))
    tutor.discard()
    tutor.discard()
    assert tutor.actions() == ["profile.autosave", "profile.autosave.discarded"]


def test_publishing_a_draft_is_a_patch_and_says_so(tutor: Owner) -> None:
    tutor.autosave({"tutor_profile": {"bio": "typed"}, "settings": {"dark_mode": True}})
    before = tutor.profile()
    after = tutor.publish()
    assert after["tutor_profile"]["bio"] == "typed"
    assert after["settings"]["dark_mode"] is True
    assert after["draft"] is None
    assert tutor.profile() == after
    tutor.draft(404)
    events = dict(tutor.events())
    assert tutor.actions() == [
        "profile.autosave",
        "profile.snapshot",
        "profile.updated",
        "settings.updated",
        "profile.autosave.published",
    ]
    assert events["profile.snapshot"] == {"before": before}
    assert events["profile.autosave.published"] == {
        "sections": ["tutor_profile", "settings"],
        "fields": ["tutor_profile.bio", "settings.dark_mode"],
        "version": 1,
    }


def test_publishing_a_draft_that_changes_nothing_records_that_alone(tutor: Owner) -> None:
    tutor.autosave(bio("published"))
    tutor.publish()
    assert tutor.actions() == ["profile.autosave", "profile.autosave.published"]
    tutor.draft(404)


def test_there_is_nothing_to_publish_without_a_draft(tutor: Owner) -> None:
    assert tutor.publish(404)["detail"] == "There is no draft."
    assert tutor.events() == []


def test_a_draft_is_its_owners_alone(client: FlaskClient, tutor: Owner) -> None:
    tutor.autosave(bio("typed"))
    other = Owner(client, make_student())
    other.draft(404)
    other.discard()
    other.publish(404)
    assert tutor.draft()["data"] == bio("typed")


def test_drafts_are_for_those_who_are_logged_in(client: FlaskClient) -> None:
    for method, path in (
        ("get", AUTOSAVE),
        ("patch", AUTOSAVE),
        ("post", AUTOSAVE),
        ("delete", AUTOSAVE),
        ("post", PUBLISH),
    ):
        assert getattr(client, method)(path).status_code == 401


def test_a_draft_older_than_the_table_is_still_a_draft(tutor: Owner) -> None:
    tutor.autosave(bio("typed"))
    stored = {"tutor_profile": {"bio": "typed", "fax": "044"}, "pager": {"number": 1}}
    draft = db.session.get_one(ProfileDraft, tutor.id)
    draft.data = stored
    db.session.commit()
    assert tutor.draft()["data"] == bio("typed")
    assert tutor.publish()["tutor_profile"]["bio"] == "typed"


def test_a_draft_of_nothing_that_is_still_known_is_none(tutor: Owner) -> None:
    version = tutor.autosave(bio("typed"))["version"]
    draft = db.session.get_one(ProfileDraft, tutor.id)
    draft.data = {"pager": {"number": 1}}
    db.session.commit()
    tutor.draft(404)
    tutor.publish(404)
    assert tutor.profile()["draft"] is None
    assert tutor.autosave({}) == NO_DRAFT | {"version": version}
    assert tutor.autosave(bio("again"))["version"] > version


def test_an_account_that_vanished_meanwhile_saves_nothing(tutor: Owner) -> None:
    """Between the check of the token and the lock an account may be erased or deactivated."""
    db.session.execute(db.text("update users set is_active = false"))
    with pytest.raises(Unauthorized):
        merging.autosave(tutor.id, bio("typed"))
    db.session.execute(db.text("delete from users"))
    with pytest.raises(Unauthorized):
        merging.autosave(tutor.id, bio("typed"))


def test_the_endpoint_saves_nothing_either_for_an_account_that_vanished_meanwhile(
    tutor: Owner,
) -> None:
    for change in ("update users set is_active = false", "delete from users"):
        db.session.execute(db.text(change))
        db.session.commit()
        with pytest.raises(Unauthorized):
            merging.autosave_at_once(tutor.id, bio("typed"))


def test_both_ways_to_save_store_and_answer_the_same(client: FlaskClient) -> None:
    """Through the session, for a caller with more to do, and in a transaction of its own."""
    outcomes = []
    for save in (merging.autosave, merging.autosave_at_once):
        owner = Owner(client, make_tutor(headline="Математика", bio="published"))
        for body in (bio("typed"), bio("typed"), {}, {"user": {"last_name": "О"}}, bio(None)):
            save(owner.id, body)
            db.session.commit()
        draft = owner.draft()
        del draft["autosaved_at"]
        events = [
            {name: each[name] for name in each if name not in ("id", "timestamp")}
            for each in owner.http.get("/api/me/activity/?action=profile.autosave").json["results"]
        ]
        assert {each.pop("entity_id") for each in events} == {str(owner.id)}
        outcomes.append((draft, events))
    assert outcomes[0] == outcomes[1]
    assert [each["metadata"]["version"] for each in outcomes[0][1]] == [3, 2, 1]


def test_a_refused_save_leaves_neither_a_draft_nor_a_lock(tutor: Owner) -> None:
    tutor.autosave(bio("one"))
    kept = tutor.draft()
    for _ in range(12):
        tutor.autosave(bio(5), 422)
        tutor.autosave(bio("two"), 412, **{"If-Match": '"stale"'})
    assert tutor.draft() == kept
    assert tutor.autosave(bio("two"))["version"] == 2
