"""The draft: saved as it is typed, compared with what is published, discarded, published."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from common.db import db
from common.errors import Unauthorized
from profiles import drafts
from profiles.models import ProfileDraft
from tests.factories import make_student, make_tutor
from tests.profiles.owner import AUTOSAVE, PUBLISH, Owner

EMPTY = {"autosaved_at": None, "version": 0, "data": {}, "dirty": []}


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor(headline="Математика", bio="published"))


def bio(text: Any) -> dict[str, Any]:
    return {"tutor_profile": {"bio": text}}


def test_a_saved_field_is_in_the_draft_and_not_in_the_profile(tutor: Owner) -> None:
    saved = tutor.autosave(bio("typed"))
    assert saved["data"] == bio("typed")
    assert saved["version"] == 1
    assert saved["dirty"] == ["tutor_profile.bio"]
    assert tutor.draft() == saved
    profile = tutor.profile()
    assert profile["tutor_profile"]["bio"] == "published"
    assert profile["draft"] == {"autosaved_at": saved["autosaved_at"], "version": 1}


def test_post_is_the_same_as_patch(tutor: Owner) -> None:
    answer = tutor.http.post(AUTOSAVE, json=bio("typed"))
    assert answer.status_code == 200
    assert answer.get_json() == tutor.draft()
    assert answer.headers["ETag"] == tutor.draft_etag()


def test_objects_merge_lists_and_scalars_replace_and_null_is_a_value(tutor: Owner) -> None:
    tutor.autosave({"tutor_profile": {"subjects": ["A", "B"], "bio": "x", "hourly_rate": 5}})
    saved = tutor.autosave(
        {"tutor_profile": {"subjects": ["C"], "hourly_rate": None}, "user": {"first_name": "О"}}
    )
    assert saved["data"] == {
        "user": {"first_name": "О"},
        "tutor_profile": {"bio": "x", "subjects": ["C"], "hourly_rate": None},
    }


def test_a_field_saved_through_either_name_is_one_leaf_and_the_last_value_wins(
    tutor: Owner,
) -> None:
    tutor.autosave(bio("first"))
    saved = tutor.autosave({"settings": {"bio": "second", "privacy_public_profile": False}})
    assert saved["data"] == {
        "tutor_profile": {"bio": "second"},
        "settings": {"public_profile_enabled": False},
    }
    assert saved["dirty"] == ["tutor_profile.bio", "settings.public_profile_enabled"]
    assert tutor.autosave(bio("third"))["data"]["tutor_profile"] == {"bio": "third"}


def test_a_value_like_the_published_one_is_drafted_and_not_dirty(tutor: Owner) -> None:
    saved = tutor.autosave({"tutor_profile": {"bio": "published", "hourly_rate": None}})
    assert saved["data"] == {"tutor_profile": {"bio": "published", "hourly_rate": None}}
    assert saved["dirty"] == []


@pytest.mark.parametrize(
    ("published", "typed"),
    [
        ({"headline": ""}, {"headline": None}),
        ({"subjects": ["Вища математика"]}, {"subjects": [" Вища  математика "]}),
    ],
)
def test_what_would_be_published_alike_is_not_dirty(
    client: FlaskClient, published: dict[str, Any], typed: dict[str, Any]
) -> None:
    tutor = Owner(client, make_tutor(**published))
    saved = tutor.autosave({"tutor_profile": typed})
    assert saved["data"] == {"tutor_profile": typed}
    assert saved["dirty"] == []


def test_unfinished_values_are_drafted_and_refused_when_published(tutor: Owner) -> None:
    unfinished = {
        "user": {"first_name": "", "timezone": "Europe/K"},
        "tutor_profile": {"hourly_rate": -5, "subjects": ["Math", "math", ""]},
    }
    saved = tutor.autosave(unfinished)
    assert saved["data"] == unfinished
    refusal = tutor.publish(422)
    messages = refusal["errors"]["json"]
    assert set(messages["user"]) == {"first_name", "timezone"}
    assert set(messages["tutor_profile"]) == {"hourly_rate", "subjects"}
    assert tutor.draft() == saved
    assert tutor.actions() == ["profile.autosave"]


@pytest.mark.parametrize(
    "body",
    [
        {"surprise": {}},
        {"tutor_profile": {"nickname": "x"}},
        {"tutor_profile": {"bio": 5}},
        {"tutor_profile": {"bio": "x" * 2001}},
        {"tutor_profile": {"hourly_rate": "5"}},
        {"tutor_profile": None},
        {"student_profile": {"bio": "x"}},
        {"tutor_profile": {"bio": "a"}, "settings": {"bio": "b"}},
        {"tutor_profile": {"bio": "NUL \x00"}},
        [],
        5,
    ],
)
def test_wrong_types_names_and_sizes_are_refused_and_nothing_is_saved(
    tutor: Owner, body: Any
) -> None:
    assert tutor.http.patch(AUTOSAVE, json=body).status_code == 422
    tutor.draft(404)
    assert tutor.events() == []


def test_read_only_fields_are_not_drafted(tutor: Owner) -> None:
    saved = tutor.autosave(
        {"user": {"email": "x@example.org"}, "settings": {"languages": ["de"]}, "avatar_url": "x"}
    )
    assert saved == EMPTY
    tutor.draft(404)


def test_a_first_autosave_of_nothing_makes_no_draft(tutor: Owner) -> None:
    for nothing in ({}, {"tutor_profile": {}}, {"user": {}, "settings": {}}):
        answer = tutor.http.patch(AUTOSAVE, json=nothing)
        assert answer.get_json() == EMPTY
        assert "ETag" not in answer.headers
    tutor.draft(404)
    assert tutor.profile()["draft"] is None
    assert tutor.events() == []


@pytest.mark.parametrize("again", [bio("typed"), {}, {"settings": {"bio": "typed"}}])
def test_a_merge_that_changes_nothing_bumps_no_version_and_records_nothing(
    tutor: Owner, again: Any
) -> None:
    saved = tutor.autosave(bio("typed"))
    assert tutor.autosave(again) == saved
    assert tutor.actions() == ["profile.autosave"]


def test_the_event_names_what_changed_and_never_the_texts(tutor: Owner) -> None:
    tutor.autosave({"settings": {"bio": "secret", "dark_mode": True}})
    tutor.autosave({"tutor_profile": {"bio": "secret", "headline": "secret"}})
    assert tutor.events() == [
        (
            "profile.autosave",
            {
                "sections": ["tutor_profile", "settings"],
                "fields": ["tutor_profile.bio", "settings.dark_mode"],
                "version": 1,
            },
        ),
        (
            "profile.autosave",
            {"sections": ["tutor_profile"], "fields": ["tutor_profile.headline"], "version": 2},
        ),
    ]


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


def test_no_etag_ever_returns(tutor: Owner) -> None:
    seen = set()
    for _ in range(3):
        for text in ("a", "b"):
            tutor.autosave(bio(text))
            seen.add(tutor.draft_etag())
        tutor.discard()
    assert len(seen) == 6


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


def test_a_stale_if_match_is_refused_with_the_draft_as_it_stands(tutor: Owner) -> None:
    tutor.autosave(bio("one"))
    stale = tutor.draft_etag()
    current = tutor.autosave(bio("two"))
    for answer in (
        tutor.http.patch(AUTOSAVE, json=bio("three"), headers={"If-Match": stale}),
        tutor.http.delete(AUTOSAVE, headers={"If-Match": stale}),
        tutor.http.post(PUBLISH, headers={"If-Match": stale}),
    ):
        assert answer.status_code == 412
        assert answer.mimetype == "application/problem+json"
        assert answer.get_json()["current"] == current
    assert tutor.draft() == current


def test_a_current_if_match_lets_the_write_through(tutor: Owner) -> None:
    tutor.autosave(bio("one"))
    tutor.autosave(bio("two"), **{"If-Match": tutor.draft_etag()})
    tutor.autosave(bio("three"), **{"If-Match": "*"})
    tutor.publish(**{"If-Match": tutor.draft_etag()})
    tutor.autosave(bio("four"))
    tutor.discard(**{"If-Match": tutor.draft_etag()})


def test_an_if_match_on_a_draft_that_is_gone_is_stale(tutor: Owner) -> None:
    tutor.autosave(bio("one"))
    etag = tutor.draft_etag()
    tutor.discard()
    refusal = tutor.autosave(bio("two"), 412, **{"If-Match": etag})
    assert refusal["current"]["data"] == {}
    tutor.autosave(bio("two"), 412, **{"If-Match": "*"})
    tutor.discard(**{"If-Match": etag})


def test_invalid_values_are_told_of_before_staleness(tutor: Owner) -> None:
    tutor.autosave(bio(5), 422, **{"If-Match": '"stale"'})


def test_a_draft_that_stands_is_not_sent_again(tutor: Owner) -> None:
    tutor.autosave(bio("one"))
    etag = tutor.draft_etag()
    answer = tutor.http.get(AUTOSAVE, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.headers["ETag"], answer.data) == (304, etag, b"")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    tutor.autosave(bio("two"))
    assert tutor.http.get(AUTOSAVE, headers={"If-None-Match": etag}).status_code == 200


def test_what_is_dirty_changes_only_together_with_the_etag(tutor: Owner) -> None:
    tutor.autosave({"tutor_profile": {"bio": "typed", "headline": "typed"}})
    before, etag = tutor.draft(), tutor.draft_etag()
    tutor.patch({"tutor_profile": {"headline": "typed"}})
    assert tutor.draft() != before
    assert tutor.draft_etag() != etag


def test_a_body_over_64_kib_is_too_large(tutor: Owner) -> None:
    for answer in (
        tutor.http.patch(AUTOSAVE, json={"avatar_url": "x" * 65_536}),
        tutor.http.post(AUTOSAVE, data=b" " * 65_537, content_type="application/json", headers={}),
    ):
        assert answer.status_code == 413
        assert answer.mimetype == "application/problem+json"
    just_fits = b'{"avatar_url": "' + b"x" * (65_536 - 18) + b'"}'
    assert len(just_fits) == 65_536
    answer = tutor.http.patch(AUTOSAVE, data=just_fits, content_type="application/json")
    assert answer.status_code == 200


def test_a_draft_that_would_outgrow_64_kib_is_too_large(
    tutor: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = tutor.autosave(bio("x" * 1000))
    monkeypatch.setattr(drafts, "LARGEST_DRAFT_BYTES", 1100)
    tutor.autosave({"tutor_profile": {"headline": "y" * 100}}, 413)
    assert tutor.draft() == saved


def test_the_largest_values_of_all_fields_make_a_draft_that_fits(tutor: Owner) -> None:
    widest = "\U0001f9ee"
    saved = tutor.autosave(
        {
            "user": {"first_name": widest * 150, "last_name": widest * 150},
            "tutor_profile": {
                "headline": widest * 120,
                "bio": widest * 2000,
                "subjects": [widest * 50] * 20,
                "certifications": [widest * 200] * 20,
            },
        }
    )
    assert saved["version"] == 1


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
    assert tutor.autosave({}) == EMPTY | {"version": version}
    assert tutor.autosave(bio("again"))["version"] > version


def test_an_account_that_vanished_meanwhile_saves_nothing(tutor: Owner) -> None:
    """Between the check of the token and the lock an account may be erased or deactivated."""
    db.session.execute(db.text("update users set is_active = false"))
    with pytest.raises(Unauthorized):
        drafts.autosave(tutor.id, bio("typed"))
    db.session.execute(db.text("delete from users"))
    with pytest.raises(Unauthorized):
        drafts.autosave(tutor.id, bio("typed"))


def test_the_door_saves_nothing_either_for_an_account_that_vanished_meanwhile(
    tutor: Owner,
) -> None:
    for change in ("update users set is_active = false", "delete from users"):
        db.session.execute(db.text(change))
        db.session.commit()
        with pytest.raises(Unauthorized):
            drafts.autosave_at_once(tutor.id, bio("typed"))


def test_both_ways_to_save_store_and_tell_the_same(client: FlaskClient) -> None:
    """Through the session, for a caller with more to do, and in a transaction of its own."""
    told = []
    for save in (drafts.autosave, drafts.autosave_at_once):
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
        told.append((draft, events))
    assert told[0] == told[1]
    assert [each["metadata"]["version"] for each in told[0][1]] == [3, 2, 1]


def test_a_refused_save_leaves_neither_a_draft_nor_a_lock(tutor: Owner) -> None:
    tutor.autosave(bio("one"))
    kept = tutor.draft()
    for _ in range(12):
        tutor.autosave(bio(5), 422)
        tutor.autosave(bio("two"), 412, **{"If-Match": '"stale"'})
    assert tutor.draft() == kept
    assert tutor.autosave(bio("two"))["version"] == 2
