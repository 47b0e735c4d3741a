"""Erases accounts whose address nobody has verified and that nobody uses.

So nobody keeps another's address occupied. A log-in, and a session that is in use, count as use.
Accounts of releases that verified no address are not erased, nor are those that the operator has
deactivated, nor any where no mail is sent (`MAIL_URL=none`). By the service's daily maintenance,
by `flask maintain` and by `flask erase-unverified`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import Engine, text

from activity import add_task
from activity.uuid_time import EPOCH
from common import clock
from common.database.session import db
from common.operations import maintenance
from profiles.accounts.address.verification import can_be_verified
from profiles.accounts.lookup import find_locked_user
from profiles.own_data.erasure import erase

log = structlog.get_logger()

# Of one step of the service's own, during which events wait.
ACCOUNTS_AT_ONCE = 10
PAUSE = timedelta(seconds=1)
RETRY = timedelta(minutes=10)
EVERY = timedelta(days=1)
UNUSED = """
    unverified_login_at < :cut and is_active and not exists (
        select from refresh_tokens where user_id = users.id and issued_at >= :cut)"""
COUNT = text(f"select count(*) from users where {UNUSED}")
# One that somebody is using just now, or that another process erases, is locked.
NEXT = text(f"""
    select id from users where {UNUSED} order by unverified_login_at limit 1
    for no key update skip locked""")
# Asked again under the lock: a session may have been used since NEXT began to look.
IS_UNUSED = text(f"select exists (select from users where id = :id and {UNUSED})")


class DailyErasure:
    """A task of the queue of one process: some accounts at a time, once a day when none are left."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._due = EPOCH

    def __call__(self, engine: Engine) -> None:
        """Do some of what is due. Never raises, as events wait for it."""
        now = clock.now()
        if now < self._due:
            return
        try:
            with self._app.app_context():
                self._due = now + (PAUSE if _erase_some() else EVERY)
        except Exception as error:
            self._due = now + RETRY
            log.error("unverified accounts not erased", error=type(error).__name__)

    def __str__(self) -> str:
        return "unverified accounts"


def init_app(app: Flask) -> None:
    """Register the command and the daily task, which `flask maintain` does too."""
    app.cli.add_command(erase_unverified)
    add_task(app, DailyErasure(app))
    summary = "erases accounts that nobody has verified or uses"
    maintenance.add_task(app, maintenance.MaintenanceTask("unverified", summary, erase_all))


def erase_unused(cut: datetime) -> Iterator[int]:
    """Erase the accounts that were used last before `cut`, yielding the id of each once it is committed."""
    while (user_id := _erase_next(cut)) is not None:
        yield user_id


def _erase_next(cut: datetime) -> int | None:
    user_id: int | None = db.session.scalar(NEXT, {"cut": cut})
    user = find_locked_user(user_id) if user_id is not None else None
    if user is None or not db.session.scalar(IS_UNUSED, {"id": user_id, "cut": cut}):
        db.session.rollback()
        return None
    # A long log takes longer than a request may.
    db.session.execute(text("set local statement_timeout = 0"))
    erase(user)
    db.session.commit()
    return user_id


def _cut() -> datetime | None:
    """Who was used last before it is erased; None where nobody is."""
    days = current_app.config["UNVERIFIED_ACCOUNT_DAYS"]
    return clock.now() - timedelta(days=days) if days and can_be_verified() else None


def _erase_some() -> bool:
    """A step of the service's own; whether more may be left."""
    cut = _cut()
    erased = 0 if cut is None else len([*islice(erase_unused(cut), ACCOUNTS_AT_ONCE)])
    if erased:
        log.info("unverified accounts erased", accounts=erased)
    return erased == ACCOUNTS_AT_ONCE


def erase_all() -> str:
    """Erase all that are due, and say how many they were."""
    cut = _cut()
    return f"{0 if cut is None else sum(1 for _ in erase_unused(cut))} erased"


@click.command("erase-unverified")
@click.option("--dry-run", is_flag=True, help="Say how many would be erased, and erase none.")
@with_appcontext
def erase_unverified(dry_run: bool) -> None:
    """Erase accounts that nobody has verified, nor used for UNVERIFIED_ACCOUNT_DAYS.

    The service does it by itself once a day. What is erased is gone for good.
    """
    cut = _cut()
    if cut is None:
        click.echo("UNVERIFIED_ACCOUNT_DAYS is 0, or no mail is sent: no account is erased.")
    elif dry_run:
        click.echo(f"Would erase {db.session.scalar(COUNT, {'cut': cut})} accounts.")
    else:
        click.echo(f"Accounts: {erase_all()}.")
