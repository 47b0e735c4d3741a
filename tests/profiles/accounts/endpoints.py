"""Calls of /auth/ and checks of their effects, shared by these tests."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from activity.models import ActivityEvent
from common.database.session import db
from profiles.accounts.models import RefreshToken, User
from tests.factories import PASSWORD

COOKIE_PATH = "/api/auth"


def registration(**values):
    return {
        "email": "olena@example.com",
        "password": "a long walk at dusk",
        "first_name": "Олена",
        "last_name": "Шевченко",
    } | values


def register(client, **values):
    return client.post("/api/auth/register/", json=registration(**values))


def log_in(client, user, password=PASSWORD, **options):
    email = user if isinstance(user, str) else user.email
    body = {"email": email, "password": password}
    return client.post("/api/auth/login/", json=body, **options)


def token_of(client):
    """The refresh token in the client's jar."""
    cookie = client.get_cookie("refresh", path=COOKIE_PATH)
    return cookie.value if cookie else None


def give_token(client, token):
    client.set_cookie("refresh", token, path=COOKIE_PATH)


def refresh(client, token=None, **options):
    """Refresh with the jar's token, or with `token` put into it before."""
    if token is not None:
        give_token(client, token)
    return client.post("/api/auth/refresh/", **options)


def log_out(client, **options):
    return client.post("/api/auth/logout/", **options)


def is_authorized(client, access):
    answer = client.get("/api/users/me/", headers={"Authorization": f"Bearer {access}"})
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def events_of(user, action):
    query = select(func.count()).where(
        ActivityEvent.user_id == user.id, ActivityEvent.action == action
    )
    count = db.session.scalar(query)
    db.session.rollback()
    return count


def stored_tokens():
    count = db.session.scalar(select(func.count()).select_from(RefreshToken))
    db.session.rollback()
    return count


def at_once(number, call):
    """The answers of `number` threads that call at once, each with its index."""
    together = Barrier(number)

    def start(index):
        together.wait()
        return call(index)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(start, range(number)))


def another_browser(client):
    """Another browser."""
    return type(client)(client.application, client.application.response_class, use_cookies=True)


def set_active(user, is_active):
    live = db.session.get_one(User, user.id)
    live.is_active = is_active
    db.session.commit()
