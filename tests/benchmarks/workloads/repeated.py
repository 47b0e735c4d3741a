"""What is asked: each workload makes its calls from the installation's own data."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from urllib.parse import urlencode

from flask import current_app

from common.http.auth import issue_access_token
from tests.benchmarks.clients.client import Call
from tests.benchmarks.servers.installation import Installation
from tests.benchmarks.workloads import aims
from tests.benchmarks.workloads.aims import Aim
from tests.benchmarks.workloads.questions import Makers

TUTORS = "/api/marketplace/tutors/"
FACETS = "/api/marketplace/facets/"
LOG = "/api/me/activity/"
ORDERINGS = ("", "rating", "-rating", "hourly_rate", "-hourly_rate", "-experience_years", "newest")
# One to four filters, common and rare, agreeing and not.
FILTERS: tuple[dict[str, str | int], ...] = (
    {"subject": "english"},
    {"language": "en"},
    {"price_max": 300},
    {"has_certifications": "true"},
    {"subject": "math", "language": "uk"},
    {"subject": "french", "price_max": 450},
    {"experience_min": 20, "price_max": 400},
    {"subject": "english,polish", "language": "uk,pl", "experience_min": 5},
    {"subject": "physics", "price_min": 200, "price_max": 500, "has_certifications": "true"},
    {"subject": "english", "language": "en", "experience_min": 25, "price_max": 420},
)
NOBODY: tuple[dict[str, str | int], ...] = (
    {"subject": "english", "experience_min": 79},
    {"subject": "math", "price_max": 3},
    {"language": "ja"},
    {"language": "ja", "has_certifications": "true", "experience_min": 3},
    {"price_min": 90_000},
)
ONE_WORD = ("математика", "англійська", "уроки", "вчителька", "онлайн", "physics", "lekcje")
TWO_WORDS = ("репетитор математики", "уроки англійської", "english beginners", "język angielski")
THREE_WORDS = ("англійська мова онлайн", "lekcje języka angielskiego", "математика план практика")
UNFINISHED = ("ма", "матем", "англ", "eng", "по", "ang")
SOME = 40


@dataclass(frozen=True)
class Workload:
    """`makers` make the calls of one whose calls never repeat: those measured, and others to be sent
    before. `by_words` marks searches, which a process answers by what it has been asked before; they are
    measured by SQL alone, too.
    """

    name: str
    calls: Callable[[Installation], Sequence[Call]]
    aim: Aim | None = None
    makers: Callable[[Installation], Makers] | None = None
    by_words: bool = False


def tutors(**parameters: str | int) -> Call:
    return Call(f"{TUTORS}?{urlencode(parameters)}" if parameters else TUTORS)


def default_list(installation: Installation) -> Sequence[Call]:
    return [tutors()]


def filtered(installation: Installation) -> Sequence[Call]:
    return [
        tutors(**filters, **({"ordering": order} if order else {}))
        for filters, order in product(FILTERS, ORDERINGS)
    ]


def deep(installation: Installation) -> Sequence[Call]:
    """Pages far down the list: where following `next` has led, in pages of a hundred."""
    lists = [tutors(ordering=order, page_size=100) for order in ORDERINGS if order]
    lists += [tutors(**filters, page_size=100) for filters in ({}, *FILTERS)]
    return [call for each in lists for call in far_pages(installation, each)]


def far_pages(installation: Installation, first: Call, pages: int = 14) -> Iterator[Call]:
    """Page 5 and page 15 of a list, 20 results each."""
    call = first
    for number in range(pages):
        answer = json.loads(installation.answer(call)[2])
        if not answer["has_more"]:
            return
        path = call.path.partition("?")[2].split("&")
        stored = [each for each in path if not each.startswith("cursor=")]
        query = "&".join([*stored, urlencode({"cursor": answer["next_cursor"]})])
        call = Call(f"{first.path.partition('?')[0]}?{query}", headers=first.headers)
        if number in (4, pages - 1):
            yield Call(call.path.replace("page_size=100", "page_size=20"), headers=first.headers)


def rare_subject(installation: Installation) -> Sequence[Call]:
    return [
        tutors(subject="есперанто", **filters, **({"ordering": order} if order else {}))
        for filters in ({}, {"price_max": 900})
        for order in ORDERINGS
    ]


def nobody(installation: Installation) -> Sequence[Call]:
    return [
        tutors(**filters, **({"ordering": order} if order else {}))
        for filters in NOBODY
        for order in ORDERINGS
    ]


def search(*texts: str) -> Callable[[Installation], Sequence[Call]]:
    return lambda installation: [tutors(search=text) for text in texts]


def search_with_filters(installation: Installation) -> Sequence[Call]:
    texts = (*ONE_WORD[:4], *TWO_WORDS, *THREE_WORDS)
    filters = ({"language": "en"}, {"price_max": 400}, {"subject": "english", "experience_min": 10})
    return [tutors(search=text, **each) for text in texts for each in filters]


def detail(installation: Installation) -> Sequence[Call]:
    return [Call(f"{TUTORS}{number}/") for number in listed(installation)]


def listed(installation: Installation) -> list[int]:
    ids = installation.sql(
        "select tutor_id from public_tutors order by md5(tutor_id::text) limit 300"
    )
    return [number for (number,) in ids]


def unchanged(installation: Installation) -> Sequence[Call]:
    """What a client has already: the list, and some tutors."""
    calls = [each for card in detail(installation)[:SOME] for each in (tutors(), card)]
    return [
        Call(call.path, headers={"If-None-Match": installation.answer(call)[1]["ETag"]})
        for call in calls
    ]


def facets(installation: Installation) -> Sequence[Call]:
    return [Call(FACETS), Call(f"{FACETS}?subject=english"), Call(f"{FACETS}?language=uk")]


def facets_uncached(installation: Installation) -> Sequence[Call]:
    """Too many different questions for any to be stored."""
    return [
        Call(f"{FACETS}?{urlencode({'price_min': low, 'price_max': low + 150 + wide})}")
        for wide in range(40)
        for low in range(100, 600, 10)
    ]


def by(user_id: int, path: str, method: str = "GET", body: object = None) -> Call:
    """A call by somebody who is signed in: each person with one token in all calls of a run."""
    tokens = current_app.extensions.setdefault("tokens of the benchmark", {})
    if user_id not in tokens:
        tokens[user_id] = issue_access_token(user_id)
    headers = {"Authorization": f"Bearer {tokens[user_id]}"}
    text = "" if body is None else json.dumps(body, ensure_ascii=True)
    if text:
        headers["Content-Type"] = "application/json"
    return Call(path, method, headers, text)


def readers(installation: Installation) -> list[int]:
    """Owners of long logs, and of short ones."""
    first = "select min(id) from users where email_key like 'tutor-%@generated.example.com'"
    [(lowest,)] = installation.sql(first)
    places = {0, 1, 2, 5, 20, 100, 500, installation.tutors // 2}
    return [lowest + each for each in sorted(places) if each < installation.tutors]


def log_first(installation: Installation) -> Sequence[Call]:
    with installation.app.app_context():
        return [by(user, LOG) for user in readers(installation)]


def log_deep(installation: Installation) -> Sequence[Call]:
    """Pages from the middle and the end of long logs."""
    calls = []
    with installation.app.app_context():
        for user in readers(installation)[:4]:
            [(number,)] = installation.sql(
                f"select count(*) from activity_events where user_id = {user}"
            )
            for part in (0.3, 0.5, 0.9):
                [(event,)] = installation.sql(
                    f"select id from activity_events where user_id = {user}"
                    f" order by timestamp desc offset {int(number * part)} limit 1"
                )
                page = json.loads(installation.answer(by(user, f"{LOG}?before={event}"))[2])
                if page["next_cursor"]:
                    calls.append(by(user, f"{LOG}?cursor={page['next_cursor']}"))
    return calls


def log_filters(installation: Installation) -> Sequence[Call]:
    filters = (
        "action=profile.viewed",
        "action=auth.login",
        "action=lesson.card.opened",
        "entity_type=lesson",
        "action=auth.login,page.viewed",
        "date_from=2026-01-01&date_to=2026-03-31",
        "date_to=2025-06-30&action=marketplace.search",
    )
    with installation.app.app_context():
        return [by(user, f"{LOG}?{each}") for user in readers(installation) for each in filters]


def log_absent(installation: Installation) -> Sequence[Call]:
    filters = (
        "action=lesson.never.begun",
        "entity_type=nothing",
        "action=auth.login&entity_type=x",
    )
    with installation.app.app_context():
        return [by(user, f"{LOG}?{each}") for user in readers(installation) for each in filters]


def trigger(installation: Installation) -> Sequence[Call]:
    body = {"action": "lesson.card.opened", "entity_type": "lesson", "entity_id": "17"}
    with installation.app.app_context():
        return [by(user, f"{LOG}trigger/", "POST", body) for user in owners(installation)]


def autosave(installation: Installation) -> Sequence[Call]:
    with installation.app.app_context():
        return [
            by(user, "/api/me/profile/autosave/", "PATCH", {"tutor_profile": {"bio": f"{bio} {n}"}})
            for user in owners(installation)
            for n, bio in enumerate(("Готую до НМТ", "Пояснюю на прикладах"))
        ]


def save(installation: Installation) -> Sequence[Call]:
    """Every one changes the public row, its words and its installation in the orderings."""
    random = Random(installation.tutors)
    with installation.app.app_context():
        return [
            by(
                user,
                "/api/me/profile/",
                "PATCH",
                {
                    "tutor_profile": {
                        "hourly_rate": random.randrange(100, 900),
                        "headline": f"Уроки математики, план {random.randrange(10**6)}",
                    }
                },
            )
            for user in owners(installation)
        ]


def owners(installation: Installation) -> list[int]:
    return listed(installation)[:SOME]


READS = (
    Workload("default list, cached", default_list, aims.STORED),
    Workload("one to four filters, any ordering", filtered, aims.FILTERS),
    Workload("the same, far pages", deep, aims.FILTERS),
    Workload("a rare subject", rare_subject, aims.FILTERS),
    Workload("filters that match nobody", nobody, aims.NOBODY),
    Workload("search, one word", search(*ONE_WORD), aims.SEARCH),
    Workload("search, two words", search(*TWO_WORDS), aims.SEARCH),
    Workload("search, three words", search(*THREE_WORDS), aims.SEARCH),
    Workload("search, unfinished word", search(*UNFINISHED), aims.SEARCH),
    Workload("search with filters", search_with_filters, aims.SEARCH_WITH_FILTERS),
    Workload("one tutor", detail, aims.STORED),
    Workload("304", unchanged, aims.STORED),
    Workload("facets, cached", facets),
    Workload("facets, not cached", facets_uncached, aims.FACETS),
    Workload("log, first page", log_first, aims.LOG),
    Workload("log, far pages", log_deep, aims.LOG),
    Workload("log, filters", log_filters, aims.LOG),
    Workload("log, filters that match nothing", log_absent, aims.LOG),
)
# After the reads: they leave dead rows behind, which reads would then pass over.
WRITES = (
    Workload("trigger", trigger, aims.TRIGGER),
    Workload("autosave", autosave, aims.AUTOSAVE),
    Workload("profile save", save, aims.PROFILE_SAVE),
)
