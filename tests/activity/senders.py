"""Clients that send events, one or many, now and then all at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import orjson

TRIGGER = "/api/me/activity/trigger/"
EVENTS = "/api/activity/events/"
AT_TEN = "2026-02-15T10:00:00Z"


def keyed(me, key, action="a.b"):
    """Trigger an event under an idempotency key."""
    return me.post(TRIGGER, json={"action": action}, headers={"Idempotency-Key": key})


def send(client, *events):
    """Send a batch."""
    return client.post(EVENTS, json={"events": list(events)})


def outcome_counts(client, *events):
    """How many of a batch were stored, known already and rejected."""
    answer = send(client, *events)
    assert answer.status_code == 202, answer.json
    return answer.json["accepted"], answer.json["duplicates"], len(answer.json["rejected"])


def at_once(number, call):
    """The answers of so many calls that start together."""
    start = threading.Barrier(number)

    def wait_and_call(n):
        start.wait()
        return call(n)

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(wait_and_call, range(number)))


def nested(levels):
    """An object of so many levels, itself the first."""
    value = {}
    for _ in range(levels - 1):
        value = {"in": value}
    return value


def sized(size):
    """An object of so many bytes as compact JSON."""
    return {"a": "x" * (size - len(orjson.dumps({"a": ""})))}
