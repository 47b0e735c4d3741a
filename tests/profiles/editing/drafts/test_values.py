"""What is saved in a draft, what is refused, and what is dirty."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from profiles.editing.drafts import merging
from tests.factories import make_tutor
from tests.profiles.profile_owner import AUTOSAVE, NO_DRAFT, Owner, bio


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor(headline="Математика", bio="published"))


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


def test_a_field_saved_through_either_name_is_one_value_and_the_last_wins(
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
    assert saved == NO_DRAFT
    tutor.draft(404)


def test_a_first_autosave_of_nothing_makes_no_draft(tutor: Owner) -> None:
    for nothing in ({}, {"tutor_profile": {}}, {"user": {}, "settings": {}}):
        answer = tutor.http.patch(AUTOSAVE, json=nothing)
        assert answer.get_json() == NO_DRAFT
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
    monkeypatch.setattr(merging, "LARGEST_DRAFT_BYTES", 1100)
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
