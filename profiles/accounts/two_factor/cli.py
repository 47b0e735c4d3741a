"""Operator commands: turn an account's two factors off, re-encrypt secrets for another SECRET_KEY."""

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import select

from common.database.session import db
from profiles.accounts.lookup import find_locked_user, find_user_by_email
from profiles.accounts.two_factor.encryption import reencrypt
from profiles.accounts.two_factor.enrolment import remove_two_factor
from profiles.accounts.two_factor.models import TwoFactorSecret

BATCH = 500


def init_app(app: Flask) -> None:
    for command in (disable_two_factor, reencrypt_secrets):
        app.cli.add_command(command)


@click.command("disable-two-factor")
@click.argument("email")
@with_appcontext
def disable_two_factor(email: str) -> None:
    """Turn off the two factors of EMAIL's account, whose owner has lost authenticator and codes.

    Make sure first that it is the owner who asks: the password alone logs in afterwards.
    """
    found = find_user_by_email(email)
    user = find_locked_user(found.id) if found else None
    if user is None:
        raise click.ClickException(f"There is no account with the email {email}.")
    if user.two_factor_since is None:
        click.echo(f"The account {user.email} has no second factor; nothing changed.")
        return
    remove_two_factor(user)
    db.session.commit()
    click.echo(f"The account {user.email} logs in by its password alone now.")


@click.command("reencrypt-secrets")
@with_appcontext
def reencrypt_secrets() -> None:
    """Encrypt the secrets of authenticators with the first key of SECRET_KEY.

    Run it after a new key was put first, and before an old one is dropped. It may be repeated.
    """
    done, unreadable, last = 0, 0, 0
    while rows := db.session.scalars(
        select(TwoFactorSecret)
        .where(TwoFactorSecret.user_id > last)
        .order_by(TwoFactorSecret.user_id)
        .limit(BATCH)
        .with_for_update()
    ).all():
        last = rows[-1].user_id
        for row in rows:
            fresh = reencrypt(row.encrypted_secret)
            row.encrypted_secret = fresh or row.encrypted_secret
            done, unreadable = done + bool(fresh), unreadable + (not fresh)
        db.session.commit()
    click.echo(f"Encrypted {done} secrets with the first key.")
    if unreadable:
        raise click.ClickException(
            f"{unreadable} secrets were encrypted with a key that SECRET_KEY does not hold."
        )
