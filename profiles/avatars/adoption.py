"""`flask adopt-media`: makes the configured store the one of this database, after a restore or a move."""

import click
from flask.cli import with_appcontext

from common.media.files import current_store
from common.media.store_identity import adopt


@click.command("adopt-media")
@with_appcontext
def adopt_media() -> None:
    """Make the store of MEDIA_URL or MEDIA_DIR the one that this database's files are in.

    Needed after a restore or a move of one of the two without the other, where `/readyz` says
    `different store`. Both get a new id, so that any other store that a process may still use is a
    different one from then on. No file is touched.
    """
    try:
        store_id = adopt(current_store())
    except OSError:
        raise click.ClickException("The store does not answer; run it again later.") from None
    click.echo(f"This store is the one of the database now, with the id {store_id}.")
