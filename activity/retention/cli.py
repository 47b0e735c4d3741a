"""`flask purge-activity`: keeps the log from growing for ever."""

import re
from datetime import timedelta
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext

from activity.partitions import keep_partitions_ahead
from activity.retention.purge import purge
from common import clock
from common.database.session import db

DAYS = {"d": 1, "w": 7}


class Duration(click.ParamType):
    """A number of days or weeks: `400d`, `12w`."""

    name = "duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"([0-9]{1,5})([dw])", value)
        if match is None:
            self.fail(f"{value!r} is no number of days or weeks, as 400d or 12w", param, ctx)
        return timedelta(days=int(match[1]) * DAYS[match[2]])


def init_app(app: Flask) -> None:
    app.cli.add_command(purge_activity)


@click.command("purge-activity")
@click.option("--older-than", type=Duration(), required=True, help="For example 400d or 12w.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and let nothing go.")
@with_appcontext
def purge_activity(older_than: timedelta, dry_run: bool) -> None:
    """Drop the months of the activity log that are wholly older."""
    try:
        cut = clock.now() - older_than
    except OverflowError:
        raise click.BadParameter("That is before the calendar begins.") from None
    verb = "Would drop" if dry_run else "Dropped"
    rows = 0
    for purged in purge(db.engine, cut, dry_run):
        rows += purged.rows
        click.echo(f"{verb} {purged.what}: {purged.rows} rows")
    click.echo(f"{'Nothing was dropped. ' if dry_run else ''}In all: {rows} rows")
    if not dry_run:
        keep_partitions_ahead(db.engine)
