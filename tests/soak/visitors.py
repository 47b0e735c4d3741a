"""What visitors and tutors ask a marketplace for, and how often each."""

import random
import secrets
from collections.abc import Callable
from typing import Any

WORDS = "математика англійська фізика matematyka english ЗНО розмовна python хімія історія".split()
SUBJECTS = "math english physics chemistry history".split()
ORDERINGS = "rating hourly_rate -hourly_rate -experience_years newest".split()

Call = tuple[str, str, dict[str, Any]]


class Visitors:
    """What visitors and tutors ask for, in the proportions of a marketplace."""

    def __init__(self, tutors: dict[int, str]) -> None:
        self._tutors = list(tutors)
        self._headers = [{"Authorization": f"Bearer {token}"} for token in tutors.values()]
        self.kinds: dict[str, Callable[[], Call]] = {
            "browse": self._browse,
            "search": self._search,
            "detail": self._detail,
            "telemetry": self._telemetry,
            "writes": self._write,
        }
        self.weights = (60, 20, 10, 7, 3)

    def _browse(self) -> Call:
        query = random.choice(
            [
                "",
                "",
                f"?ordering={random.choice(ORDERINGS)}",
                f"?subject={random.choice(SUBJECTS)}&price_max={random.randrange(200, 900, 50)}",
                f"?experience_min={random.randrange(15)}&page_size=50",
            ]
        )
        return "GET", f"/api/marketplace/tutors/{query}", {}

    def _search(self) -> Call:
        words = " ".join(random.sample(WORDS, random.choice((1, 1, 2))))
        return "GET", "/api/marketplace/tutors/", {"params": {"search": words}}

    def _detail(self) -> Call:
        return "GET", f"/api/marketplace/tutors/{random.choice(self._tutors)}/", {}

    def _telemetry(self) -> Call:
        events = [
            {"action": "page.viewed", "message_id": secrets.token_hex(8), "metadata": {"n": n}}
            for n in range(random.randrange(1, 10))
        ]
        options = {"json": {"events": events}, "headers": random.choice(self._headers)}
        return "POST", "/api/activity/events/", options

    def _write(self) -> Call:
        text = f"Готую до іспитів, набір {secrets.token_hex(4)}"
        method, path, body = random.choice(
            [
                ("PATCH", "/api/me/profile/autosave/", {"tutor_profile": {"bio": text}}),
                ("PATCH", "/api/me/profile/", {"tutor_profile": {"headline": text}}),
                ("POST", "/api/me/activity/trigger/", {"action": "soak.step"}),
            ]
        )
        return method, path, {"json": body, "headers": random.choice(self._headers)}
