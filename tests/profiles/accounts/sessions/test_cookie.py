import pytest

from tests.factories import make_user
from tests.profiles.accounts.endpoints import log_in, log_out, refresh, token_of


def attributes(answer):
    parts = answer.headers["Set-Cookie"].split("; ")[1:]
    return {part.partition("=")[0]: part.partition("=")[2] for part in parts}


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_other_paths(client):
    found = attributes(log_in(client, make_user()))
    assert found["Path"] == "/api/auth"
    assert found["SameSite"] == "Lax"
    assert found["Max-Age"] == str(30 * 86400)
    assert "HttpOnly" in found
    assert "Domain" not in found
    assert "Secure" not in found


def test_the_cookie_travels_encrypted_outside_development(client, make_app):
    secure = make_app(SECURE_COOKIES=True).test_client()
    user = make_user()
    answer = log_in(secure, user, base_url="https://localhost")
    assert "Secure" in attributes(answer)
    out = log_out(secure, base_url="https://localhost")
    assert "Secure" in attributes(out)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil", "x"])
def test_a_page_of_another_site_can_neither_refresh_nor_log_out(client, origin):
    log_in(client, make_user())
    token = token_of(client)
    headers = {"Origin": origin}
    for answer in (refresh(client, headers=headers), log_out(client, headers=headers)):
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
    assert refresh(client, token).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://localhost:5173", "http://localhost", "https://LOCALHOST"]
)
def test_the_frontend_and_pages_of_this_host_may_refresh(client, origin):
    log_in(client, make_user())
    assert refresh(client, headers={"Origin": origin}).status_code == 200
    assert log_out(client, headers={"Origin": origin}).status_code == 204
