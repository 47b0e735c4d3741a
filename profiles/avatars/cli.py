"""`flask clean-media`: removes avatar files that no account names."""

import time

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import select

from common.database.session import db
from common.media.files import remove_file, stored_files
from common.operations.maintenance import MaintenanceTask, add_task
from profiles.accounts.models import User
from profiles.avatars.images import FOLDER

# A file is written shortly before the commit that names it; younger files may be about to be named.
MINIMUM_AGE_SECONDS = 3600


def init_app(app: Flask) -> None:
    app.cli.add_command(clean_media)
    add_task(
        app,
        MaintenanceTask(
            "media",
            "removes files of avatars that no account names",
            lambda: f"{remove_orphans()} files removed",
        ),
    )


@click.command("clean-media")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@with_appcontext
def clean_media(dry_run: bool) -> None:
    """Remove files that no account names any more.

    A process killed between storing a file and its commit leaves one behind, as does one killed
    while renaming a picture that its owner has just hidden.
    """
    number = remove_orphans(dry_run)
    click.echo(f"{number} files {'would be' if dry_run else 'were'} removed.")


def remove_orphans(dry_run: bool = False) -> int:
    """Remove the files that no account names; how many there were."""
    candidates = set(stored_files(FOLDER, older_than=time.time() - MINIMUM_AGE_SECONDS))
    in_use = set(db.session.scalars(select(User.avatar_name).where(User.avatar_name.is_not(None))))
    orphans = sorted(candidates - in_use)
    if not dry_run:
        for name in orphans:
            remove_file(name)
    db.session.commit()
    return len(orphans)
