import threading
import unicodedata

import pytest
from argon2 import extract_parameters

from common.http.errors import Unavailable
from profiles.accounts import passwords
from profiles.accounts.passwords import hash_password, is_outdated, is_password


def test_a_hash_is_argon2id_and_no_two_are_alike(app):
    one, other = hash_password("a long walk"), hash_password("a long walk")
    assert one.startswith("$argon2id$")
    assert one != other


def test_only_the_password_itself_opens_its_hash(app):
    made = hash_password("a long walk")
    assert is_password("a long walk", made)
    assert not is_password("a long walk ", made)
    assert not is_password("A long walk", made)
    assert not is_password("", made)


def test_a_password_is_the_same_however_its_letters_are_composed(app):
    made = hash_password(unicodedata.normalize("NFD", "їжаків двійко"))
    assert is_password(unicodedata.normalize("NFC", "їжаків двійко"), made)


def test_nobody_has_a_password_and_checking_it_costs_what_a_real_check_costs(app):
    assert not is_password("a long walk", None)
    nobody = passwords._dummy_hash(*passwords._cost())
    assert extract_parameters(nobody) == extract_parameters(hash_password("a long walk"))


def test_a_hash_that_is_none_opens_to_nobody(app):
    assert not is_password("a long walk", "!")
    assert not is_password("!", "!")


def test_a_hash_made_at_another_cost_is_outdated(app, make_app):
    made = hash_password("a long walk")
    assert not is_outdated(made)
    with make_app(PASSWORD_HASH_PASSES=2).app_context():
        assert is_outdated(made)
        assert is_password("a long walk", made)


def test_only_a_few_hash_at_once_and_a_wait_too_long_is_a_503(app, monkeypatch):
    monkeypatch.setattr(passwords, "LONGEST_WAIT_SECONDS", 0.01)
    taken = [passwords._slots.acquire() for _ in range(passwords.HASHES_AT_ONCE)]
    try:
        with pytest.raises(Unavailable):
            hash_password("a long walk")
        with pytest.raises(Unavailable):
            is_password("a long walk", None)
    finally:
        for _ in taken:
            passwords._slots.release()
    assert is_password("a long walk", hash_password("a long walk"))


def test_many_hashes_at_once_all_get_a_slot(app):
    made = []

    def hash_one():
        with app.app_context():
            made.append(hash_password("a long walk"))

    threads = [threading.Thread(target=hash_one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 12
