"""`/metrics` is read with the operator's token or, without one, from the machine itself."""

import pytest

TOKEN = "scrape-7b1c9d3e5f2a4068"
ADDRESSES = ["/metrics", "/metrics/"]


def read(client, path="/metrics", address="127.0.0.1", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers=named, environ_overrides={"REMOTE_ADDR": address})


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_a_direct_call_from_this_machine_is_answered(probe, path, address):
    assert read(probe, path, address).status_code == 200


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("address", ["203.0.113.8", "10.0.0.1", "2001:db8::1", "", "unix:"])
def test_a_call_from_elsewhere_is_refused(probe, path, address):
    answer = read(probe, path, address)
    assert answer.status_code == 403
    assert "METRICS_TOKEN" in answer.json["detail"]


@pytest.mark.parametrize(
    "header",
    [
        {"X_Forwarded_For": "203.0.113.8"},
        {"X_Forwarded_For": "127.0.0.1"},
        {"X_Forwarded_Proto": "https"},
        {"X_Forwarded_Host": "api.example"},
        {"X_Real_IP": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
    ],
)
@pytest.mark.parametrize("hops", [0, 1])
def test_a_proxy_on_the_same_machine_does_not_make_its_clients_local(build, header, hops):
    client = build(PROXY_HOPS=hops).test_client()
    assert read(client, **header).status_code == 403


def test_an_address_that_a_proxy_reports_does_not_count(build):
    client = build(PROXY_HOPS=1).test_client()
    assert read(client, address="203.0.113.8", X_Forwarded_For="127.0.0.1").status_code == 403


@pytest.mark.parametrize("address", ["127.0.0.1", "203.0.113.8"])
def test_with_a_token_the_token_decides(build, address):
    client = build(METRICS_TOKEN=TOKEN).test_client()
    assert read(client, address=address, Authorization=f"Bearer {TOKEN}").status_code == 200
    assert read(client, address=address, Authorization=f"bearer {TOKEN} ").status_code == 200
    for wrong in (
        "",
        "Bearer",
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        TOKEN,
    ):
        answer = read(client, address=address, Authorization=wrong)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert read(client, address=address).status_code == 401


def test_a_token_beyond_ascii_is_wrong_and_nothing_else(build):
    client = build(METRICS_TOKEN=TOKEN).test_client()
    assert read(client, Authorization="Bearer ключ").status_code == 401
