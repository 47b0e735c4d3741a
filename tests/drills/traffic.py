"""People who call at a steady rate, whatever becomes of their calls."""

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import requests

from tests.drills.call import Call, Outcome
from tests.drills.person import Person

# Above the sum of the service's timeouts: a longer wait is a hang.
ANSWER_SECONDS = 25
# At most: two cores run the callers, the nodes and PostgreSQL, in CI beside other tests. Where they
# are busy, calls come more slowly, as each person waits for an answer before the next call.
CALLS_PER_SECOND = 40.0


class Traffic:
    """`urls` are asked in turn, and may be changed meanwhile; `outcomes` are all calls so far."""

    def __init__(
        self, urls: Sequence[str], people: int = 10, rate: float = CALLS_PER_SECOND
    ) -> None:
        self.urls = tuple(urls)
        self.rate = rate
        self.people = [Person(self.urls[0]) for _ in range(people)]
        self.outcomes: list[Outcome] = []
        self._slots = itertools.count()
        self._stopping = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """The block runs while the people call; at its end they finish what they are at."""
        self._began = time.monotonic()
        with ThreadPoolExecutor(len(self.people)) as threads:
            jobs = [threads.submit(self._use, person) for person in self.people]
            try:
                yield
            finally:
                self._stopping.set()
        for job in jobs:
            job.result()

    def _use(self, person: Person) -> None:
        for call in person.calls():
            slot = next(self._slots)
            if self._stopping.wait(max(0, self._began + slot / self.rate - time.monotonic())):
                return
            urls = self.urls
            self.outcomes.append(make(person, call, urls[slot % len(urls)]))

    def go_on(self, calls: int) -> None:
        """Wait until so many more calls were answered."""
        enough = len(self.outcomes) + calls
        while len(self.outcomes) < enough:
            time.sleep(0.05)

    def during(self, begin: float, end: float = float("inf")) -> list[Outcome]:
        """The calls that were sent within this time."""
        return [outcome for outcome in self.outcomes if begin <= outcome.sent < end]

    def faults(self) -> list[str]:
        return [f"{each.name}: {each.fault}" for each in self.outcomes if each.fault]

    def check_all_succeeded(self, said: str = "") -> None:
        """Every call has a good answer."""
        failed = [each for each in self.outcomes if not each.succeeded]
        seconds = time.monotonic() - self._began
        print(f"{len(self.outcomes)} calls in {seconds:.0f} s, {len(failed)} failed")
        assert not failed, f"{[*map(str, failed[:5])]}\n{said}"
        assert self.outcomes


def make(person: Person, call: Call, base: str) -> Outcome:
    sent, status, fault = time.monotonic(), 0, None
    try:
        answer = person.session.request(
            call.method, base + call.path, timeout=ANSWER_SECONDS, **call.options
        )
        status = answer.status_code
        fault = judge(call, answer)
    except requests.RequestException as error:
        fault = f"no answer: {type(error).__name__} {error}"
    name = f"{call.method} {call.path} of {base}"
    return Outcome(sent, time.monotonic(), name, status, fault)


def judge(call: Call, answer: requests.Response) -> str | None:
    """What is wrong with an answer; a good one is noted."""
    if answer.status_code == 503 and answer.headers.get("Retry-After", "").isdigit():
        return None
    if answer.status_code != call.expected:
        return f"{answer.status_code} {answer.text[:300]}"
    if not call.is_right(answer.json()):
        return f"a wrong answer {answer.text[:3000]}"
    call.then(answer)
    return None
