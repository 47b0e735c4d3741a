"""Questions that never repeat, of the kinds people ask: what caches of parsed queries, of written
statements and of answers cannot help with."""

from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from urllib.parse import urlencode

from tests.benchmarks.clients.client import Call
from tests.benchmarks.servers.installation import Installation
from tests.benchmarks.workloads import aims
from tests.benchmarks.workloads.aims import Aim
from tests.benchmarks.workloads.questions import Makers, different
from tests.benchmarks.workloads.repeated import FACETS, ORDERINGS, TUTORS, Workload

SUBJECTS = (
    "english", "math", "physics", "polish", "chemistry", "history", "german", "french", "biology",
    "programming", "guitar", "piano",
)  # fmt: skip
LANGUAGES = ("uk", "en", "pl", "de")
# Words that tutors use, in three languages, to be put together in any number and order.
WORDS = (
    "математика", "англійська", "уроки", "репетитор", "підготовка", "онлайн", "школа", "діти",
    "дорослі", "іспит", "граматика", "розмовна", "physics", "lessons", "beginners", "english",
    "teacher", "exam", "practice", "lekcje", "język", "angielski", "nauka", "matura", "план",
    "практика", "вчителька", "фізика", "хімія", "історія", "німецька", "початківці",
)  # fmt: skip

Parameters = dict[str, str | int]


def filters(random: Random) -> Parameters:
    """One to four filters."""
    price = random.randrange(100, 600)
    choices: list[Parameters] = [
        {"subject": ",".join(random.sample(SUBJECTS, random.randrange(1, 4)))},
        {"price_min": price, "price_max": price + random.randrange(50, 400)},
        {"experience_min": random.randrange(1, 30)},
        {"language": ",".join(random.sample(LANGUAGES, random.randrange(1, 3)))},
        {"has_certifications": random.choice(("true", "false"))},
    ]
    chosen: Parameters = {}
    for each in random.sample(choices, random.randrange(1, 5)):
        chosen |= each
    return chosen


def ordered_filters(random: Random) -> Parameters:
    order = random.choice(ORDERINGS)
    return filters(random) | ({"ordering": order} if order else {})


def nobody(random: Random) -> Parameters:
    """Filters of which one is met by nobody."""
    return ordered_filters(random) | {"price_min": random.randrange(90_000, 99_999)} | TO_THE_TOP


TO_THE_TOP: Parameters = {"price_max": 100_000}


def words(random: Random) -> Parameters:
    return {"search": " ".join(random.sample(WORDS, random.randrange(1, 4)))}


def words_and_filters(random: Random) -> Parameters:
    return words(random) | filters(random)


def distinct(
    address: str, ask: Callable[[Random], Parameters], name: str, aim: Aim, by_words: bool = False
) -> Workload:
    """A workload of questions about anything."""
    make = partial(asking, address, ask)
    return never_repeated(name, lambda installation: Makers(make, make), aim, by_words)


def never_repeated(
    name: str, makers: Callable[[Installation], Makers], aim: Aim, by_words: bool = False
) -> Workload:
    """A workload of what the makers make, each once."""

    def calls(installation: Installation) -> Sequence[Call]:
        return different(makers(installation).measured)

    return Workload(f"distinct: {name}", calls, aim, makers, by_words)


def asking(address: str, ask: Callable[[Random], Parameters], random: Random) -> Call:
    return Call(f"{address}?{urlencode(ask(random))}")


DISTINCT = (
    distinct(TUTORS, ordered_filters, "filters, any ordering", aims.FILTERS),
    distinct(TUTORS, nobody, "filters that match nobody", aims.NOBODY),
    distinct(TUTORS, words, "search", aims.SEARCH, by_words=True),
    distinct(
        TUTORS, words_and_filters, "search with filters", aims.SEARCH_WITH_FILTERS, by_words=True
    ),
    distinct(FACETS, filters, "facets", aims.FACETS),
)
