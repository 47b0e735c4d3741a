"""`flask role-settings`: what the service relies on in its sessions, as SQL that stores it with a role."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from common.database.connections.session_settings import request_settings
from common.database.session import read_rows

# Quoted by the server, which knows best.
STATEMENTS = """
    select format('alter role %%I in database %%I set %%I = %%L;',
        %(role)s::text, current_database(), name, setting)
    from unnest(%(names)s::text[], %(values)s::text[]) with ordinality as wanted (name, setting, n)
    order by n"""
HEADER = "-- Run as a role that may alter this one, or as itself. Safe to run again."
FOOTER = (
    "-- Sessions that are open keep what they have: now let the pooler connect anew, e.g. by"
    " `RECONNECT` in PgBouncer's console."
)


def init_app(app: Flask) -> None:
    app.cli.add_command(role_settings)


@click.command("role-settings")
@click.argument("role")
@with_appcontext
def role_settings(role: str) -> None:
    """Print the SQL that stores the service's session settings with ROLE.

    Needed behind a pooler of transactions (DATABASE_POOLING=transaction), where the service can set
    nothing itself; it serves nothing until they are stored. Run it again after a change of
    STATEMENT_TIMEOUT_MS or LOCK_TIMEOUT_MS.

    \b
    Example, with a DATABASE_URL past the pooler:
      DATABASE_POOLING=session flask role-settings marketplace_app | psql "$DATABASE_URL"
    """
    if "\0" in role or not role.strip():
        raise click.BadParameter("A role has a name.")
    settings = request_settings(current_app.config)
    values = {"role": role, "names": list(settings), "values": list(settings.values())}
    lines = [line for (line,) in read_rows(STATEMENTS, values)]
    click.echo("\n".join([HEADER, *lines, FOOTER]))
