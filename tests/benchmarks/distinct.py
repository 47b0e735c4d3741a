"""Questions that never repeat, of the kinds people ask: what caches of parsed queries, of written
statements and of answers cannot help with."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from random import Random
from urllib.parse import urlencode

from tests.benchmarks import aims
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


def different(
    make: Callable[[Random], Call], seed: int = SEED, beside: Collection[Call] = ()
) -> Sequence[Call]:
    """So many different calls, the same in every run, and none of those `beside`."""
    random, found = Random(seed), dict[str, Call]()
    known = {repr(call) for call in beside}
    for _ in range(20 * QUESTIONS):
        call = make(random)
        if repr(call) not in known:
            found[repr(call)] = call
        if len(found) == QUESTIONS:
            break
    return [*found.values()]


def distinct(address: str, ask: Callable[[Random], Parameters]) -> Callable[..., Sequence[Call]]:
    """A workload's calls, of questions about anything."""
    return lambda installation: different(partial(asking, address, ask))


def others(address: str, ask: Callable[[Random], Parameters]) -> Callable[..., Sequence[Call]]:
    """Questions of the same kind, none of which `distinct` asks."""
    make = partial(asking, address, ask)
    return lambda installation: different(make, SEED + 1, different(make))


def asking(address: str, ask: Callable[[Random], Parameters], random: Random) -> Call:
    return Call(f"{address}?{urlencode(ask(random))}")


DISTINCT = (
    Workload("distinct: filters, any ordering", distinct(TUTORS, ordered_filters), aims.FILTERS),
    Workload("distinct: filters that match nobody", distinct(TUTORS, nobody), aims.NOBODY),
    Workload("distinct: search", distinct(TUTORS, words), aims.SEARCH, others(TUTORS, words)),
    Workload(
        "distinct: search with filters",
        distinct(TUTORS, words_and_filters),
        aims.SEARCH_WITH_FILTERS,
        others(TUTORS, words_and_filters),
    ),
    Workload("distinct: facets", distinct(FACETS, filters), aims.FACETS),
)
