"""`flask clean-media`: removes avatar files that no account names, and lets the store follow renamings."""

import time

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import select

from common.database.session import db
from common.media.files import current_store
from common.media.store_identity import DifferentStore, identify, require_own
from common.media.withdrawal import settle_all, withdrawn_names
from common.operations.maintenance import MaintenanceTask, add_task
from profiles.accounts.models import User
from profiles.avatars.adoption import adopt_media
from profiles.avatars.copying import copy_media
from profiles.avatars.images import FOLDER

# A file is written shortly before the commit that names it; younger files may be about to be named.
MINIMUM_AGE_SECONDS = 3600


def init_app(app: Flask) -> None:
    app.cli.add_command(clean_media)
    app.cli.add_command(copy_media)
    app.cli.add_command(adopt_media)
    add_task(
        app,
        MaintenanceTask(
            "media",
            "removes files of avatars that no account names, and renames what was hidden while the store was"
            " away",
            lambda: f"{remove_orphans()} files removed",
        ),
    )


@click.command("clean-media")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@with_appcontext
def clean_media(dry_run: bool) -> None:
    """Remove files that no account names any more.

    A process killed between storing a file and its commit leaves one behind. Files that were to be
    removed or renamed while the store was away are so now.
    """
    number = remove_orphans(dry_run)
    click.echo(f"{number} files {'would be' if dry_run else 'were'} removed.")
    if dry_run and (left := len(withdrawn_names())):
        click.echo(f"{left} withdrawn files would be removed or renamed.")


def remove_orphans(dry_run: bool = False) -> int:
    """Remove the files that no account names; how many there were.

    Raises click.ClickException where a withdrawn file is missing or the store refuses.
    """
    store = current_store()
    try:
        # Another one's files are named by another database.
        require_own(store)
        left = 0 if dry_run else settle_all(store)
        oldest = time.time() - MINIMUM_AGE_SECONDS
        candidates = {file.name for file in store.files(FOLDER) if file.written_at < oldest}
        # Read after the list: what is named by now stays.
        orphans = sorted(candidates - _in_use() - withdrawn_names())
        if not dry_run:
            for name in orphans:
                store.delete(name)
    except DifferentStore:
        raise click.ClickException(identify(store).difference) from None
    except OSError:
        raise click.ClickException("The store does not answer; run it again later.") from None
    if left:
        raise click.ClickException(
            f"{left} withdrawn files are still to be removed or renamed: they are missing, or the store"
            " refuses."
        )
    return len(orphans)


def _in_use() -> set[str]:
    names = db.session.scalars(select(User.avatar_name).where(User.avatar_name.is_not(None)))
    return {name for name in names if name}
