"""A call, what a right answer to it is, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from requests import Response


def accept(body: Any) -> bool:
    return True


def ignore(answer: Response) -> None:
    """For calls of which nothing is noted."""


@dataclass(frozen=True)
class Call:
    """`is_right` judges the body of an answer with the expected status, and `then` takes note of it."""

    method: str
    path: str
    options: dict[str, Any]
    expected: int
    is_right: Callable[[Any], bool] = accept
    then: Callable[[Response], None] = ignore


class Outcome(NamedTuple):
    """One call as its caller saw it. Times are of `time.monotonic`; a status of 0 is no answer."""

    sent: float
    answered: float
    name: str
    status: int
    # What a client cannot make sense of, the body's beginning with it; None for a good answer.
    fault: str | None

    @property
    def was_refused(self) -> bool:
        """A 503 that says when to come again, which a client is prepared for."""
        return self.status == 503 and self.fault is None

    @property
    def succeeded(self) -> bool:
        return self.status < 400 and self.fault is None
