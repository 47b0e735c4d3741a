"""What strangers and owners do at the nodes of a service, over HTTP."""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from tests.live_server import LiveServer

PASSWORD = "a long walk at dusk"
PUBLIC = "/api/marketplace"
PROFILE = "/api/me/profile/"
ACTIVITY = "/api/me/activity/"


class Owner:
    """A listed tutor whose bio has a word that nobody else's has."""

    def __init__(self, node: LiveServer) -> None:
        self.session = requests.Session()
        self.word = "q" + "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(11))
        email = f"{self.word}@example.org"
        account = {
            "email": email,
            "password": PASSWORD,
            "first_name": "Олена",
            "last_name": "Шевченко",
            "role": "tutor",
        }
        made = self.call(node, "POST", "/api/auth/register/", json=account)
        self.session.headers["Authorization"] = f"Bearer {made['access']}"
        self.id: int = made["user"]["id"]
        self.call(node, "PATCH", PROFILE, json={"tutor_profile": {"bio": f"Some {self.word}"}})

    def show_bio(self, node: LiveServer, is_shown: bool) -> None:
        self.call(node, "PATCH", PROFILE, json={"settings": {"show_bio_publicly": is_shown}})

    def trigger(self, node: LiveServer) -> str:
        """Record an event; its id."""
        event = self.call(
            node, "POST", f"{ACTIVITY}trigger/", json={"action": "lesson.card.opened"}
        )
        return str(event["id"])

    def log(self, node: LiveServer) -> list[str]:
        """The ids of the latest events."""
        page = self.call(node, "GET", ACTIVITY, params={"page_size": 5})
        return [event["id"] for event in page["results"]]

    def call(self, node: LiveServer, method: str, path: str, **options: Any) -> Any:
        answer = self.session.request(method, node.url + path, timeout=20, **options)
        assert answer.status_code < 300, (method, path, answer.text)
        return answer.json()


class Stranger:
    """Looks for a word at one node, wherever public rows are shown."""

    def __init__(self, node: LiveServer, owner: Owner) -> None:
        self.node, self.owner = node, owner
        self.session = requests.Session()
        self._etags: dict[str, tuple[str, str]] = {}

    def sees(self) -> dict[str, bool]:
        """By place, whether the word is to be seen there."""
        word, tutor = self.owner.word, self.owner.id
        return {
            "list": word in self._get("/tutors/"),
            "page": word in self._get("/tutors/?page_size=7&ordering=newest"),
            "search": word in self._get(f"/tutors/?search={word}"),
            "facets": '"false":1' in self._get(f"/facets/?search={word}"),
            "card": word in self._get(f"/tutors/{tutor}/"),
        }

    def _get(self, path: str) -> str:
        """The body; of a copy, where the node says that it still holds."""
        etag, body = self._etags.get(path, ("", ""))
        headers = {"If-None-Match": etag} if etag else {}
        answer = self.session.get(self.node.url + PUBLIC + path, headers=headers, timeout=20)
        assert answer.status_code in {200, 304}, (path, answer.text)
        if answer.status_code == 200:
            body = answer.text
            self._etags[path] = answer.headers["ETag"], body
        return body


def at_once(*calls: Any) -> list[Any]:
    """The results of calls that begin together."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return [each.result() for each in [threads.submit(call) for call in calls]]


def reads_of(node: LiveServer) -> dict[tuple[str, str], float]:
    """(kind, reason) → how many statements, as the node's metrics have it."""
    text = requests.get(f"{node.url}/metrics", timeout=20).text
    pattern = r'^database_replica_reads_total\{kind="(\w+)",reason="(\w+)",[^}]*\} (\S+)$'
    return {
        (kind, reason): float(number)
        for kind, reason, number in re.findall(pattern, text, re.MULTILINE)
    }
