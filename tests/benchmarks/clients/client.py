"""Closed-loop clients: some connections, each sending its next request when it has an answer."""

import http.client
import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlsplit

SCRIPT = Path(__file__).parents[1] / "replay.lua"
SECONDS_OF_SOME = 2


@dataclass(frozen=True)
class Call:
    """One request to send."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Load:
    """What a client saw. Latencies are in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    # Answers of 400 and above, and requests without one.
    errors: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def replay(url: str, calls: Sequence[Call], seconds: float, connections: int) -> Load:
    """Send the calls in turn for so long: with wrk where it is installed."""
    if has_wrk() and seconds >= 1:
        return replay_with_wrk(url, calls, round(seconds), connections)
    return replay_from_here(url, calls, seconds, connections)


def has_wrk() -> bool:
    return shutil.which("wrk") is not None


def replay_some(url: str, calls: Sequence[Call], number: int, connections: int) -> tuple[int, int]:
    """Have so many of the calls answered, sent as by `replay`; how many were, and how many were sent.

    Raises RuntimeError where none is answered.
    """
    if not has_wrk():
        answered = len(each_at_once(url, calls, number, connections))
        return answered, answered
    answered = sent = 0
    while answered < number:
        start = sent % len(calls)
        rest = [*calls[start:], *calls[:start]]
        load = replay_with_wrk(url, rest, SECONDS_OF_SOME, connections, number - answered)
        if not load.requests:
            raise RuntimeError(f"no answer in {SECONDS_OF_SOME} s to {rest[0].path} and its like")
        answered += load.requests
        sent += load.requests + connections
    return answered, sent


def replay_with_wrk(
    url: str, calls: Sequence[Call], seconds: int, connections: int, most: int | None = None
) -> Load:
    """With `most` it sends no more after so many answers, and does nothing until time is up."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        for call in calls:
            headers = "|".join(f"{name}: {value}" for name, value in call.headers.items())
            print(call.method, call.path, headers, call.body, sep="\t", file=file)
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"-s{SCRIPT}", url]
        done = subprocess.run(
            [*command, "--", file.name, *([] if most is None else [str(most)])],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
    seen = json.loads(done.stdout.strip().splitlines()[-1])
    return Load(
        seen["requests"],
        seen["microseconds"] / 1e6,
        seen["p50"] / 1000,
        seen["p99"] / 1000,
        seen["errors"],
    )


def replay_from_here(url: str, calls: Sequence[Call], seconds: float, connections: int) -> Load:
    """The same without wrk; slower, so that its own time shows in the latencies."""
    latencies: list[float] = []
    errors: list[Call] = []
    turns = cycle(calls)
    begun = time.perf_counter()

    def work() -> None:
        with Connected(url) as send:
            while time.perf_counter() < begun + seconds:
                call = next(turns)
                sent = time.perf_counter()
                if send.status(call) >= 400:
                    errors.append(call)
                latencies.append(time.perf_counter() - sent)

    together(work, connections)
    spent = time.perf_counter() - begun
    latencies.sort()
    return Load(
        len(latencies),
        spent,
        1000 * latencies[len(latencies) // 2],
        1000 * latencies[int(len(latencies) * 0.99)],
        len(errors),
    )


class Connected:
    """A connection stored open; gives the status of each call's answer."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port)

    def __enter__(self) -> "Connected":
        return self

    def __exit__(self, *reason: object) -> None:
        self._connection.close()

    def status(self, call: Call) -> int:
        return self.answer(call)[0]

    def answer(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        try:
            self._send(call)
            response = self._connection.getresponse()
        except (http.client.HTTPException, ConnectionError):
            # The server closes a connection that was idle for a while.
            self._connection.close()
            self._send(call)
            response = self._connection.getresponse()
        return response.status, dict(response.headers), response.read()

    def _send(self, call: Call) -> None:
        self._connection.request(call.method, call.path, call.body or None, call.headers)


def each_once(url: str, calls: Sequence[Call], number: int) -> Iterator[int]:
    """Send so many calls, one at a time; the status of each."""
    turns = cycle(calls)
    with Connected(url) as send:
        for _ in range(number):
            yield send.status(next(turns))


def each_at_once(url: str, calls: Sequence[Call], number: int, connections: int) -> list[int]:
    """Send so many calls over so many connections; the status of each, in no order."""
    turns, found = islice(cycle(calls), number), list[int]()

    def work() -> None:
        with Connected(url) as send:
            for call in turns:
                found.append(send.status(call))

    together(work, connections)
    return found


def together(work: Callable[[], None], number: int) -> None:
    """Do the work in so many threads, until the last has done it."""
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
