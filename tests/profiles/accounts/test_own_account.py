from tests.factories import as_user, make_tutor


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
