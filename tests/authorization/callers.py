"""Everybody who may call an operation, each as a client that holds what such a caller would hold."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import time_machine
from flask.testing import FlaskClient

from common.clock import now
from common.database.session import db
from profiles.accounts.models import User
from tests.factories import PASSWORD, make_tutor, make_user

# In this order they call; the owner is the last, as she alone may change what the others ask for.
CALLERS = (
    "nobody",
    "expired token",
    "deactivated",
    "erased",
    "administrator",
    "another user",
    "owner",
)
SECRET = "only the owner may read this"


@dataclass
class Caller:
    """A client with its cookies and its token, and the account that it claims to be."""

    client: FlaskClient
    email: str
    headers: dict[str, str]


def log_in(client: FlaskClient, user: User) -> Caller:
    """Log in over HTTP: the client has the refresh cookie, the caller the access token."""
    mine = type(client)(client.application, client.application.response_class, use_cookies=True)
    body = {"email": user.email, "password": PASSWORD}
    access = mine.post("/api/auth/login/", json=body).json["access"]
    return Caller(mine, user.email, {"Authorization": f"Bearer {access}"})


def _expired(client: FlaskClient) -> Caller:
    with time_machine.travel(now() - timedelta(hours=2)):
        return log_in(client, make_tutor())


def _deactivated(client: FlaskClient) -> Caller:
    user = make_tutor()
    caller = log_in(client, user)
    db.session.get_one(User, user.id).is_active = False
    db.session.commit()
    return caller


def _erased(client: FlaskClient) -> Caller:
    caller = log_in(client, make_tutor())
    refresh = caller.client.get_cookie("refresh", path="/api/auth")
    erased = caller.client.delete("/api/me/", json={"password": PASSWORD}, headers=caller.headers)
    assert erased.status_code == 204
    # A thief's copy of the cookie is not taken away by the answer.
    assert refresh
    caller.client.set_cookie("refresh", refresh.value, path="/api/auth")
    return caller


def make_callers(client: FlaskClient, owner: User) -> dict[str, Caller]:
    nobody = type(client)(client.application, client.application.response_class, use_cookies=True)
    make: dict[str, Callable[[], Caller]] = {
        "nobody": lambda: Caller(nobody, "nobody@example.org", {}),
        "expired token": lambda: _expired(client),
        "deactivated": lambda: _deactivated(client),
        "erased": lambda: _erased(client),
        "administrator": lambda: log_in(client, make_user("admin")),
        "another user": lambda: log_in(client, make_tutor()),
        "owner": lambda: log_in(client, owner),
    }
    return {name: make[name]() for name in CALLERS}


def make_owner(client: FlaskClient) -> tuple[User, dict[str, Any]]:
    """A listed tutor with something of everything that is hers, and the ids of it.

    Her address, her bio, her draft, her snapshot and her event all hold SECRET, and none of them
    is public.
    """
    user = make_tutor(bio=SECRET, show_bio_publicly=False, headline="A public headline")
    owner = log_in(client, user)

    def call(method: str, path: str, body: Any = None) -> Any:
        answer = owner.client.open(path, method=method, json=body, headers=owner.headers)
        assert answer.status_code < 300, (path, answer.text)
        return answer.json if answer.data else None

    call("PATCH", "/api/me/profile/", {"tutor_profile": {"hourly_rate": 300}})
    call("PATCH", "/api/me/profile/autosave/", {"tutor_profile": {"bio": f"{SECRET}, still"}})
    event = {"action": "page.viewed", "metadata": {"note": SECRET}}
    call("PUT", f"/api/me/saved-tutors/{user.id}/")
    search = {"name": SECRET, "query": "subject=math"}
    search_id = call("POST", "/api/me/saved-searches/", search)["id"]
    event_id = call("POST", "/api/me/activity/trigger/", event)["id"]
    snapshots = call("GET", "/api/me/profile/snapshots/")["results"]
    return user, {
        "tutor_id": user.id,
        "snapshot_id": snapshots[0]["id"],
        "session_id": call("GET", "/api/me/sessions/")["results"][0]["id"],
        "event_id": event_id,
        "search_id": search_id,
    }


def private_state(owner: Caller) -> list[Any]:
    """All that nobody but the owner may change, as she reads it herself."""
    paths = (
        "/api/me/profile/",
        "/api/me/profile/autosave/",
        "/api/me/profile/snapshots/",
        "/api/me/saved-tutors/",
        "/api/me/saved-searches/",
    )
    return [owner.client.get(path, headers=owner.headers).json for path in paths]
