"""`flask purge-activity` drops whole months, and says so."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from activity import ensure_partitions
from activity.partitions import existing_partitions, month_after, month_of, partition_name
from activity.retention.purge import KEY_LIFETIME
from common import clock
from common.database.session import db
from tests.activity.events import count, event, put
from tests.factories import make_user


@pytest.fixture
def purging(make_app, fresh_database_url):
    """An app on a database of its own, since dropped months do not come back."""
    app = make_app(DATABASE_URL=fresh_database_url)
    with app.app_context():
        yield app.test_cli_runner()
        db.session.remove()


@pytest.fixture
def history(purging):
    """Events of three months with partitions of their own, and of one that has none."""
    user = make_user()
    this_month = month_of(clock.now())
    months = [month_after(this_month, -back) for back in (20, 15, 1)]
    for month in months:
        ensure_partitions(db.session.connection(), month, month)
    put(*[event(user.id, month + timedelta(days=n)) for month in months for n in range(3)])
    put(*[event(user.id, month_after(this_month, -30) + timedelta(days=n)) for n in range(2)])
    return months


def partitions():
    found = existing_partitions(db.session.connection())
    db.session.rollback()
    return found


def test_months_wholly_older_are_dropped_and_reported(purging, history):
    result = purging.invoke(args=["purge-activity", "--older-than", "400d"])
    assert result.exit_code == 0, result.output
    assert f"Dropped {partition_name(history[0])}: 3 rows" in result.output
    assert f"Dropped {partition_name(history[1])}: 3 rows" in result.output
    assert "Dropped events without a month of their own: 2 rows" in result.output
    assert "In all: 8 rows" in result.output
    assert count("action = 'lesson.opened'") == 3
    assert partition_name(history[0]) not in partitions()
    assert partition_name(history[2]) in partitions()


def test_a_dry_run_reports_the_same_and_drops_nothing(purging, history):
    before = partitions()
    result = purging.invoke(args=["purge-activity", "--older-than", "400d", "--dry-run"])
    assert result.exit_code == 0
    assert f"Would drop {partition_name(history[0])}: 3 rows" in result.output
    assert "Nothing was dropped. In all: 8 rows" in result.output
    assert count("action = 'lesson.opened'") == 11
    assert partitions() == before


def test_a_second_purge_finds_nothing(purging, history):
    purging.invoke(args=["purge-activity", "--older-than", "400d"])
    again = purging.invoke(args=["purge-activity", "--older-than", "400d"])
    assert "In all: 0 rows" in again.output


def test_a_month_of_which_a_day_is_wanted_stays(purging, history):
    weeks = (clock.now() - history[1]).days // 7
    result = purging.invoke(args=["purge-activity", "--older-than", f"{weeks}w"])
    assert partition_name(history[0]) not in partitions()
    assert partition_name(history[1]) in partitions(), result.output


def test_receipts_are_dropped_with_their_events_and_keys_once_they_have_run_out(purging):
    now = clock.now()
    for key, age in (
        ("message:old", timedelta(days=500)),
        ("message:young", timedelta(days=5)),
        ("idempotency:over", KEY_LIFETIME + timedelta(hours=1)),
        ("idempotency:alive", KEY_LIFETIME - timedelta(hours=1)),
    ):
        values = {"key": key, "at": now - age}
        db.session.execute(
            text(
                "insert into activity_receipts values"
                " ('user:1', :key, null, gen_random_uuid(), :at, :at)"
            ),
            values,
        )
    db.session.commit()
    result = purging.invoke(args=["purge-activity", "--older-than", "400d"])
    assert "Dropped receipts: 2 rows" in result.output
    left = db.session.scalars(text("select key from activity_receipts order by key")).all()
    assert left == ["idempotency:alive", "message:young"]


@pytest.mark.parametrize("duration", ["400", "d", "-4d", "4.5d", "4m", "", "400 d", "999999d"])
def test_other_durations_are_refused(purging, duration):
    result = purging.invoke(args=["purge-activity", "--older-than", duration])
    assert result.exit_code == 2


def test_a_duration_longer_than_the_calendar_is_refused(purging):
    result = purging.invoke(args=["purge-activity", "--older-than", "99999w"])
    assert result.exit_code == 0 or "calendar" in result.output
