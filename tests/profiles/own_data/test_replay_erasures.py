"""After a restore, whoever the log names as erased is erased again, and nobody else."""

from contextvars import Context
from datetime import timedelta

import orjson
import pytest

from common.clock import isoformat, now
from common.database.session import db
from common.operations import logging
from profiles.accounts.models import User
from profiles.own_data.cli import read_erasures
from tests.factories import PASSWORD, as_user, make_tutor, make_user


def line(user_id, at=None, **other):
    entry = {
        "request_id": "x",
        "method": "DELETE",
        "route": "/api/me/",
        "status": 204,
        "duration_ms": 8.1,
        "user_id": user_id,
        "event": "request",
        "level": "info",
        "time": isoformat(at or now() + timedelta(minutes=1)),
    }
    return orjson.dumps(entry | other).decode()


@pytest.fixture
def replay(app, make_app):
    def run(lines, *arguments):
        runner = make_app().test_cli_runner()
        result = Context().run(
            runner.invoke, args=["replay-erasures", *arguments], input="\n".join(lines)
        )
        assert result.exit_code == 0, result.output
        return result.output

    return run


def exists(user):
    db.session.rollback()
    return db.session.get(User, user.id) is not None


def test_whom_the_log_names_is_erased_again(client, replay):
    erased, other = make_tutor(headline="Математика"), make_tutor()
    output = replay([line(other.id, method="GET"), line(erased.id)])
    assert output == "1 erasures named, 1 accounts were erased again.\n"
    assert not exists(erased) and exists(other)
    assert client.get(f"/api/marketplace/tutors/{erased.id}/").status_code == 404


def test_twice_is_as_good_as_once(replay):
    erased = make_user()
    replay([line(erased.id)])
    assert replay([line(erased.id)]) == "1 erasures named, 0 accounts were erased again.\n"


def test_a_dry_run_erases_nobody(replay):
    user = make_user()
    assert "1 accounts would be erased" in replay([line(user.id)], "--dry-run")
    assert exists(user)


def test_a_later_account_of_the_same_number_is_another_persons(replay):
    user = make_user()
    replay([line(user.id, user.registered_at - timedelta(microseconds=1))])
    assert exists(user)


@pytest.mark.parametrize(
    "other",
    [
        {"status": 400},
        {"status": 401},
        {"method": "GET"},
        {"route": "/api/me/avatar/"},
        {"event": "something else"},
        {"user_id": None},
        {"user_id": "x"},
        {"time": "yesterday"},
        {"time": "2199-01-01T00:00:00"},
        {"time": None},
    ],
    ids=str,
)
def test_other_lines_erase_nobody(replay, other):
    user = make_user()
    assert replay([line(**{"user_id": user.id} | other)]).startswith("0 erasures named")
    assert exists(user)


@pytest.mark.parametrize("noise", ["", "not json", "{", "[]", '"x"', "{}", "\ufffd{\x00}", "null"])
def test_noise_between_the_lines_is_passed_over(replay, noise):
    user = make_user()
    prefix = "Nov 26 10:00:00 host flask[12]: "
    replay([noise, prefix + line(user.id), noise])
    assert not exists(user)


def test_logs_are_read_from_files_too(replay, tmp_path):
    users = [make_user(), make_user()]
    files = [tmp_path / f"service.log.{number}" for number in range(2)]
    for file, user in zip(files, users, strict=True):
        file.write_text(line(user.id) + "\n")
    assert "2 accounts were erased again" in replay([], *map(str, files))


def test_the_service_writes_the_lines_that_are_read(make_app, replay, capsys):
    """The list is the service's own log, so the two must not part."""
    logged = make_app(LOG_LEVEL="INFO")
    user = make_user()
    with logged.app_context():
        from_client = as_user(logged.test_client(), user)
        assert from_client.delete("/api/me/", json={"password": PASSWORD}).status_code == 204
    logging.configure("WARNING")
    lines = capsys.readouterr().out.splitlines()
    assert [each.user_id for each in read_erasures(lines)] == [user.id]
