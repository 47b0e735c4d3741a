"""Clients that note what was acknowledged, to be compared with what the database holds."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import requests

from tests.faults.deployment import Deployment

# Above the sum of the service's timeouts: a longer wait is a hang.
RESPONSE_TIMEOUT_SECONDS = 25
ALLOWED = {200, 201, 202, 204, 304, 409, 429}
FIELDS = ("headline", "bio", "hourly_rate", "experience_years")
TRIGGER = "/api/me/activity/trigger/"
WORD_LETTERS = "bcdfghjklmnpqrstvwxz"


class LoadClients:
    """Browses, triggers, autosaves, patches, registers and sends batches until stopped."""

    def __init__(self, deployment: Deployment, url: str) -> None:
        self.deployment, self.url = deployment, url
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.broken_connections = 0
        # Key → how often its call was acknowledged with success; 0 when all answers were lost.
        self.triggers: dict[str, int] = {}
        self.messages: dict[str, int] = {}
        self.registrations: dict[str, int] = {}
        # Word → when its search was sent and when it was answered.
        self.searches: dict[str, tuple[float, float]] = {}
        # How long a caller had to wait for an event to be written, at the most.
        self.slowest_write = 0.0
        self.saved: dict[str, tuple[int, int]] = {}
        self.patched: list[tuple[int, bool]] = []
        self._stopping = threading.Event()
        self.saver = deployment.person()
        self.patcher = deployment.person()
        self.searcher = deployment.person()
        self._others = [deployment.person() for _ in range(3)]

    @contextmanager
    def running(self) -> Iterator[None]:
        """The block runs while the clients do, which stop after it."""
        jobs: list[Callable[[requests.Session], None]] = [
            *[self._autosaves(field) for field in FIELDS],
            *[self._triggers(person) for person in self._others[:2]],
            self._batches(self._others[2]),
            self._searches,
            self._searches,
            self._browses,
            self._patches,
            self._registers,
        ]
        with ThreadPoolExecutor(len(jobs)) as threads:
            running = [threads.submit(self._repeat, job) for job in jobs]
            try:
                yield
            finally:
                self._stopping.set()
                self._reap(running)

    def _reap(self, running: list[Future[None]]) -> None:
        for job in running:
            job.result()

    def _repeat(self, job: Callable[[requests.Session], None]) -> None:
        while not self._stopping.is_set():
            with requests.Session() as session:
                try:
                    while not self._stopping.is_set():
                        job(session)
                except requests.Timeout:
                    self.wrong.append("no answer")
                except requests.RequestException:
                    # The connection of a killed process; the next one is a new one.
                    self.broken_connections += 1
                    time.sleep(0.02)

    def call(self, session: requests.Session, method: str, path: str, **options: Any) -> int:
        """One call; an unexpected response is noted."""
        sent = time.monotonic()
        answer = session.request(
            method, self.url + path, timeout=RESPONSE_TIMEOUT_SECONDS, **options
        )
        self.statuses[answer.status_code] += 1
        if path == TRIGGER and answer.ok:
            self.slowest_write = max(self.slowest_write, time.monotonic() - sent)
        if answer.status_code == 503 and answer.headers.get("Retry-After", "").isdigit():
            time.sleep(0.05)
        elif answer.status_code not in ALLOWED:
            self.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer.status_code

    def _retried(
        self,
        acknowledged_calls: dict[str, int],
        key: str,
        session: requests.Session,
        *call: Any,
        **options: Any,
    ) -> None:
        """The same call until it is acknowledged, and now and then once more."""
        acknowledged_calls[key] = 0
        for _ in range(20):
            try:
                if self.call(session, *call, **options) in {200, 201, 202}:
                    acknowledged_calls[key] += 1
                    if secrets.randbelow(10):
                        return
            except requests.ConnectionError:
                self.broken_connections += 1
            if self._stopping.is_set():
                return

    def _triggers(self, person: dict[str, str]) -> Callable[[requests.Session], None]:
        def job(session: requests.Session) -> None:
            key = secrets.token_hex(8)
            headers = person | {"Idempotency-Key": key}
            body = {"action": "fault.probe", "metadata": {"key": key}}
            self._retried(self.triggers, key, session, "POST", TRIGGER, json=body, headers=headers)

        return job

    def _batches(self, person: dict[str, str]) -> Callable[[requests.Session], None]:
        def job(session: requests.Session) -> None:
            keys = [secrets.token_hex(8) for _ in range(5)]
            events = [
                {"action": "fault.batch", "message_id": key, "metadata": {"key": key}}
                for key in keys
            ]
            path, body = "/api/activity/events/", {"events": events}
            self._retried(self.messages, keys[0], session, "POST", path, json=body, headers=person)
            self.messages |= {key: self.messages[keys[0]] for key in keys}

        return job

    def _searches(self, session: requests.Session) -> None:
        word = "".join(secrets.choice(WORD_LETTERS) for _ in range(12))
        sent = time.monotonic()
        path = f"/api/marketplace/tutors/?search={word}"
        if self.call(session, "GET", path, headers=self.searcher) == 200:
            self.searches[word] = sent, time.monotonic()

    def _browses(self, session: requests.Session) -> None:
        self.call(session, "GET", "/api/marketplace/tutors/?page_size=5")
        self.call(session, "GET", "/api/me/activity/?page_size=5", headers=self.saver)

    def _autosaves(self, field: str) -> Callable[[requests.Session], None]:
        """Field → the last value that was acknowledged, and the last that was sent at all."""
        is_text = field in {"headline", "bio"}
        values = iter(range(1, 1_000_000))

        def job(session: requests.Session) -> None:
            value = next(values)
            acknowledged, _ = self.saved.get(field, (0, 0))
            self.saved[field] = acknowledged, value
            body = {"tutor_profile": {field: str(value) if is_text else value}}
            path = "/api/me/profile/autosave/"
            if self.call(session, "PATCH", path, json=body, headers=self.saver) == 200:
                self.saved[field] = value, value

        return job

    def _patches(self, session: requests.Session) -> None:
        rate = len(self.patched) + 1
        self.patched.append((rate, False))
        body = {"tutor_profile": {"hourly_rate": rate}}
        if self.call(session, "PATCH", "/api/me/profile/", json=body, headers=self.patcher) == 200:
            self.patched[-1] = rate, True

    def _registers(self, session: requests.Session) -> None:
        email = f"{secrets.token_hex(8)}@example.org"
        body = {"email": email, "password": "correct horse", "first_name": "A", "last_name": "B"}
        self.registrations[email] = 0
        if self.call(session, "POST", "/api/auth/register/", json=body) == 201:
            self.registrations[email] = 1
        # No session is reused: the next one registers as a stranger.
        session.cookies.clear()

    def served(self) -> int:
        return sum(count for status, count in self.statuses.items() if status < 300)
