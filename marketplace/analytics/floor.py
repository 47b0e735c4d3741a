"""From how many on a number is told: fewer would be about somebody in particular."""

FLOOR = 5


def at_least_floor(number: int) -> int | None:
    """The number; None below FLOOR, 0 included, so that nothing tells a first visitor from none."""
    return number if number >= FLOOR else None
