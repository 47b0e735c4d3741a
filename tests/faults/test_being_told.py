"""The tests of faults see a failure that nobody foresaw when there is one."""

import pytest
import requests

from tests.database import on_server

pytestmark = pytest.mark.slow


def test_an_unforeseen_failure_is_seen_in_the_log_and_in_the_answers(site, unlimited, gather):
    crowd = gather(unlimited)
    with on_server(site.postgres.url) as admin:
        admin.execute("alter table profile_drafts rename to away")
        with requests.Session() as session:
            crowd.ask(session, "GET", "/api/me/profile/autosave/", headers=crowd.saver)
        admin.execute("alter table away rename to profile_drafts")
    (wrong,) = crowd.wrong
    assert ": 500 " in wrong
    (line,) = site.unforeseen()
    assert '"event":"unforeseen failure"' in line
    # Told of once, so that it fails the test it happened in and no other.
    assert site.unforeseen() == []
