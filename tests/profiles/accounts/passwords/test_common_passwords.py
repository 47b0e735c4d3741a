import pytest

from common.database.session import db
from profiles.accounts.passwords.common_passwords import common_passwords, is_common_password
from profiles.accounts.passwords.fields import LONGEST_PASSWORD, SHORTEST_PASSWORD, NewPassword
from profiles.accounts.registration.creation import register as add_account
from tests.factories import PASSWORD
from tests.profiles.accounts.endpoints import register

COMMON = ["password1", "PASSWORD1", "12345678", "qwerty123", "Iloveyou1", "1q2w3e4r", "football1"]
COMMON += ["passw0rd", "demo1234", "йцукенгш", "ЙЦУКЕН123", "пароль123", "Slavaukraini"]


@pytest.mark.parametrize("password", COMMON)
def test_one_of_the_commonest_passwords_is_refused(client, password):
    answer = register(client, password=password)
    assert answer.status_code == 422
    assert answer.json["errors"]["json"] == {
        "password": ["Must not be one of the commonest passwords."]
    }
    assert password not in answer.text


@pytest.mark.parametrize(
    "password",
    ["a long walk at dusk", "password1 is not all", "seven quiet herons", "п" * 8, PASSWORD],
)
def test_any_other_password_is_taken(password):
    assert not is_common_password(password)
    assert NewPassword().deserialize(password) == password


def test_an_administrator_may_have_none_either(app):
    made = app.test_cli_runner().invoke(
        args=["create-admin", "root@example.com", "--password-stdin"], input="password1\n"
    )
    assert made.exit_code == 1
    assert made.output == "Error: Must not be one of the commonest passwords.\n"


def test_an_account_of_before_may_still_log_in(client, app):
    add_account("old@example.com", "password1", "A", "B")
    db.session.commit()
    body = {"email": "old@example.com", "password": "password1"}
    assert client.post("/api/auth/login/", json=body).status_code == 200


def test_the_list_holds_what_could_be_set_at_all_once_each():
    assert len(common_passwords()) > 10_000
    for password in common_passwords():
        assert SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
        assert password == password.casefold().strip()
