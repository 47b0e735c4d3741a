"""What the export of one's data holds of a tutor's insights."""

from typing import Any

from marketplace.insights.reading import insights_of
from profiles.accounts.models import User

PERIOD = "12m"


def exported_insights(user: User) -> dict[str, Any] | None:
    """The insights of twelve months, without the days that tell nothing; None for others than tutors."""
    if user.role != "tutor":
        return None
    found = insights_of(user.id, PERIOD)
    shown = [day for day in found["days"] if any(day[key] for key in day if key != "date")]
    return found | {"days": shown}
