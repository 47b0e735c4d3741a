"""The last release serves while the database is upgraded to this one, and then beside this one."""

import time

import pytest
import requests

from tests.drills.ledger import check_acknowledged
from tests.drills.release import LAST_RELEASE, check_out
from tests.drills.traffic import Traffic
from tests.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Of a year's life, so that what a migration does row by row takes its time.
SESSIONS = """
insert into refresh_tokens (user_id, family_id, token_hash, issued_at, expires_at)
select min(u.id), gen_random_uuid(), sha256(n::text::bytea), now(), now() + interval '30 days'
from users u, generate_series(1, 40000) n group by n
"""
EVENTS = """
insert into activity_events (id, user_id, action, source, metadata, "timestamp")
select gen_random_uuid(), case when n % 2 = 0 then u.id end, 'profile.viewed', 'server',
       jsonb_build_object('tutor_id', u.id::text), now() - n * interval '1 second'
from (select min(id) as id from users) u, generate_series(1, 60000) n
"""


MONTHS = (
    "select 1 from pg_inherits where inhparent = 'activity_events'::regclass having count(*) > 1"
)


def _fill(installation, url):
    """Rows, as soon as the log has its months: a default partition with rows would hold that up."""

    def has_months():
        requests.get(f"{url}/api/marketplace/tutors/?search=anybody", timeout=20)
        return installation.rows(MONTHS) != []

    eventually(has_months)
    installation.rows(SESSIONS)
    installation.rows(EVENTS)


def test_no_call_fails_while_the_last_release_is_replaced_by_this_one(installation, tmp_path):
    code = tmp_path / "release"
    check_out(code)
    installation.upgrade(code)
    assert installation.rows("select version_num from alembic_version") == [(LAST_RELEASE.schema,)]
    old = installation.serve(code, options=())
    traffic = Traffic([old.url])
    _fill(installation, old.url)

    with traffic.running():
        time.sleep(3)
        began = time.monotonic()
        installation.upgrade()
        upgraded = time.monotonic()
        time.sleep(5)
        # A node at a time is replaced: both releases serve at once.
        new = installation.serve()
        traffic.urls = (old.url, new.url)
        time.sleep(15)
        traffic.urls = (new.url,)
        time.sleep(1)
        old.stop()
        time.sleep(3)

    print(
        f"the upgrade took {upgraded - began:.1f} s, {len(traffic.during(began, upgraded))} calls"
    )
    traffic.check_all_succeeded(installation.logs())
    print(f"{check_acknowledged(installation, traffic.people)} acknowledged values are stored")
    assert requests.get(f"{new.url}/readyz", timeout=20).json()["status"] == "ok"
