"""The service runs as a role that may do no more than `flask grants` prints."""

import secrets
from contextvars import Context
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege

from activity import event_queue
from tests.common.operations.errands import every_errand
from tests.database import create_database, drop_database, on_server


def url_of(server_url, user, password, database):
    parts = urlsplit(server_url)
    netloc = f"{user}:{password}@{parts.hostname}:{parts.port}"
    return urlunsplit(parts._replace(scheme="postgresql", netloc=netloc, path=f"/{database}"))


class Roles:
    """An owner and a lesser role on the suite's server, each with a database address."""

    def __init__(self, server_url):
        mark = secrets.token_hex(4)
        self.server_url, self.password = server_url, secrets.token_hex(16)
        self.owner, self.service = f"owner_{mark}", f'the "service" {mark}'
        self.database = f"marketplace_grants_{mark}"

    def create(self):
        with on_server(self.server_url) as cursor:
            for role in (self.owner, self.service):
                quoted = role.replace('"', '""')
                cursor.execute(f"create role \"{quoted}\" login password '{self.password}'")
        create_database(self.server_url, self.database)
        with on_server(self.server_url) as cursor:
            cursor.execute(f"alter database {self.database} owner to {self.owner}")

    def drop(self):
        drop_database(self.server_url, self.database)
        with on_server(self.server_url) as cursor:
            for role in (self.owner, self.service):
                cursor.execute('drop role "{}"'.format(role.replace('"', '""')))

    def url(self, role):
        return url_of(self.server_url, quote(role, safe=""), self.password, self.database)


@pytest.fixture
def roles(servers):
    made = Roles(servers.database_url)
    made.create()
    yield made
    made.drop()


def invoke(app, *arguments):
    result = Context().run(app.test_cli_runner().invoke, args=[*arguments])
    assert result.exit_code == 0, result.output
    return result.output


def run_as(url, statements):
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statements)
    finally:
        connection.close()


def test_the_service_does_everything_as_a_role_that_owns_nothing(roles, make_app, capsys):
    owner = make_app(DATABASE_URL=roles.url(roles.owner))
    invoke(owner, "db", "upgrade")
    recipe = invoke(owner, "grants", roles.service)
    # Twice: after a release it is run again.
    run_as(roles.url(roles.owner), recipe + recipe)

    service = make_app(DATABASE_URL=roles.url(roles.service))
    assert service.test_client().get("/readyz").json["status"] == "ok"
    every_errand(service)
    with service.app_context():
        assert event_queue().drain()
    assert "not maintained" not in capsys.readouterr().out
    assert "partitions" in invoke(service, "maintain")
    invoke(service, "rebuild-public")

    # What the owner makes later is the service's to use, too.
    with_new_month = "create table activity_events_2031_01 (like activity_events)"
    run_as(roles.url(roles.owner), with_new_month)
    run_as(roles.url(roles.service), "select from activity_events_2031_01")
    run_as(roles.url(roles.owner), "drop table activity_events_2031_01")
    invoke(owner, "maintain")


REFUSED = (
    "create table more (id int)",
    "drop table activity_receipts",
    "alter table users add column note text",
    "truncate users",
    "update alembic_version set version_num = '0001'",
    "create index on users (email)",
    "create role another",
    "create schema another",
)


def test_the_role_may_change_no_table(roles, make_app):
    owner = make_app(DATABASE_URL=roles.url(roles.owner))
    invoke(owner, "db", "upgrade")
    run_as(roles.url(roles.owner), invoke(owner, "grants", roles.service))
    for statement in REFUSED:
        with pytest.raises(InsufficientPrivilege):
            run_as(roles.url(roles.service), statement)


def test_the_owner_is_no_role_for_the_service(make_app):
    app = make_app()
    owner = urlsplit(app.config["DATABASE_URL"]).username
    result = Context().run(app.test_cli_runner().invoke, args=["grants", owner])
    assert result.exit_code == 1
    assert "owns the tables" in result.output


def test_without_tables_it_says_what_to_do_first(roles, make_app):
    app = make_app(DATABASE_URL=roles.url(roles.owner))
    result = Context().run(app.test_cli_runner().invoke, args=["grants", "anybody"])
    assert result.exit_code == 1
    assert "flask db upgrade" in result.output
