"""`flask rebuild-public`: corrects the rows that strangers read."""

from collections import Counter

import click
from flask import Flask
from flask.cli import with_appcontext
from tqdm import tqdm

from common.operations.maintenance import MaintenanceTask, add_task
from profiles.public.rebuilding.rebuild_all import count_public, rebuild_all
from profiles.public.search.sweep import sweep
from profiles.public.search.tiers import balance


def init_app(app: Flask) -> None:
    app.cli.add_command(rebuild_public)
    add_task(
        app,
        MaintenanceTask(
            "tiers",
            "moves search rows to the tier of their place in the default order",
            lambda: f"{balance()} search rows moved",
        ),
    )


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
    deleted = sweep()
    moved = balance()
    click.echo(f"{rows} tutors checked, {changed} public rows differed.")
    for name, count in fields.most_common():
        click.echo(f"  {name}: {count}")
    if deleted.words or deleted.codes:
        click.echo(
            f"{len(deleted.words)} words and {len(deleted.codes)} subjects that nobody shows were deleted."
        )
    if moved:
        click.echo(f"{moved} search rows were moved to another tier.")
