"""Commands that put right what is public: the rows strangers read, and the files they fetch."""

import time
from collections import Counter

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import select
from tqdm import tqdm

from common.database.session import db
from common.media import remove_file, stored_files
from profiles.accounts.models import User
from profiles.avatars.images import FOLDER
from profiles.public.rebuild_all import count_public, rebuild_all
from profiles.public.tiers import balance

# A file may be older than the commit that will name it, though never by this much.
SETTLED_AFTER_SECONDS = 3600


def init_app(app: Flask) -> None:
    for command in (rebuild_public, clean_media):
        app.cli.add_command(command)


@click.command("rebuild-public")
@with_appcontext
def rebuild_public() -> None:
    """Make every public row anew from what is stored, and report those that differed.

    Needed after a change to what is public, the catalogue of subjects or the analysis of words;
    harmless at any time, while the service runs. Searches stay quick while it is run whenever the
    number of tutors has doubled.
    """
    rows, changed = 0, 0
    fields: Counter[str] = Counter()
    with tqdm(total=count_public(), unit="tutor", desc="Public rows", disable=None) as bar:
        for batch in rebuild_all():
            bar.update(batch.size)
            rows += batch.size
            changed += len(batch.differences)
            for difference in batch.differences.values():
                fields.update(difference)
    moved = balance()
    click.echo(f"{rows} tutors checked, {changed} public rows differed.")
    for name, count in fields.most_common():
        click.echo(f"  {name}: {count}")
    if moved:
        click.echo(f"{moved} search rows were moved to another tier.")


@click.command("clean-media")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@with_appcontext
def clean_media(dry_run: bool) -> None:
    """Remove files that no account names any more.

    A process that is killed at the wrong moment leaves some behind, among them perhaps a picture
    whose owner has just hidden it.
    """
    candidates = set(stored_files(FOLDER, older_than=time.time() - SETTLED_AFTER_SECONDS))
    in_use = set(db.session.scalars(select(User.avatar_name).where(User.avatar_name.is_not(None))))
    orphans = sorted(candidates - in_use)
    if not dry_run:
        for name in orphans:
            remove_file(name)
    db.session.commit()
    click.echo(f"{len(orphans)} files {'would be' if dry_run else 'were'} removed.")
