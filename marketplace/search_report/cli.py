"""`flask search-report`: the search report as tables."""

from collections.abc import Sequence
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table
from rich.text import Text

from marketplace.analytics.period import DAYS, DEFAULT_PERIOD
from marketplace.search_report.reading import search_report

TITLES = {
    "queries": ("Most frequent queries", ("query", "searches")),
    "without_results": ("Queries without results", ("query", "searches")),
    "filters": ("Filters used", ("filter", "searches")),
    "positions": (
        "Click-through by position",
        ("position", "appearances", "views", "click_through"),
    ),
}


def init_app(app: Flask) -> None:
    app.cli.add_command(report_searches)


@click.command("search-report")
@click.option(
    "--period",
    type=click.Choice(list(DAYS)),
    default=DEFAULT_PERIOD,
    show_default=True,
    help="The last 28 days or the last 12 months, in UTC, today included.",
)
@with_appcontext
def report_searches(period: str) -> None:
    """Show what visitors search for: frequent queries, queries without results, filters,
    click-through by position.

    A query stands here only where five different callers asked it on one day, and no number is
    below five (a dash stands for it). The same as `GET /api/admin/search-report/`.

    \b
    Examples:
      flask search-report
      flask search-report --period 12m
    """
    report = search_report(period)
    console = Console()
    for part, (title, columns) in TITLES.items():
        if report[part]:
            console.print(table(f"{title}, {period}", columns, report[part]))
        else:
            console.print(f"{title}, {period}: none\n", markup=False)


def table(title: str, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> Table:
    """A part of the report. Queries are shown as they are, never read as markup."""
    made = Table(title=title, title_justify="left")
    for column in columns:
        is_text = column in {"query", "filter"}
        made.add_column(column.replace("_", " "), justify="left" if is_text else "right")
    for row in rows:
        made.add_row(*(shown(column, row[column]) for column in columns))
    return made


def shown(column: str, value: Any) -> Text:
    """A cell: a share in percent, a dash for a number below the floor.

    A visitor wrote the query: what could steer the terminal is replaced.
    """
    if value is None:
        return Text("-")
    text = f"{100 * value:.1f} %" if column == "click_through" else str(value)
    return Text("".join(character if character.isprintable() else "\ufffd" for character in text))
