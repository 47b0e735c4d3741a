"""After the cost of a hash was raised, the time of a failed log-in still names no account.

No test measures time: they count which verifications a log-in makes.
"""

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from common.database.session import db
from profiles.accounts.passwords import hashing
from profiles.accounts.passwords.costs import (
    EXTENSION,
    cost_of,
    costs_in_use,
    current_cost,
    hasher_of,
)
from profiles.accounts.passwords.hashing import (
    hash_password,
    is_outdated,
    is_password_in_equal_time,
)
from tests.factories import PASSWORD, make_user
from tests.profiles.accounts.endpoints import log_in

OLD, NEW = "m=64,t=1,p=1", "m=128,t=2,p=1"


@pytest.fixture(autouse=True)
def nothing_read_yet(app):
    """The session's app has read no costs of earlier tests' accounts."""
    app.extensions.pop(EXTENSION, None)


@pytest.fixture
def verified(monkeypatch):
    """The costs of the verifications made since the test last cleared the list."""
    costs = []
    verify = PasswordHasher.verify

    def counting(self, password_hash, password):
        costs.append(cost_of(password_hash))
        return verify(self, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    return costs


@pytest.fixture
def raised(app, make_app):
    """An app whose settings ask for a higher cost than the accounts of `app` have."""
    return make_app(PASSWORD_HASH_MEMORY_KIB=128, PASSWORD_HASH_PASSES=2)


def test_a_failed_log_in_makes_the_same_verifications_for_every_account_and_for_none(
    raised, verified
):
    old, inactive = make_user(), make_user(is_active=False)
    new = make_user()
    browser = raised.test_client()
    assert log_in(browser, new).status_code == 200
    attempts = [
        (old, "a wrong guess"),
        (new, "a wrong guess"),
        (inactive, "a wrong guess"),
        ("nobody@example.com", "a wrong guess"),
        ("not an email", "a wrong guess"),
    ]
    made = []
    for user, password in attempts:
        verified.clear()
        assert log_in(browser, user, password).status_code == 400
        made.append(sorted(verified))
    assert made == [sorted([OLD, NEW])] * len(attempts)


def test_a_log_in_renews_the_hash_and_leaves_no_cost_that_nobody_has(raised, verified):
    user = make_user()
    browser = raised.test_client()
    assert log_in(browser, user).status_code == 200
    assert verified == [OLD]
    fresh = raised.test_client()
    raised.extensions.pop(EXTENSION)
    verified.clear()
    assert log_in(fresh, user, "a wrong guess").status_code == 400
    assert verified == [NEW]


def test_a_lowered_cost_is_equal_for_all_too(app, make_app, verified):
    costly = make_app(PASSWORD_HASH_MEMORY_KIB=128, PASSWORD_HASH_PASSES=2)
    with costly.app_context():
        hash_of_before = hash_password(PASSWORD)
    user = make_user(password_hash=hash_of_before)
    for name in (user, "nobody@example.com"):
        verified.clear()
        assert log_in(app.test_client(), name, "a wrong guess").status_code == 400
        assert sorted(verified) == sorted([OLD, NEW])


def test_a_cost_is_known_as_soon_as_a_hash_of_it_is_met(app):
    make_user()
    assert costs_in_use() == [OLD]
    make_user(password_hash=hasher_of("m=96,t=1,p=1").hash(PASSWORD))
    assert not is_password_in_equal_time(
        "x", db.session.scalar(db.text("select max(password_hash) from users"))
    )
    assert costs_in_use("m=96,t=1,p=1") == [OLD, "m=96,t=1,p=1"]


@pytest.mark.parametrize(
    "stored", ["!", "", "$2b$12$abc", "$argon2id$v=19$m=x,t=1,p=1$c2FsdA$aGFzaA"]
)
def test_a_hash_of_another_kind_opens_to_nobody_and_is_no_cost(app, stored):
    make_user(password_hash=stored)
    assert costs_in_use() == [current_cost()]
    assert not is_password_in_equal_time(PASSWORD, stored)
    assert is_outdated(stored)


def test_a_dummy_hash_has_the_parameters_of_a_real_one(app):
    dummy = hashing._dummy_hash(current_cost())
    assert extract_parameters(dummy) == extract_parameters(hash_password("a long walk"))


@given(st.text(max_size=60) | st.from_regex(r"\A[$]argon2id[$]v=19[$]m=\d+,t=\d+,p=\d+[$]a[$]b\Z"))
def test_the_cost_of_any_text_is_one_that_a_hasher_takes_or_none(text):
    cost = cost_of(text)
    assert cost is None or f"${cost}$" in text
