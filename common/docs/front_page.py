"""The front page of the OpenAPI document: its prose, and tables made of the data the code reads."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask

from common.config import SETTINGS
from common.config.setting_types import Setting
from common.http.problems.codes import MEANINGS, ProblemCode

PROSE = Path(__file__).parent / "front_page.md"
EXTENSION = "openapi_tables"
PERIODS = {"second", "minute", "hour", "day"}


class Table(NamedTuple):
    """A table of names that a client meets; it unfolds from its title."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def add_tables(app: Flask, tables: Iterable[Table]) -> None:
    """Have a domain's tables on the front page."""
    app.extensions.setdefault(EXTENSION, []).extend(tables)


def front_page(app: Flask) -> str:
    """The description of the whole API, in Markdown."""
    tables = [*app.extensions.get(EXTENSION, ()), _codes(), _limits(app)]
    return PROSE.read_text(encoding="utf-8") + "\n" + "\n".join(map(_unfolding, tables))


def _codes() -> Table:
    rows = [(f"`{code.value}`", *_status_and_meaning(code)) for code in ProblemCode]
    return Table("Error codes", ("`code`", "status", "meaning"), rows)


def _status_and_meaning(code: ProblemCode) -> tuple[str, str]:
    status, _, meaning = MEANINGS[code].partition(": ")
    return status, meaning


def _limits(app: Flask) -> Table:
    rows = [
        (setting.meaning, in_words(str(app.config[setting.name])), f"`{setting.name}`")
        for setting in SETTINGS
        if is_rate(setting)
    ]
    return Table("Limits", ("what is limited", "on this server", "setting"), rows)


def is_rate(setting: Setting) -> bool:
    """Whether the setting holds rates, such as `5/second;30/minute`."""
    rates = str(setting.default or "").split(";")
    return all(rate.partition("/")[2] in PERIODS for rate in rates)


def in_words(rates: str) -> str:
    """`5/second;30/minute` as people say it."""
    words = " and ".join(rate.strip().replace("/", " a ") for rate in rates.split(";"))
    return words.replace(" a hour", " an hour")


def _unfolding(table: Table) -> str:
    return "\n".join(
        [
            f"<details><summary>{table.title} ({len(table.rows)})</summary>",
            "",
            *_markdown(table),
            "",
            "</details>",
            "",
        ]
    )


def _markdown(table: Table) -> Iterable[str]:
    yield _row(table.columns)
    yield _row(["---"] * len(table.columns))
    yield from map(_row, table.rows)


def _row(cells: Sequence[Any]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
