"""SECRET_KEY as a list: the first key signs, all of them verify."""

import jwt
import pytest

from common.config import ConfigError
from common.http.auth import issue_access_token

OLD = "the key of last year and of the years before"
NEW = "the key of this year and of the years to come"


@pytest.fixture
def clients(build):
    """Clients of applications with the old key, with both, and with the new one."""
    return {
        name: build(SECRET_KEY=keys).test_client()
        for name, keys in {"old": OLD, "both": f"{NEW}, {OLD}", "new": NEW}.items()
    }


def token(client):
    with client.application.app_context():
        return issue_access_token(7)


def status(client, token):
    return client.get("/probe/me/", headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.mark.parametrize(
    ("issuer", "accepted_by"),
    [("old", {"old", "both"}), ("both", {"both", "new"}), ("new", {"both", "new"})],
)
def test_tokens_and_cursors_outlive_the_change_of_a_key(clients, issuer, accepted_by):
    issued = token(clients[issuer])
    page = clients[issuer].get("/probe/numbers/?size=5").json
    for name, client in clients.items():
        is_accepted = name in accepted_by
        assert status(client, issued) == (200 if is_accepted else 401)
        answer = client.get(f"/probe/numbers/?size=5&cursor={page['next_cursor']}")
        assert answer.status_code == (200 if is_accepted else 400)
        if is_accepted:
            assert answer.json["results"] == [6, 7, 8, 9, 10]


def test_a_token_names_its_key_and_reveals_nothing_of_it(clients):
    names = {jwt.get_unverified_header(token(clients[each]))["kid"] for each in clients}
    assert len(names) == 2
    assert all(len(name) == 12 for name in names)


@pytest.mark.parametrize("kid", [None, "", "unknown", "../../dev/null"])
def test_a_token_that_names_no_key_of_ours_is_verified_by_the_first(clients, kid):
    claims = jwt.decode(token(clients["new"]), options={"verify_signature": False})
    headers = {} if kid is None else {"kid": kid}
    for key, expected in ((NEW, 200), (OLD, 401)):
        made = jwt.encode(claims, key, "HS256", headers=headers)
        assert status(clients["both"], made) == expected


@pytest.mark.parametrize("keys", [f"{NEW},short", f"{NEW},", ",", f"short,{NEW}"])
def test_every_key_is_long_enough(build, keys):
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        build(SECRET_KEY=keys)
