"""`flask replay-erasures`: whoever was erased since a backup is erased again after its restore."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, NamedTuple

import click
import orjson
from flask import Flask
from flask.cli import with_appcontext

from common.database.session import db
from profiles.accounts.lookup import find_locked_user
from profiles.own_data.erasure import erase

ROUTE = "/api/me/"


class Erasure(NamedTuple):
    """That an account was erased, as the service's own log has it."""

    user_id: int
    at: datetime


def init_app(app: Flask) -> None:
    app.cli.add_command(replay_erasures)


@click.command("replay-erasures")
@click.argument("logs", type=click.File("r", errors="replace"), nargs=-1)
@click.option("--dry-run", is_flag=True, help="Say who would be erased, and erase nobody.")
@with_appcontext
def replay_erasures(logs: tuple[IO[str], ...], dry_run: bool) -> None:
    """Erase again whom the service's LOGS name as erased; standard input without any.

    For a restored backup, before it serves anybody. The service logs every answered request as a line
    of JSON, of which those of `DELETE /api/me/` with a 204 are the list. An account registered after
    the erasure is another person's, who got the same number.

    \b
    Examples:
      flask replay-erasures service.log.1 service.log
      journalctl -u tutor-marketplace -o cat --since 2026-11-01 | flask replay-erasures
    """
    files = logs or (click.open_file("-", errors="replace"),)
    named = erased = 0
    for erasure in (each for file in files for each in read_erasures(file)):
        named += 1
        erased += _replay(erasure, dry_run)
    verb = "would be erased" if dry_run else "were erased again"
    click.echo(f"{named} erasures named, {erased} accounts {verb}.")


def read_erasures(lines: Iterable[str]) -> Iterator[Erasure]:
    """The erasures among log lines, whatever a log store wrote before each, and whatever else is there."""
    for line in lines:
        try:
            entry = orjson.loads(line[line.index("{") :])
            is_erasure = (entry["event"], entry["method"], entry["route"], entry["status"]) == (
                "request",
                "DELETE",
                ROUTE,
                204,
            )
            if is_erasure:
                yield Erasure(int(entry["user_id"]), _aware(entry["time"]))
        except (ValueError, KeyError, TypeError):
            continue


def _aware(timestamp: str) -> datetime:
    moment = datetime.fromisoformat(timestamp)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


def _replay(erasure: Erasure, dry_run: bool) -> bool:
    """Erase the account, if it is there and the same; whether it was."""
    user = find_locked_user(erasure.user_id)
    is_back = user is not None and user.registered_at < erasure.at
    if user is not None and is_back and not dry_run:
        erase(user)
    db.session.commit()
    return is_back
