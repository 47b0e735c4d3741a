"""The attacks of the mix, each an endless row of calls of one client.

A client calls from a loopback address of its own, so that limits per address are its own too.
"""

import os
import random
import secrets
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter

from tests.hostile_mix.raw_clients import LARGE_ANSWERS, read_slowly, send_chunks
from tests.profiles.avatars.pictures import empty_png

Call = tuple[str, str, dict[str, Any]]

# The answers that some attacks must get, beside a 429, or a 503 that says when to come again.
EXPECTED = {
    "chunk floods": {"400"},
    "conditions of reads": {"200", "400"},
    "conditions of writes": {"400", "412"},
    "slow readers": {"200", "429", "503"},
}
SLOW_READERS = 8

FILLERS = ["на в", '"і до', '"і з', "-на -в", '"', "-", "а", "(" * 40, "і " * 50]
LIST, FACETS = "/api/marketplace/tutors/", "/api/marketplace/facets/"
SUGGESTIONS, PROFILE = "/api/marketplace/suggestions/", "/api/me/profile/"
EVENTS, TRIGGER = "/api/activity/events/", "/api/me/activity/trigger/"
# Within what a header may hold: thousands of empty elements, tags without an end, and both.
CONDITIONS = [
    ",",
    ", " * 3_000,
    '"a", ' * 1_500,
    "," * 7_000 + '"a"',
    '"' + "," * 7_000,
    "W/" * 3_500,
]
BOMBS = [empty_png(1, 12_001), empty_png(8000, 5000), empty_png(12_000, 600)]


class Attacks:
    """What each kind of hostile client sends; `account` holds the headers of one free account."""

    def __init__(self, account: dict[str, str], tutors: list[int]) -> None:
        self._account, self._tutors = account, tutors

    def kinds(self) -> dict[str, Callable[[], Call]]:
        """What makes the next call of each kind of attack."""
        account = self._account
        return {
            "telemetry, anonymous": lambda: self._telemetry({}),
            "telemetry, signed in": lambda: self._telemetry(account),
            "triggers": self._trigger,
            "cards": lambda: self._card({}),
            "cards, signed in": lambda: self._card(account),
            "expensive queries": self._query,
            "new words": self._words,
            "new subjects": self._subjects,
            "autosaves": self._autosave,
            "picture bombs": self._bomb,
            "guessed passwords": self._guess,
            "registrations": self._register,
            "broken bodies": self._broken,
            "conditions of reads": self._read_conditions,
            "conditions of writes": self._write_conditions,
        }

    def _telemetry(self, headers: dict[str, str]) -> Call:
        event = {"action": "flood.step", "metadata": {"text": secrets.token_hex(300)}}
        events = [{**event, "message_id": secrets.token_hex(8)} for _ in range(80)]
        return "POST", EVENTS, {"json": {"events": events}, "headers": headers}

    def _trigger(self) -> Call:
        body = {"action": "flood.step", "metadata": {"text": secrets.token_hex(1500)}}
        return "POST", TRIGGER, {"json": body, "headers": self._account}

    def _card(self, headers: dict[str, str]) -> Call:
        return "GET", f"{LIST}{random.choice(self._tutors)}/", {"headers": headers}

    def _query(self) -> Call:
        words = random.choice([*FILLERS, secrets.token_hex(20), "мат " * 24])[:100]
        path = random.choice([LIST, LIST, FACETS, SUGGESTIONS])
        name = "q" if path == SUGGESTIONS else "search"
        return "GET", path, {"params": {name: words}}

    def _words(self) -> Call:
        bio = " ".join(secrets.token_hex(8) for _ in range(115))
        body = {"tutor_profile": {"bio": bio}}
        return "PATCH", PROFILE, {"json": body, "headers": self._account}

    def _subjects(self) -> Call:
        body = {"tutor_profile": {"subjects": [secrets.token_hex(12) for _ in range(20)]}}
        return "PATCH", PROFILE, {"json": body, "headers": self._account}

    def _autosave(self) -> Call:
        body = {"tutor_profile": {"bio": secrets.token_hex(900)}}
        return "PATCH", f"{PROFILE}autosave/", {"json": body, "headers": self._account}

    def _bomb(self) -> Call:
        files = {"avatar": ("me.png", random.choice(BOMBS), "image/png")}
        return "POST", "/api/me/avatar/", {"files": files, "headers": self._account}

    def _guess(self) -> Call:
        body = {"email": "tutor1@example.com", "password": secrets.token_hex(6)}
        return "POST", "/api/auth/login/", {"json": body}

    def _register(self) -> Call:
        email = f"{secrets.token_hex(8)}@example.org"
        names = {"first_name": "F", "last_name": "L"}
        body = {"email": email, "password": secrets.token_hex(8), **names}
        return "POST", "/api/auth/register/", {"json": body}

    def _broken(self) -> Call:
        body = random.choice([b"[" * 50_000, b"{", b"\xff" * 1000, b'{"a":' * 9000, b"9" * 60_000])
        return "POST", EVENTS, {"data": body, "headers": {"Content-Type": "application/json"}}

    def _read_conditions(self) -> Call:
        headers = {"If-None-Match": random.choice(CONDITIONS)}
        return "GET", f"{LIST}{random.choice(self._tutors)}/", {"headers": headers}

    def _write_conditions(self) -> Call:
        headers = self._account | {"If-Match": random.choice(CONDITIONS)}
        body = {"tutor_profile": {"headline": secrets.token_hex(8)}}
        return "PATCH", PROFILE, {"json": body, "headers": headers}

    def read_slowly(self, url: str, address: str, is_over: Callable[[float], bool]) -> str:
        """Ask for something large of the account's, and read it a byte a second; the status."""
        path = random.choice(LARGE_ANSWERS)
        return read_slowly(url, address, path, self._account, is_over)


class Loopback(HTTPAdapter):
    """Calls from the loopback address that is given."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **kwargs)


class Outcome(NamedTuple):
    """The answers to each kind of attack, and those that no client should get."""

    statuses: dict[str, Counter[str]]
    wrong: Counter[str]


class Hostiles:
    """One client for each kind of attack, and clients that send a byte now and then."""

    def __init__(self, url: str, attacks: Attacks, slow_clients: int) -> None:
        self._url, self._attacks, self._slow_clients = url, attacks, slow_clients
        self._over = threading.Event()
        self._lock = threading.Lock()
        self.outcome = Outcome(defaultdict(Counter), Counter())

    def stop(self) -> None:
        self._over.set()

    def clients(self) -> Iterator[Callable[[], None]]:
        """The work of each client."""
        for number, kind in enumerate(self._attacks.kinds()):
            yield partial(self._flood, kind, f"127.0.1.{number + 1}")
        for number in range(self._slow_clients):
            yield partial(self._trickle, f"127.0.2.{number + 1}")
        for number in range(SLOW_READERS):
            read = partial(self._attacks.read_slowly, is_over=self._over.wait)
            yield partial(self._repeat, "slow readers", read, f"127.0.3.{number + 1}")
        yield partial(self._repeat, "chunk floods", send_chunks, "127.0.4.1")

    def _flood(self, kind: str, address: str) -> None:
        next_call = self._attacks.kinds()[kind]
        with requests.Session() as session:
            session.mount("http://", Loopback(address))
            while not self._over.is_set():
                method, path, options = next_call()
                try:
                    answer = session.request(method, self._url + path, timeout=60, **options)
                except requests.RequestException as error:
                    self._count(kind, type(error).__name__)
                    continue
                self._count(kind, str(answer.status_code))
                is_told = answer.status_code == 503 and "Retry-After" in answer.headers
                if answer.status_code >= 500 and not is_told:
                    with self._lock:
                        self.outcome.wrong[f"{kind}: {answer.status_code}"] += 1
                # Refused, one client still sends some fifty calls a second.
                self._over.wait(0.02 if answer.status_code in (429, 503) else 0)

    def _repeat(self, kind: str, call: Callable[[str, str], str], address: str) -> None:
        """Make one call after the other, each on a connection of its own."""
        while not self._over.is_set():
            try:
                status = call(self._url, address)
            except OSError as error:
                status = type(error).__name__
            self._count(kind, status)
            self._over.wait(0.1)

    def _trickle(self, address: str) -> None:
        """Open a connection and send a header byte by byte, for as long as it is taken."""
        host, port = self._url.removeprefix("http://").split(":")
        while not self._over.is_set():
            try:
                with socket.create_connection((host, int(port)), 10, (address, 0)) as connection:
                    began = time.monotonic()
                    for byte in b"POST /api/auth/login/ HTTP/1.1\r\nX-A: " + b"a" * 10_000:
                        connection.send(bytes([byte]))
                        if self._over.wait(1):
                            return
                    self._count("slow clients", f"{time.monotonic() - began:.0f} s")
            except OSError as error:
                self._count("slow clients", type(error).__name__)
                self._over.wait(1)

    def _count(self, kind: str, outcome: str) -> None:
        with self._lock:
            self.outcome.statuses[kind][outcome] += 1
            if outcome not in EXPECTED.get(kind, {outcome}) | {"429", "503"}:
                self.outcome.wrong[f"{kind}: {outcome}"] += 1


def run_for(seconds: float, stop: list[Callable[[], None]], work: list[Callable[[], None]]) -> None:
    """Let all of `work` run in threads, and stop it after so many seconds."""
    with ThreadPoolExecutor(len(work)) as threads:
        running = [threads.submit(each) for each in work]
        time.sleep(seconds)
        for each in stop:
            each()
        for job in running:
            job.result()


def attack(url: str, attacks: Attacks, slow_clients: int, seconds: float) -> Outcome:
    """Let the hostile clients loose for so many seconds; what they were answered."""
    # Their machines are not the service's: they take what processor time it leaves.
    os.nice(10)
    hostiles = Hostiles(url, attacks, slow_clients)
    run_for(seconds, [hostiles.stop], list(hostiles.clients()))
    return hostiles.outcome
