"""`flask maintain`: all recurring upkeep in one word, for a timer."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from common.operations.maintenance.runner import run_tasks, sole_runner
from common.operations.maintenance.tasks import tasks_of


def init_app(app: Flask) -> None:
    app.cli.add_command(maintain)


@click.command("maintain")
@click.argument("names", metavar="[TASK]...", nargs=-1)
@click.option("--list", "only_list", is_flag=True, help="Say which tasks there are, and do none.")
@with_appcontext
def maintain(names: tuple[str, ...], only_list: bool) -> None:
    """Do the recurring upkeep: all of it, or the named tasks.

    Safe at any time and beside the running service; a second one that is started meanwhile does
    nothing. Ends with status 1 where a task failed, after it has done the others. `/metrics` has the
    time of each task's latest success.

    \b
    Examples:
      flask maintain                      daily, by a timer
      flask maintain sessions media
      flask maintain --list
    """
    tasks = tasks_of(current_app)
    unknown = [name for name in names if name not in tasks]
    if unknown:
        raise click.UsageError(
            f"No such task: {', '.join(unknown)}. There are: {', '.join(tasks)}."
        )
    if only_list:
        for task in tasks.values():
            click.echo(f"{task.name:12} {task.summary}")
        return
    with sole_runner() as is_alone:
        if not is_alone:
            click.echo("Another process is at it; nothing was done.")
            return
        failed = []
        for outcome in run_tasks([tasks[name] for name in names or tasks]):
            click.echo(f"{outcome.task.name:12} {outcome.report}")
            if outcome.error is not None:
                failed.append(f"{outcome.task.name}: {type(outcome.error).__name__}")
    if failed:
        raise click.ClickException("Not everything was done. " + ", ".join(failed))
