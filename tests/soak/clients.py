"""Clients that call at a steady rate, and how long their answers took."""

import random
import threading
import time
from collections import Counter, defaultdict
from statistics import quantiles
from typing import Any

import requests

from tests.soak.visitors import Visitors

VISITORS = 200


class Soak:
    """Clients that keep to a common pace, and what they met."""

    def __init__(self, url: str, visitors: Visitors, rate: float, clients: int) -> None:
        self._url, self._visitors = url, visitors
        self._pause = clients / rate
        self._over = threading.Event()
        self._lock = threading.Lock()
        self.errors: Counter[str] = Counter()
        self.all: defaultdict[str, list[float]] = defaultdict(list)
        self.recent: list[float] = []

    def stop(self) -> None:
        self._over.set()

    def client(self) -> None:
        kinds = list(self._visitors.kinds)
        due = time.monotonic() + random.random() * self._pause
        with requests.Session() as session:
            while not self._over.wait(max(0.0, due - time.monotonic())):
                due = max(due, time.monotonic() - 1) + self._pause
                kind = random.choices(kinds, self._visitors.weights)[0]
                self._call(session, kind, *self._visitors.kinds[kind]())

    def _call(
        self, session: requests.Session, kind: str, method: str, path: str, options: dict[str, Any]
    ) -> None:
        # As a proxy would name the visitors, who are many.
        visitor = {"X-Forwarded-For": f"10.0.{random.randrange(VISITORS)}.1"}
        headers = options.pop("headers", {}) | visitor
        began = time.perf_counter()
        try:
            answer = session.request(
                method, self._url + path, timeout=30, headers=headers, **options
            )
            problem = None if answer.status_code < 300 else f"{kind}: {answer.status_code}"
        except requests.RequestException as error:
            problem = f"{kind}: {type(error).__name__}"
        took = (time.perf_counter() - began) * 1000
        with self._lock:
            self.all[kind].append(took)
            self.recent.append(took)
            if problem:
                self.errors[problem] += 1

    def take_recent(self) -> list[float]:
        with self._lock:
            recent, self.recent = self.recent, []
            return recent


def percentiles(times: list[float]) -> str:
    if len(times) < 2:
        return "- | -"
    cuts = quantiles(times, n=100)
    return f"{cuts[49]:.1f} | {cuts[98]:.1f}"
