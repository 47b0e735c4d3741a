"""`flask send-mail`: empties the outbox by hand."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from common.database.session import db
from common.mail.claims import count_waiting
from common.mail.sender import mail_sender
from common.mail.transports import describe_destination


def init_app(app: Flask) -> None:
    """Register the command."""
    app.cli.add_command(send_mail)


@click.command("send-mail")
@click.option("--dry-run", is_flag=True, help="Say how many mails wait, and send none.")
@with_appcontext
def send_mail(dry_run: bool) -> None:
    """Try every mail of the outbox now, also those that wait for their next attempt.

    The service sends by itself; this is for the time after a repair of the mail server. It may run
    beside the service: no mail is sent by both. Ends with status 1 while mails are left.
    """
    if dry_run:
        click.echo(f"Waiting: {_waiting()}. Nothing was sent.")
        return
    report = mail_sender().drain()
    click.echo(f"Handed to {describe_destination(current_app.config)}: {report.sent}")
    click.echo(f"Given up: {report.failed}")
    left = _waiting()
    click.echo(f"Still waiting: {left}")
    if not report.is_available:
        raise click.ClickException("The mail server does not take mail at present; see above.")
    if left:
        raise SystemExit(1)


def _waiting() -> int:
    with db.engine.connect() as connection:
        return count_waiting(connection)
