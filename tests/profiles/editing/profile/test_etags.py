"""A profile that stands is not sent again, and one changed meanwhile is not overwritten."""

import pytest
from flask.testing import FlaskClient

from tests.factories import make_tutor
from tests.profiles.profile_owner import AUTOSAVE, PROFILE, Owner


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor(headline="Математика", rating=4, reviews_count=3))


def etag_of(owner: Owner) -> str:
    return owner.http.get(PROFILE).headers["ETag"]


def test_the_profile_carries_a_strong_validator_and_is_nobody_elses(tutor: Owner) -> None:
    answer = tutor.http.get(PROFILE)
    assert answer.headers["ETag"].startswith('"')
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = tutor.http.get(PROFILE, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == answer.headers["ETag"]
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_the_validator_changes_with_every_change_and_only_then(tutor: Owner) -> None:
    seen = [etag_of(tutor)]
    assert etag_of(tutor) == seen[0]
    tutor.patch({"tutor_profile": {"headline": "Математика"}})
    assert etag_of(tutor) == seen[0]
    for change in (
        lambda: tutor.patch({"tutor_profile": {"headline": "Фізика"}}),
        lambda: tutor.autosave({"tutor_profile": {"bio": "x"}}),
        lambda: tutor.autosave({"tutor_profile": {"bio": "y"}}),
        lambda: tutor.publish(),
    ):
        change()
        seen.append(etag_of(tutor))
    assert len(set(seen)) == len(seen)


def test_a_patch_answers_the_validator_of_what_it_left(tutor: Owner) -> None:
    answer = tutor.http.patch(PROFILE, json={"tutor_profile": {"headline": "Фізика"}})
    assert answer.headers["ETag"] == etag_of(tutor)
    assert answer.get_json() == tutor.profile()


def test_a_patch_of_an_old_copy_is_refused_with_the_profile_as_it_stands(tutor: Owner) -> None:
    stale = etag_of(tutor)
    current = tutor.patch({"tutor_profile": {"headline": "Фізика"}})
    refusal = tutor.patch({"tutor_profile": {"headline": "Хімія"}}, 412, **{"If-Match": stale})
    assert refusal["current"] == current
    assert tutor.profile() == current
    tutor.patch({"tutor_profile": {"headline": "Хімія"}}, **{"If-Match": etag_of(tutor)})
    tutor.patch({"tutor_profile": {"headline": "Астрономія"}}, **{"If-Match": "*"})


def test_ones_own_autosaves_do_not_make_the_next_patch_stale(tutor: Owner) -> None:
    etag = etag_of(tutor)
    tutor.autosave({"tutor_profile": {"bio": "typed"}})
    tutor.patch({"tutor_profile": {"bio": "typed"}}, **{"If-Match": etag})


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ('"x"', 412),
        ('W/"x"', 412),
        ('""', 412),
        ('".1"', 412),
        ('"x", W/"y"', 412),
        ("*x", 400),
        ("garbage", 400),
        ("5d0c2f6f1f0c4a6f.7", 400),
        ("", 400),
    ],
)
def test_a_strange_if_match_never_matches(tutor: Owner, tag: str, status: int) -> None:
    for path, method in ((PROFILE, "PATCH"), (AUTOSAVE, "PATCH"), (AUTOSAVE, "POST")):
        answer = tutor.http.open(path, method=method, json={}, headers={"If-Match": tag})
        assert answer.status_code == status


MARKED = ["{}", "W/{}", '"other", {}', 'W/"other", W/{}', "*"]


@pytest.mark.parametrize("marked", MARKED)
def test_a_tag_that_an_intermediary_has_marked_still_matches(tutor: Owner, marked: str) -> None:
    tag = marked.format(etag_of(tutor))
    # The draft has moved on since, which is no concern of a PATCH.
    tutor.autosave({"tutor_profile": {"headline": "typed"}})
    tutor.patch({"tutor_profile": {"bio": "x"}}, **{"If-Match": tag})
    draft_tag = marked.format(tutor.draft_etag())
    tutor.autosave({"tutor_profile": {"bio": "y"}}, **{"If-Match": draft_tag})


@pytest.mark.parametrize("mark", ["-gzip", "--gzip", ";br"])
def test_a_tag_with_the_mark_of_a_compression_still_matches(tutor: Owner, mark: str) -> None:
    tag = f'{etag_of(tutor)[:-1]}{mark}"'
    tutor.autosave({"tutor_profile": {"headline": "typed"}})
    tutor.patch({"tutor_profile": {"bio": "x"}}, **{"If-Match": tag})
    tutor.patch({"tutor_profile": {"bio": "y"}}, 412, **{"If-Match": tag})


def test_a_write_that_asks_for_no_draft_is_refused_where_there_is_one(tutor: Owner) -> None:
    first = {"tutor_profile": {"bio": "one"}}
    tutor.autosave(first, **{"If-None-Match": "*"})
    refusal = tutor.autosave({"tutor_profile": {"bio": "two"}}, 412, **{"If-None-Match": "*"})
    assert refusal["current"]["data"] == first
    tutor.patch({"tutor_profile": {"bio": "x"}}, 412, **{"If-None-Match": etag_of(tutor)})


def test_a_restore_honours_if_match(tutor: Owner) -> None:
    stale = etag_of(tutor)
    tutor.patch({"tutor_profile": {"headline": "Фізика"}})
    snapshot_id = tutor.snapshots()["results"][0]["id"]
    tutor.restore(snapshot_id, 412, **{"If-Match": stale})
    tutor.restore(snapshot_id, 200, **{"If-Match": etag_of(tutor)})
