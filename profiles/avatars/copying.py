"""`flask copy-media`: copies all avatar files from one store to another, and goes on where it stopped."""

import click
from flask.cli import with_appcontext
from tqdm import tqdm

from common.media.store_identity import DifferentStore, copy_id
from common.stores import Store, open_store
from profiles.avatars.images import FOLDER


class StoreAddressType(click.ParamType):
    """An address as MEDIA_URL has it."""

    name = "address"

    def convert(
        self, value: str | Store, param: click.Parameter | None, ctx: click.Context | None
    ) -> Store:
        if not isinstance(value, str):
            return value
        try:
            return open_store(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command("copy-media")
@click.argument("source", type=StoreAddressType())
@click.argument("target", type=StoreAddressType())
@click.option("--dry-run", is_flag=True, help="Only say how many files would be copied.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@with_appcontext
def copy_media(source: Store, target: Store, dry_run: bool, quiet: bool) -> None:
    """Copy the avatar files that TARGET lacks from SOURCE; nothing is deleted.

    Both are addresses as of MEDIA_URL; the id of the store is copied, too. Copy while the service
    runs, set MEDIA_URL to the target and restart, then copy again for what was uploaded meanwhile, and
    run `flask clean-media`, which deletes what has been withdrawn since the first copy. Interrupted,
    it may be started again.

    \b
    Example:
      flask copy-media file:///srv/media 's3://avatars?endpoint=https://s3.example.org'
    """
    try:
        # A file never changes, so what is there in its full size is there for good.
        there = {(file.name, file.size) for file in target.files(FOLDER)}
        missing = [
            file.name for file in source.files(FOLDER) if (file.name, file.size) not in there
        ]
        if not dry_run:
            copy_id(source, target)
        copied = 0 if dry_run else _copy(missing, source, target, quiet)
    except DifferentStore:
        raise click.ClickException(
            "TARGET is the store of another installation, by the id in it. Name an empty one."
        ) from None
    except OSError:
        raise click.ClickException(
            "A store does not answer. What has been copied stays; run it again."
        ) from None
    if dry_run:
        click.echo(f"{len(missing)} files would be copied, {len(there)} are there.")
    else:
        click.echo(f"{copied} files were copied, {len(there)} were there.")


def _copy(names: list[str], source: Store, target: Store, quiet: bool) -> int:
    """How many of the files were copied; those removed since they were listed are not."""
    copied = 0
    for name in tqdm(names, unit="file", disable=quiet or None):
        try:
            target.put(name, source.get(name))
            copied += 1
        except FileNotFoundError:
            continue
    return copied
