"""`flask grants`: the privileges of the role that the service runs as, as SQL for the owner to run."""

import click
from flask import Flask
from flask.cli import with_appcontext

from common.database.session import read_rows

# Written by migrations alone; `/readyz` reads it.
READ_ONLY = ("alembic_version",)
FACTS = """
    select quote_ident(current_database()), quote_ident(nspname),
        quote_ident(pg_get_userbyid(relowner)), quote_ident(%(role)s)
    from pg_class join pg_namespace namespace on namespace.oid = relnamespace
    where pg_class.oid = to_regclass('users')"""
RECIPE = """\
-- For the role {role}, in the database {database}, run as its owner {owner}. Safe to run again.
-- The role is made by an administrator: create role {role} login password '…';
grant connect, temporary on database {database} to {role};
revoke create on schema {schema} from public;
grant usage on schema {schema} to {role};
grant select, insert, update, delete on all tables in schema {schema} to {role};
grant usage, select on all sequences in schema {schema} to {role};
{read_only}
-- And of what later migrations and `flask maintain` of the owner make:
alter default privileges for role {owner} in schema {schema}
    grant select, insert, update, delete on tables to {role};
alter default privileges for role {owner} in schema {schema}
    grant usage, select on sequences to {role};
"""


def init_app(app: Flask) -> None:
    app.cli.add_command(grants)


@click.command("grants")
@click.argument("role")
@with_appcontext
def grants(role: str) -> None:
    """Print the SQL that lets ROLE run the service, and do nothing else in the database.

    The owner of the tables runs it, and `flask db upgrade` and `flask maintain`; the service runs as
    ROLE, which can neither change nor drop a table.

    \b
    Example, with the owner's DATABASE_URL:
      flask grants marketplace_app | psql "$DATABASE_URL"
    """
    if "\0" in role or not role.strip():
        raise click.BadParameter("A role has a name.")
    rows = read_rows(FACTS, {"role": role})
    if not rows:
        raise click.ClickException("There are no tables yet; run `flask db upgrade` first.")
    database, schema, owner, name = rows[0]
    if owner == name:
        raise click.ClickException(f"{role} owns the tables. Name the role of the service.")
    read_only = "\n".join(
        f"revoke insert, update, delete on {schema}.{table} from {name};" for table in READ_ONLY
    )
    click.echo(
        RECIPE.format(
            role=name,
            database=database,
            schema=schema,
            owner=owner,
            read_only=read_only,
        ),
        nl=False,
    )
