"""If-Match on the avatar names the profile's ETag, since the avatar is a part of the profile."""

import pytest

from tests.profiles.avatars.pictures import picture
from tests.profiles.avatars.uploads import AVATAR, as_file, everything_of, upload

PROFILE = "/api/me/profile/"


def write(me, method, headers):
    data = {"avatar": as_file((picture(), "me.png"))} if method == "POST" else None
    return me.open(AVATAR, method=method, data=data, headers=headers)


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_stale_if_match_is_a_412_that_changes_nothing(me, tutor, folder, method):
    stale = me.get(PROFILE).headers["ETag"]
    upload(me)
    before = everything_of(tutor, folder)
    refusal = write(me, method, {"If-Match": stale})
    assert (refusal.status_code, refusal.json["code"]) == (412, "precondition_failed")
    assert refusal.json["current"] == me.get(PROFILE).json
    assert everything_of(tutor, folder) == before


@pytest.mark.parametrize(("method", "status"), [("POST", 200), ("DELETE", 204)])
def test_a_current_if_match_lets_the_write_through(me, method, status):
    upload(me)
    etag = me.get(PROFILE).headers["ETag"]
    assert write(me, method, {"If-Match": etag}).status_code == status
    assert write(me, method, {"If-Match": etag}).status_code == 412
    assert write(me, method, {"If-Match": "*"}).status_code == status


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_if_none_match_guards_as_it_does_on_the_profile(me, method):
    etag = me.get(PROFILE).headers["ETag"]
    assert write(me, method, {"If-None-Match": etag}).status_code == 412
    assert write(me, method, {"If-None-Match": "*"}).status_code == 412


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_malformed_if_match_is_a_400(me, method):
    answer = write(me, method, {"If-Match": "abc"})
    assert (answer.status_code, answer.json["code"]) == (400, "malformed_header")


def test_the_document_states_the_condition(client):
    operations = client.get("/api/openapi.json").json["paths"][AVATAR]
    for method in ("post", "delete"):
        names = [each["name"] for each in operations[method]["parameters"]]
        assert names == ["If-Match"]
        assert "412" in operations[method]["responses"]
