import unicodedata

from profiles.accounts.passwords.hashing import hash_password, is_outdated, is_password


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


def test_a_hash_that_is_none_opens_to_nobody(app):
    assert not is_password("a long walk", "!")
    assert not is_password("!", "!")


def test_a_hash_made_at_another_cost_is_outdated(app, make_app):
    made = hash_password("a long walk")
    assert not is_outdated(made)
    with make_app(PASSWORD_HASH_PASSES=2).app_context():
        assert is_outdated(made)
        assert is_password("a long walk", made)
