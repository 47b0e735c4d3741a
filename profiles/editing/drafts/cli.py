"""`flask purge-drafts`: discards abandoned drafts."""

from datetime import timedelta

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from activity.retention.cli import Duration
from common import clock
from common.operations.maintenance import MaintenanceTask, add_task
from profiles.editing.drafts.retention import count_stale_drafts, discard_stale_drafts


def init_app(app: Flask) -> None:
    app.cli.add_command(purge_drafts)
    add_task(
        app,
        MaintenanceTask("drafts", "discards drafts that were left long ago", discard_abandoned),
    )


def discard_abandoned() -> str:
    days = current_app.config["DRAFT_RETENTION_DAYS"]
    if not days:
        return "kept for ever (DRAFT_RETENTION_DAYS)"
    cut = clock.now() - timedelta(days=days)
    return f"{sum(discard_stale_drafts(cut))} drafts discarded"


@click.command("purge-drafts")
@click.option("--older-than", type=Duration(), required=True, help="For example 90d or 12w.")
@click.option("--dry-run", is_flag=True, help="Say what would be discarded, and discard nothing.")
@with_appcontext
def purge_drafts(older_than: timedelta, dry_run: bool) -> None:
    """Discard the drafts that were last saved longer ago."""
    try:
        cut = clock.now() - older_than
    except OverflowError:
        raise click.BadParameter("That is before the calendar begins.") from None
    if dry_run:
        click.echo(f"Would discard {count_stale_drafts(cut)} drafts. Nothing was discarded.")
        return
    click.echo(f"Discarded {sum(discard_stale_drafts(cut))} drafts.")
