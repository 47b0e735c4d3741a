"""Questions that never repeat, of the kinds people ask: what caches of parsed queries, of written
statements and of answers cannot help with."""

from collections.abc import Callable, Sequence
from random import Random
from urllib.parse import urlencode

from tests.benchmarks.client import Call
from tests.benchmarks.workloads import FACETS, ORDERINGS, TUTORS, Workload

QUESTIONS = 4_000
SEED = 1
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


def different(make: Callable[[Random], Call]) -> Sequence[Call]:
    """So many different calls, the same in every run."""
    random, found = Random(SEED), dict[str, Call]()
    for _ in range(20 * QUESTIONS):
        call = make(random)
        found[repr(call)] = call
        if len(found) == QUESTIONS:
            break
    return [*found.values()]


def distinct(address: str, ask: Callable[[Random], Parameters]) -> Callable[..., Sequence[Call]]:
    """A workload's calls, of questions about anything."""
    return lambda installation: different(
        lambda random: Call(f"{address}?{urlencode(ask(random))}")
    )


DISTINCT = (
    Workload(
        "distinct: filters, any ordering", distinct(TUTORS, ordered_filters), 2.2, 1.2, 150, 1.0
    ),
    Workload(
        "distinct: filters that match nobody", distinct(TUTORS, nobody), 1.3, 1.2, database=0.2
    ),
    Workload("distinct: search", distinct(TUTORS, words), 2.2, 1.5, database=4.0),
    Workload(
        "distinct: search with filters", distinct(TUTORS, words_and_filters), 2.5, 2, database=8.0
    ),
    Workload("distinct: facets", distinct(FACETS, filters), 3, 2, database=0.2),
)
