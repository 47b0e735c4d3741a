"""Operator commands on accounts: create administrators, deactivate, reactivate or verify one."""

import os
import sys

import click
from flask import Flask
from flask.cli import with_appcontext
from marshmallow import ValidationError

from common.database.session import db
from common.http.problems.errors import Problem
from profiles.accounts.address.verification import mark_verified
from profiles.accounts.administration.activation import activate, deactivate
from profiles.accounts.fields.email import Email
from profiles.accounts.fields.person_name import PersonName
from profiles.accounts.lookup import find_locked_user, find_user_by_email
from profiles.accounts.models import User
from profiles.accounts.passwords.fields import NewPassword
from profiles.accounts.registration.creation import register

PASSWORD_VARIABLE = "ADMIN_PASSWORD"


def init_app(app: Flask) -> None:
    for command in (create_admin, deactivate_user, activate_user, verify_user):
        app.cli.add_command(command)


@click.command("create-admin")
@click.argument("email")
@click.option("--superadmin", is_flag=True, help="Give the role superadmin instead of admin.")
@click.option("--first-name", default="Admin", show_default=True)
@click.option("--last-name", default="Admin", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_appcontext
def create_admin(
    email: str, superadmin: bool, first_name: str, last_name: str, password_stdin: bool
) -> None:
    """Create an administrator's account for EMAIL.

    Asks for the password twice, unless the variable ADMIN_PASSWORD holds it or --password-stdin
    is given. It is never taken from the command line, where other users of the machine see it.

    \b
    Examples:
      flask create-admin root@example.com
      flask create-admin root@example.com --superadmin --password-stdin < password.txt
    """
    try:
        user = register(
            Email().deserialize(email),
            NewPassword().deserialize(_password(password_stdin)),
            PersonName().deserialize(first_name),
            PersonName().deserialize(last_name),
            role="superadmin" if superadmin else "admin",
            email_verified=True,
        )
        db.session.commit()
    except ValidationError as error:
        raise click.ClickException(" ".join(map(str, error.messages))) from None
    except Problem as problem:
        raise click.ClickException(problem.detail) from None
    click.echo(f"Created the {user.role} {user.email}, id {user.id}.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    given = os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    prompted: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return prompted


@click.command("deactivate-user")
@click.argument("email")
@with_appcontext
def deactivate_user(email: str) -> None:
    """Deactivate the account of EMAIL.

    It can't log in, its tokens stop working, and its public profile disappears, all at once.
    Nothing is deleted: `flask activate-user EMAIL` reverses it.
    """
    user = _locked(email)
    if not user.is_active:
        click.echo(f"The account {user.email} was inactive already; nothing changed.")
        return
    deactivate(user)
    db.session.commit()
    click.echo(f"The account {user.email} is inactive now, its sessions ended.")


@click.command("activate-user")
@click.argument("email")
@with_appcontext
def activate_user(email: str) -> None:
    """Reactivate the account of EMAIL, so that it can log in again.

    A tutor whose profile is public is listed again.
    """
    user = _locked(email)
    if user.is_active:
        click.echo(f"The account {user.email} was active already; nothing changed.")
        return
    activate(user)
    db.session.commit()
    click.echo(f"The account {user.email} is active again.")


@click.command("verify-user")
@click.argument("email")
@with_appcontext
def verify_user(email: str) -> None:
    """Say that the address EMAIL belongs to the owner of its account, who has proved it to you.

    The account needs no link then, and its card shows the email where its owner does.
    """
    user = _locked(email)
    if user.email_verified:
        click.echo(f"The address {user.email} was verified already; nothing changed.")
        return
    mark_verified(user)
    db.session.commit()
    click.echo(f"The address {user.email} is verified now.")


def _locked(email: str) -> User:
    found = find_user_by_email(email)
    user = find_locked_user(found.id) if found else None
    if user is None:
        raise click.ClickException(f"There is no account with the email {email}.")
    return user
