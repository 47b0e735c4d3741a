"""Commands end in one line where the database is away, wrong or not migrated."""

import os
import subprocess
import sys

import pytest

from common.config import ROOT
from tests.database import create_database, drop_database


def flask(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env=os.environ | {"APP_ENV": "testing", "SECRET_KEY": "k" * 32} | environment,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def empty_database_url(servers):
    name = "marketplace_for_commands"
    drop_database(servers.database_url, name)
    yield create_database(servers.database_url, name)
    drop_database(servers.database_url, name)


@pytest.mark.parametrize("arguments", [["db", "upgrade"], ["purge-drafts", "--older-than", "90d"]])
def test_a_command_without_a_database_ends_in_one_line(arguments):
    done = flask(*arguments, DATABASE_URL="postgresql://u:hush@127.0.0.1:1/d")
    assert done.returncode == 1
    (line,) = [each for each in done.stderr.splitlines() if each]
    assert "The database does not serve us" in line and "refused" in line
    assert "hush" not in done.stderr + done.stdout


def test_a_command_before_the_first_migration_names_it(empty_database_url):
    done = flask("purge-drafts", "--older-than", "90d", DATABASE_URL=empty_database_url)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "run `flask db upgrade`" in done.stderr
