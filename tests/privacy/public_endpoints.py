"""Every public endpoint, found by introspection, and requests to it with every parameter.

Endpoints are read off the application's routes and their parameters off its OpenAPI document: a
new endpoint is requested from the day it is added, and a parameter of a new name fails until it
has values here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient

from marketplace.listing.query import ASKABLE_ORDERINGS

REQUEST = {"X-Request-ID": "the-same", "Origin": "http://localhost:5173"}
# Of the process and not of the people: the number of requests so far, and files of the docs.
OF_THE_PROCESS = {"/metrics", "/api/docs/<path:name>"}
MOST_PAGES = 12

Answer = tuple[int, tuple[tuple[str, str], ...], bytes]
Answers = dict[str, Answer]

# Words that tutors hold, their beginnings, inflected and misspelt forms, the wrong keyboard
# layout, operators of the database, and lexemes that filters are stored as.
TEXTS = (
    "математика",
    "математики",
    "матем",
    "english",
    "англійська",
    "квадрокоптер",
    "квадрокптер",
    "rdflhjrjgnth",
    "kvadrokopter",
    "zabludowskyj",
    "zabludovskyj",
    "Олена",
    "zab",
    '"gra na lutni"',
    "lutnia",
    "c++",
    "-квадрокоптер",
    "english -zabludowskyj",
    "example.org",
    "webp",
    "draft & !a",
    "",
)
NUMBERS = ("0", "200", "300", "301", "99999999999")
SUBJECTS = ("math", "english", "квадрокоптер", "zabludowskyj,c++", "gra na lutni", "lutnia")
VALUES: dict[str, tuple[str, ...]] = {
    "search": TEXTS,
    "query": TEXTS,
    "q": TEXTS,
    "subject": SUBJECTS,
    "price_min": NUMBERS,
    "price_max": NUMBERS,
    "experience_min": ("0", "3", "13"),
    "language": ("uk", "pl,en", "de", "xx"),
    "has_certifications": ("true", "false", "maybe"),
    "ordering": (*ASKABLE_ORDERINGS, "email"),
    "cursor": ("", "made-up", "A" * 600),
    "page_size": ("1", "2", "100", "0"),
    "limit": ("1", "8"),
    "explain": ("true", "false", "maybe"),
    "query_id": ("0123456789abcdef", "none"),
    "position": ("1", "0"),
}
# Parameters that are worth combining.
COMBINED = ("ordering", "has_certifications", "subject", "price_min", "search", "explain")


@dataclass(frozen=True)
class Endpoint:
    """A public address, with placeholders for its arguments, and its parameters."""

    path: str
    arguments: tuple[str, ...]
    parameters: tuple[str, ...]

    def addresses(self, path_values: dict[str, list[str]]) -> list[str]:
        choices = product(*(path_values[name] for name in self.arguments))
        return [self.path.format(**dict(zip(self.arguments, each))) for each in choices]

    def queries(self) -> Iterator[str]:
        """Each parameter with each value, alone and combined with those of COMBINED."""
        yield ""
        for name in self.parameters:
            for value in VALUES[name]:
                yield "?" + urlencode({name: value})
                for beside in COMBINED:
                    if beside in self.parameters and beside != name:
                        for further in VALUES[beside]:
                            yield "?" + urlencode({name: value, beside: further, "page_size": 2})


def public_endpoints(app: Flask, client: FlaskClient) -> list[Endpoint]:
    """All addresses that answer a GET of somebody without a token."""
    document = client.get("/api/openapi.json").json
    endpoints = []
    for rule in app.url_map.iter_rules():
        login_rule = app.view_functions[rule.endpoint].__dict__.get("login_rule")
        if "GET" in rule.methods and login_rule != "required" and rule.rule not in OF_THE_PROCESS:
            endpoints.append(_endpoint(rule, document))
    return endpoints


def _endpoint(rule: Any, document: Any) -> Endpoint:
    path = rule.rule
    for name in rule.arguments:
        start = path.rindex("<", 0, path.index(f"{name}>"))
        path = path[:start] + "{" + name + path[path.index(">", start) :].replace(">", "}", 1)
    operation = document["paths"].get(path, {}).get("get", {})
    parameters = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
    unknown = set(parameters) - set(VALUES)
    assert not unknown, f"{rule.rule}: say which values of {unknown} are to try"
    return Endpoint(path, tuple(sorted(rule.arguments)), tuple(parameters))


def fetch(client: FlaskClient, url: str, method: str = "GET", **headers: str) -> Answer:
    answer = client.open(url, method=method, headers={**REQUEST, **headers})
    headers = tuple((name, value) for name, value in answer.headers if name != "Date")
    return answer.status_code, headers, answer.data


def fetch_all(client: FlaskClient, urls: list[str]) -> Answers:
    """The answers to all of them: fresh, revalidated and from a cache, with every further page."""
    answers: Answers = {}
    for url in urls:
        _fetch_pages(client, url, answers)
    return answers


def _fetch_pages(client: FlaskClient, url: str | None, answers: Answers) -> None:
    steps = 0
    while url is not None and url not in answers and steps < MOST_PAGES:
        answer = answers[url] = fetch(client, url)
        etag = dict(answer[1]).get("ETag")
        if etag:
            answers[f"{url} revalidated"] = fetch(client, url, **{"If-None-Match": etag})
            answers[f"{url} again"] = fetch(client, url)
        if steps == 0:
            answers[f"{url} HEAD"] = fetch(client, url, "HEAD")
        url, steps = _next(answer), steps + 1


def _next(answer: Answer) -> str | None:
    if answer[0] != 200 or b'"next":"' not in answer[2]:
        return None
    _, _, rest = answer[2].partition(b'"next":"')
    return rest.partition(b'"')[0].decode()


def differences(one: Answers, other: Answers) -> list[str]:
    """The requests whose answers differ between the worlds."""
    return sorted(url for url in one.keys() | other.keys() if one.get(url) != other.get(url))
