"""The most expensive queries that were found of every public endpoint, and what they cost.

Each is asked alone and without caches. The figures are PostgreSQL's processor time of one request,
which other work on the machine does not add to, and the pages it touches.
`python -m tests.benchmarks --hostile` prints the worst of each endpoint.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlencode

from tests.benchmarks.clients.client import Call
from tests.benchmarks.servers.installation import Installation
from tests.benchmarks.workloads.repeated import FACETS, TUTORS

SUGGESTIONS = "/api/marketplace/suggestions/"
# Milliseconds of PostgreSQL that no public request may take among 100,000 tutors.
AIM = 150
LONGEST_SHOWN = 90

Parameters = Mapping[str, str | int]

# Phrases and exclusions of filler words, quotation marks that are not closed, prefixes of one
# letter, as many words as fit, and words that nearly everybody has.
TEXTS: Sequence[str] = (
    '"на в',
    '"і до',
    '"і з"',
    '"the a',
    '"with the"',
    '-"і з"',
    '"мова на',
    '"англійська мова',
    '"з з" "і і" "на на"',
    '"на в" -"і до"',
    " ".join(['"на в"'] * 14),
    "-на",
    "-а -б -в -г",
    "-уроки",
    "а",
    "a",
    "уроки",
    "математика англійська",
    "а б в г д е ж з и к л м н о п р с т у ф х ц ч ш щ ю я a b c d e f g",
    "на в з до і та про від за по на в з до і та про від за по на в з до",
    "a-b-c-d-e-f-g",
    "матиматика англыйська фзика",
    "уроки матиматика",
    '"уроки математики" англыйська',
)
FILTERS: Sequence[Parameters] = (
    {},
    {"language": "uk,en,pl,de", "price_min": 0, "price_max": 100_000, "experience_min": 0},
    {
        "subject": "english,polish",
        "language": "en,uk",
        "price_min": 200,
        "price_max": 900,
        "experience_min": 3,
        "has_certifications": "true",
    },
    {"price_min": 333, "price_max": 777},
    {"language": "ja", "has_certifications": "true", "experience_min": 3},
    {"subject": "english", "experience_min": 79},
)
ORDERINGS = ("", "hourly_rate", "-rating", "newest")


def filtered_and_sought() -> Iterator[tuple[str, str]]:
    """Endpoint and address of each query of filters and words."""
    for filters in FILTERS:
        for ordering in ORDERINGS:
            order = {"ordering": ordering} if ordering else {}
            yield "list, filters", f"{TUTORS}?{urlencode({**filters, **order, 'page_size': 100})}"
        yield "facets, filters", f"{FACETS}?{urlencode(filters)}"
    for text in TEXTS:
        for ordering in ORDERINGS:
            order = {"ordering": ordering} if ordering else {}
            yield "list, search", f"{TUTORS}?{urlencode({'search': text, **order})}"
        for filters in FILTERS[1:4]:
            yield "list, search with filters", f"{TUTORS}?{urlencode({'search': text, **filters})}"
        for filters in FILTERS[:4]:
            yield "facets, search", f"{FACETS}?{urlencode({'search': text, **filters})}"
        explained = {"search": text, "explain": "true", "page_size": 100}
        yield "list, explained", f"{TUTORS}?{urlencode(explained)}"
        yield "suggestions", f"{SUGGESTIONS}?{urlencode({'q': text})}"


def queries(installation: Installation) -> Iterator[tuple[str, str]]:
    """Endpoint and address of each."""
    yield from filtered_and_sought()
    most_subjects = """select tutor_id from public_tutor_subjects
        group by 1 order by count(*) desc, 1 limit 3"""
    for (tutor_id,) in installation.sql(most_subjects):
        yield "similar", f"{TUTORS}{tutor_id}/similar/"
        yield "card", f"{TUTORS}{tutor_id}/"
    yield "older list", "/api/tutors/public-list/"
    yield "catalogue of subjects", "/api/marketplace/subjects/"


@dataclass(frozen=True)
class Worst:
    """What the most expensive query of an endpoint takes."""

    endpoint: str
    queries: int
    milliseconds: float
    pages: float
    path: str


def measure_hostile(installation: Installation, number: int = 5) -> list[Worst]:
    """The worst of each endpoint by PostgreSQL's milliseconds, the mean of so many requests.

    The clock of processor time ticks every 10 ms.

    The installation's worker runs without caches and bitmaps of words (`LIST_CACHE_SECONDS=0`,
    `WORD_INDEX_MB=0`).
    """
    worst: dict[str, Worst] = {}
    count: dict[str, int] = {}
    for endpoint, path in queries(installation):
        call = Call(path)
        count[endpoint] = count.get(endpoint, 0) + 1
        # What only a first request costs (connections, dictionaries, plans) is not meant.
        installation.answer(call)
        before = installation.database_seconds()
        for _ in range(number):
            status, _, _ = installation.answer(call)
            assert status == 200, f"{path} answers {status}"
        milliseconds = 1000 * (installation.database_seconds() - before) / number
        if endpoint not in worst or milliseconds > worst[endpoint].milliseconds:
            worst[endpoint] = Worst(endpoint, 0, milliseconds, 0.0, path)
    return [
        Worst(name, count[name], each.milliseconds, pages_of(installation, each.path), each.path)
        for name, each in worst.items()
    ]


def pages_of(installation: Installation, path: str) -> float:
    """Pages of one request."""
    call, number = Call(path), 3
    before = installation.pages_so_far(Call("/readyz"))[0]
    for _ in range(number):
        installation.answer(call)
    return (installation.pages_so_far(Call("/readyz"))[0] - before) / number


def readable(path: str) -> str:
    """What is asked, in letters, cut where it grows long."""
    text = unquote_plus(path.partition("?")[2] or path)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def hostile_markdown(measured: Sequence[Worst]) -> str:
    """The table of `docs/performance.md`."""
    lines = ["| endpoint | queries | worst PG ms | pages | the worst |", "|---|---:|---:|---:|---|"]
    for each in measured:
        mark = " !" if each.milliseconds > AIM else ""
        lines.append(
            f"| {each.endpoint} | {each.queries} | {each.milliseconds:.0f}{mark}"
            f" | {each.pages:.0f} | `{readable(each.path)}` |"
        )
    return "\n".join(lines)
