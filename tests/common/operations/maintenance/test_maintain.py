"""`flask maintain` does all recurring upkeep, again and again without harm, and says when it did."""

import re
from contextvars import Context
from datetime import timedelta

import pytest
from sqlalchemy import text

from common.clock import now
from common.database.session import db
from common.operations.maintenance import MaintenanceTask, add_task
from common.operations.maintenance.runner import MAINTAIN_LOCK
from tests.factories import make_tutor, make_user
from tests.profiles.profile_owner import Owner

TASKS = {"partitions", "log", "sessions", "tokens", "media", "drafts", "tiers"}


@pytest.fixture
def maintain(app, make_app):
    """Runs the command in an app of its own; the result has its output and exit code."""

    def run(*arguments, of=None, **settings):
        # In a context of its own: the command would else run in that of the test's app.
        runner = (of or make_app(**settings)).test_cli_runner()
        return Context().run(runner.invoke, args=["maintain", *arguments])

    return run


def lines(result):
    return dict(line.split(None, 1) for line in result.output.splitlines())


def test_every_task_is_done_and_named(maintain):
    result = maintain()
    assert result.exit_code == 0, result.output
    assert TASKS <= lines(result).keys()
    assert maintain().exit_code == 0


def test_the_tasks_are_listed(maintain):
    result = maintain("--list")
    assert TASKS <= lines(result).keys()
    assert runs() == {}


def runs():
    rows = db.session.execute(text("select task, succeeded_at from maintenance_runs")).all()
    db.session.rollback()
    return dict(tuple(row) for row in rows)


def test_only_the_named_tasks_are_done(maintain):
    assert lines(maintain("sessions", "tiers")).keys() == {"sessions", "tiers"}
    assert runs().keys() == {"sessions", "tiers"}


def test_an_unknown_task_is_refused_by_name_and_nothing_is_done(maintain):
    result = maintain("sessions", "sesions")
    assert result.exit_code == 2
    assert "sesions" in result.output and "sessions" in result.output
    assert runs() == {}


def test_expired_tokens_are_deleted_and_others_stay(maintain):
    user = make_user()
    for number, age in enumerate((3, 2, 0, -5)):
        values = {"user": user.id, "at": now() - timedelta(days=age), "hash": bytes([number])}
        db.session.execute(
            text("""
                insert into refresh_tokens (user_id, family_id, token_hash, issued_at, expires_at)
                values (:user, gen_random_uuid(), :hash, :at, :at)"""),
            values,
        )
        db.session.execute(
            text("""
                insert into one_time_tokens
                    (user_id, purpose, token_hash, email, email_key, issued_at, expires_at)
                values (:user, 'verify_email', :hash, '', '', :at, :at)"""),
            values,
        )
    db.session.commit()
    done = lines(maintain("sessions", "tokens"))
    assert done == {"sessions": "2 deleted", "tokens": "2 deleted"}
    assert count("refresh_tokens") == count("one_time_tokens") == 2


def count(table):
    number = db.session.scalar(text(f"select count(*) from {table}"))
    db.session.rollback()
    return number


@pytest.mark.parametrize(("days", "left"), [(400, 1), (30, 0), (0, 1)])
def test_a_draft_is_discarded_after_the_days_of_the_setting(client, maintain, days, left):
    owner = Owner(client, make_tutor())
    owner.autosave({"tutor_profile": {"bio": "Left behind"}})
    db.session.execute(text("update profile_drafts set autosaved_at = now() - interval '40 days'"))
    db.session.commit()
    assert maintain("drafts", DRAFT_RETENTION_DAYS=days).exit_code == 0
    assert count("profile_drafts where data is not null") == left


def test_months_of_the_log_that_are_missing_are_made(maintain):
    maintain("partitions")
    newest = db.session.scalar(
        text(
            """
            select max(relname) from pg_class where relname ~ '^activity_events_[0-9]{4}_[0-9]{2}$'"""
        )
    )
    db.session.execute(text(f"drop table {newest}"))
    db.session.commit()
    assert lines(maintain("partitions"))["partitions"] == "1 months made"
    assert lines(maintain("partitions"))["partitions"] == "0 months made"


def test_a_task_that_fails_keeps_no_other_from_being_done(make_app, maintain):
    broken = make_app()
    before = dict(broken.extensions["maintenance_tasks"])

    def fail():
        db.session.execute(text("select 1 / 0"))
        return ""

    broken.extensions["maintenance_tasks"].clear()
    add_task(broken, MaintenanceTask("broken", "fails", fail))
    broken.extensions["maintenance_tasks"].update(before)
    result = maintain(of=broken)
    assert result.exit_code == 1
    assert "broken: DataError" in result.output
    assert runs().keys() >= TASKS and "broken" not in runs()


def test_a_second_one_meanwhile_does_nothing(maintain):
    with db.engine.connect() as other:
        other.execute(text("select pg_advisory_lock(:key)"), {"key": MAINTAIN_LOCK})
        result = maintain()
        assert (result.exit_code, runs()) == (0, {})
        assert "Another process is at it" in result.output
        other.execute(text("select pg_advisory_unlock(:key)"), {"key": MAINTAIN_LOCK})
    assert maintain("sessions").exit_code == 0


SUCCESS = re.compile(
    r'^maintenance_last_success_timestamp_seconds\{task="(\w+)"\} ([\d.e+]+)$', re.MULTILINE
)


def test_the_metrics_say_when_each_task_last_succeeded(client, maintain):
    def read():
        answer = client.get("/metrics", environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
        return {task: float(number) for task, number in SUCCESS.findall(answer.text)}

    assert TASKS <= read().keys()
    assert set(read().values()) == {0.0}
    before = now().timestamp()
    maintain("tiers")
    after = read()
    assert before - 1 < after.pop("tiers") < now().timestamp() + 1
    assert set(after.values()) == {0.0}
