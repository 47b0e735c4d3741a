"""One person who uses everything, and judges every answer by what they know to have happened."""

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from requests import Response, Session

from tests.drills.call import Call

PASSWORD = "a long walk at dusk"
LETTERS = "bcdfghjklmnpqrstvwxz"
Judge = Callable[[Any], bool]


class Value:
    """A number that is saved again and again: what was sent last, and what was acknowledged last."""

    def __init__(self) -> None:
        self.sent = self.acknowledged = 0

    def could_be(self, text: Any) -> bool:
        """Whether a text ends with a number that the service may show now."""
        found = re.search(r"\d+$", text or "")
        return bool(found) and self.acknowledged <= int(found[0]) <= self.sent  # type: ignore[index]


class Person:
    """A listed tutor, found by a word of their own."""

    def __init__(self, base: str) -> None:
        self.session = Session()
        # One connection for each call: which node answers, and that none is idle at its end, is
        # then decided here. The proxy keeps its own.
        self.session.headers.update({"Connection": "close", "Accept-Language": "en"})
        self.word = "zq" + "".join(secrets.choice(LETTERS) for _ in range(9))
        self.email = f"{self.word}@example.org"
        self.headline, self.bio = Value(), Value()
        # Of each trigger, whether it was acknowledged.
        self.triggers: dict[str, bool] = {}
        body = {"email": self.email, "password": PASSWORD, "role": "tutor"}
        names = {"first_name": "Olena", "last_name": "Kovalenko"}
        made = self.session.post(f"{base}/api/auth/register/", json=body | names, timeout=30)
        assert made.status_code == 201, made.text
        self.id: int = made.json()["user"]["id"]
        self._enter(made)

    def calls(self) -> Iterator[Call]:
        """Whatever a person does, over and over."""
        while True:
            yield self._save()
            yield self._card()
            yield self._list()
            yield self._trigger()
            yield self._log()
            yield from self._hide_and_show()
            yield from self._autosave_and_publish()
            yield self._search()
            yield Call("GET", "/api/marketplace/facets/", {}, 200)
            yield from self._log_in_and_refresh()
            yield Call("GET", "/api/users/me/", {}, 200, lambda body: body["id"] == self.id)

    def _enter(self, answer: Response) -> None:
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access']}"

    def _save(self) -> Call:
        number = self.headline.sent = self.headline.sent + 1

        def saved(_: Response) -> None:
            self.headline.acknowledged = number

        body = {"tutor_profile": {"headline": f"{self.word} {number}"}}
        return Call("PATCH", "/api/me/profile/", {"json": body}, 200, then=saved)

    def _is_mine(self, card: Any) -> bool:
        return card["id"] == self.id and self.headline.could_be(card["headline"])

    def _card(self) -> Call:
        return Call("GET", f"/api/marketplace/tutors/{self.id}/", {}, 200, self._is_mine)

    def _list(self, judge: Judge = lambda card: True) -> Call:
        def is_right(body: Any) -> bool:
            found = [card for card in body["results"] if card["id"] == self.id]
            return len(found) == 1 and self._is_mine(found[0]) and judge(found[0])

        return Call("GET", "/api/marketplace/tutors/?page_size=50", {}, 200, is_right)

    def _search(self) -> Call:
        def is_found(body: Any) -> bool:
            return [card["id"] for card in body["results"]] == [self.id]

        return Call("GET", f"/api/marketplace/tutors/?search={self.word}", {}, 200, is_found)

    def _hide_and_show(self) -> Iterator[Call]:
        """What is hidden is in no list from the acknowledgement on, whichever node is asked."""
        path, done = "/api/me/profile/", list[Response]()
        for shown in (False, True):
            body = {"settings": {"show_bio_publicly": shown}}
            yield Call("PATCH", path, {"json": body}, 200, then=done.append)
            if done and not shown:
                yield self._list(lambda card: card["bio"] is None)

    def _autosave_and_publish(self) -> Iterator[Call]:
        path, done = "/api/me/profile/autosave/", list[Response]()
        self.bio.sent += 1
        body = {"tutor_profile": {"bio": f"text {self.bio.sent}"}}
        yield Call("PATCH", path, {"json": body}, 200, then=done.append)

        def published(answer: Response) -> None:
            self.bio.acknowledged = int(answer.json()["tutor_profile"]["bio"].split()[-1])

        if done:
            yield Call("POST", f"{path}publish/", {}, 200, then=published)

    def _trigger(self) -> Call:
        key = secrets.token_hex(8)
        self.triggers[key] = False

        def acknowledged(_: Response) -> None:
            self.triggers[key] = True

        body = {"action": "drill.probe", "metadata": {"key": key}}
        options = {"json": body, "headers": {"Idempotency-Key": key}}
        return Call("POST", "/api/me/activity/trigger/", options, 201, then=acknowledged)

    def _log(self) -> Call:
        """The newest trigger that was acknowledged is in the owner's log."""
        known = [key for key, acknowledged in self.triggers.items() if acknowledged]

        def is_there(body: Any) -> bool:
            seen = [event["metadata"].get("key") for event in body["results"]]
            return set(known[-1:]) <= set(seen)

        return Call("GET", "/api/me/activity/?action=drill.probe", {}, 200, is_there)

    def _log_in_and_refresh(self) -> Iterator[Call]:
        done: list[Response] = []

        def entered(answer: Response) -> None:
            self._enter(answer)
            done.append(answer)

        body = {"email": self.email, "password": PASSWORD}
        yield Call("POST", "/api/auth/login/", {"json": body}, 200, then=entered)
        if done:
            yield Call("POST", "/api/auth/refresh/", {}, 200, then=self._enter)
