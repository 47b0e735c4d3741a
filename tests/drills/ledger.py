"""What people were told is stored, against what the database holds."""

from tests.drills.installation import Installation
from tests.drills.person import Person


def check_acknowledged(installation: Installation, people: list[Person]) -> int:
    """Nothing acknowledged is missing, and nothing is there twice; how much was compared."""
    compared = 0
    for person in people:
        ((headline, bio),) = installation.rows(
            "select headline, bio from tutor_profiles where user_id = %s", person.id
        )
        assert person.headline.could_be(headline), (headline, vars(person.headline))
        assert not person.bio.acknowledged or person.bio.could_be(bio), (bio, vars(person.bio))
        stored = [
            key
            for (key,) in installation.rows(
                "select metadata ->> 'key' from activity_events"
                " where user_id = %s and action = 'drill.probe'",
                person.id,
            )
        ]
        acknowledged = {key for key, is_acknowledged in person.triggers.items() if is_acknowledged}
        assert sorted(set(stored)) == sorted(stored)
        assert acknowledged <= set(stored)
        compared += len(acknowledged) + 2
    assert compared > 2 * len(people)
    return compared
