from common.database.session import db
from profiles.accounts.models import User
from tests.factories import as_user, make_tutor, make_user
from tests.profiles.accounts.endpoints import is_authorized, log_in, set_active


def test_users_me_is_the_caller(client):
    user = make_tutor(first_name="Ірина", timezone="Europe/Warsaw")
    answer = as_user(client, user).get("/api/users/me/")
    assert answer.status_code == 200
    assert answer.json == {
        "id": user.id,
        "email": user.email,
        "role": "tutor",
        "first_name": "Ірина",
        "last_name": user.last_name,
        "timezone": "Europe/Warsaw",
        "is_self_learning": False,
        "avatar_url": None,
        "email_verified": True,
        "two_factor": False,
    }


def test_users_me_is_nobodys_without_a_token(client):
    answer = client.get("/api/users/me/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_token_of_a_deactivated_account_stops_at_once(client):
    user = make_user()
    access = log_in(client, user).json["access"]
    set_active(user, False)
    assert not is_authorized(client, access)


def test_the_token_of_an_erased_account_stops_at_once(client):
    user = make_user()
    access = log_in(client, user).json["access"]
    db.session.delete(db.session.get_one(User, user.id))
    db.session.commit()
    assert not is_authorized(client, access)
