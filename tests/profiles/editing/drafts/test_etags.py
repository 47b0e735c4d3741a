"""A draft changed elsewhere meanwhile is not overwritten, and one that stands is not sent again."""

import pytest
from flask.testing import FlaskClient

from tests.factories import make_tutor
from tests.profiles.profile_owner import AUTOSAVE, PUBLISH, Owner, bio


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor(headline="Математика", bio="published"))


def test_no_etag_ever_returns(tutor: Owner) -> None:
    seen = set()
    for _ in range(3):
        for text in ("a", "b"):
            tutor.autosave(bio(text))
            seen.add(tutor.draft_etag())
        tutor.discard()
    assert len(seen) == 6


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


def test_invalid_values_are_reported_before_staleness(tutor: Owner) -> None:
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
