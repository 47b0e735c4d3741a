"""Which commands and settings start embedded servers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from common.config import ROOT
from common.embedded import Servers, missing_addresses
from tests.common.embedded.processes import wait_until_gone
from tests.common.embedded.server_users import query, supervisors_of
from tests.live_server import LiveServer

SETTINGS = {"APP_ENV": "development", "DATABASE_URL": None, "REDIS_URL": None}


@pytest.mark.parametrize("environment", ["testing", "production"])
def test_only_development_gets_servers_of_its_own(tmp_path: Path, environment: str) -> None:
    settings = SETTINGS | {"APP_ENV": environment, "INSTANCE_DIR": str(tmp_path)}
    assert missing_addresses(settings) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_server_whose_address_is_given_is_not_started(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql://there/x", "REDIS_URL": "redis://there"}
    assert missing_addresses(SETTINGS | given | {"INSTANCE_DIR": str(tmp_path)}) == {}
    assert list(tmp_path.iterdir()) == []


def flask(instance: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env=os.environ | {"INSTANCE_DIR": str(instance)} | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("arguments", [["routes"], ["--help"], ["demo", "--help"]])
def test_commands_that_read_only_the_app_start_no_server(
    tmp_path: Path, arguments: list[str]
) -> None:
    done = flask(tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "postgres").exists()


def test_a_command_that_needs_the_database_has_one_as_long_as_it_runs(tmp_path: Path) -> None:
    done = flask(tmp_path, "db", "upgrade")
    assert done.returncode == 0, done.stderr
    wait_until_gone(tmp_path)
    with Servers(tmp_path, redis=False) as urls:
        assert urls.database_url
        assert query(urls.database_url, "select count(*) from alembic_version") == 1


def test_production_names_in_one_message_all_that_it_misses(tmp_path: Path) -> None:
    done = flask(tmp_path, "db", "upgrade", APP_ENV="production")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for name in (
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "FRONTEND_ORIGINS",
        "TRUSTED_HOSTS",
        "MAIL_URL",
    ):
        assert name in done.stderr
    assert not (tmp_path / "postgres").exists()


def test_the_workers_of_a_gunicorn_without_addresses_share_one_server(tmp_path: Path) -> None:
    settings = {"INSTANCE_DIR": str(tmp_path)}
    server = LiveServer(settings, workers=3, threads=2, log=tmp_path / "gunicorn.log")
    answer = requests.get(f"{server.url}/readyz", timeout=60)
    assert answer.json()["database"] == "ok"
    assert len(supervisors_of(tmp_path / "postgres")) == 1
    server.stop()
    wait_until_gone(tmp_path)
