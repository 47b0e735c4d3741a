"""The fault tests notice an unexpected error in the service."""

import pytest
import requests

from tests.database import on_server

pytestmark = pytest.mark.slow


def test_an_unexpected_error_is_seen_in_the_log_and_in_the_answers(
    deployment, unlimited, make_clients
):
    clients = make_clients(unlimited)
    with on_server(deployment.postgres.url) as admin:
        admin.execute("alter table profile_drafts rename to away")
        with requests.Session() as session:
            clients.call(session, "GET", "/api/me/profile/autosave/", headers=clients.saver)
        admin.execute("alter table away rename to profile_drafts")
    (wrong,) = clients.wrong
    assert ": 500 " in wrong
    (line,) = deployment.unexpected_errors()
    assert '"event":"unforeseen failure"' in line
    # Reported once, so that it fails the test it happened in and no other.
    assert deployment.unexpected_errors() == []
