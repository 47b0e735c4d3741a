from common.database.session import db
from profiles.accounts.models import User
from tests.factories import make_user
from tests.profiles.accounts.endpoints import is_authorized, log_in, set_active


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
