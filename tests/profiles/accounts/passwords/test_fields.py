import pytest
from marshmallow import ValidationError

from profiles.accounts.passwords.fields import NewPassword


@pytest.mark.parametrize("length", [8, 128])
def test_a_password_of_the_shortest_and_the_longest_length_is_taken(length):
    assert NewPassword().deserialize("п" * length) == "п" * length


@pytest.mark.parametrize("length", [0, 7, 129])
def test_a_password_of_another_length_is_refused(length):
    with pytest.raises(ValidationError):
        NewPassword().deserialize("п" * length)
