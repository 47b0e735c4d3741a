"""Which questions the benchmark's rounds ask, and in which order; figures are never asserted."""

import time
from collections import Counter
from typing import Any

import pytest

from tests.benchmarks.clients.client import Call, Load
from tests.benchmarks.measuring import measure, rounds
from tests.benchmarks.measuring.figures import Figures
from tests.benchmarks.measuring.rounds import Effort, Hello
from tests.benchmarks.workloads.aims import Aim
from tests.benchmarks.workloads.distinct import DISTINCT, never_repeated
from tests.benchmarks.workloads.questions import Makers, Questions, different
from tests.benchmarks.workloads.repeated import Workload

PER_SECOND = 50
EFFORT = Effort(2, 3, 2, counted_calls=7, first_calls=5, warming_calls=20)
AIM = Aim(2, 1, 1)


def numbered(calls: Any) -> list[str]:
    return [call.path for call in calls]


def test_each_round_goes_on_where_the_one_before_it_ended() -> None:
    questions = Questions([Call(str(number)) for number in range(10)], is_distinct=True)
    assert questions.asked(4, 1) == 0
    assert numbered(questions.rest())[:3] == ["5", "6", "7"]
    assert sorted(numbered(questions.rest())) == sorted(map(str, range(10)))


@pytest.mark.parametrize(("is_distinct", "repeated"), [(True, [0, 1, 4]), (False, [0, 0, 0])])
def test_answered_questions_that_were_asked_before_are_counted(
    is_distinct: bool, repeated: list[int]
) -> None:
    questions = Questions([Call("")] * 10, is_distinct)
    assert [questions.asked(number, 1) for number in (5, 5, 4)] == repeated


def test_more_questions_begin_with_those_of_fewer() -> None:
    def make(random: Any) -> Call:
        return Call(str(random.randrange(500)))

    assert different(make, number=100)[:50] == different(make, number=50)
    assert len(different(make, number=1_000)) == 500
    beside = different(make, number=400)
    assert len(different(make, 2, beside)) == 100
    assert not set(numbered(beside)) & set(numbered(different(make, 2, beside)))


@pytest.mark.parametrize("each", DISTINCT, ids=lambda each: each.name)
def test_a_process_is_warmed_with_other_questions_than_those_measured(each: Any) -> None:
    measured, warming = measure.calls_of(each, None, 20_000)  # type: ignore[arg-type]  # none asked
    assert len(set(numbered(measured))) == len(measured) == 20_000
    assert len(set(numbered(warming))) == len(warming) == 4_000
    assert not set(numbered(warming)) & set(numbered(measured))


class Asked:
    """A worker, and the installation it is of: notes what it is asked, in which order."""

    def __init__(self, tutors: int) -> None:
        self.tutors, self.worker, self.url = tutors, self, self
        self.sent: list[str] = []

    def answer(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        self.sent.append(call.path)
        return 200, {}, b""

    def take(self, calls: Any, number: int) -> None:
        self.sent += [calls[turn % len(calls)].path for turn in range(number)]

    def counted(self, metric: str) -> dict[str, float]:
        return {}

    def processor_seconds(self) -> float:
        return time.process_time()


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that send at once what a load of a steady rate would."""

    def replay(url: Any, calls: Any, seconds: float, connections: int) -> Load:
        url.take(calls, int(PER_SECOND * seconds))
        return Load(int(PER_SECOND * seconds), seconds, 1.0, 1.0, 0)

    def each_at_once(url: Any, calls: Any, number: int, connections: int) -> list[int]:
        url.take(calls, number)
        return []

    def count(figures: Figures, installation: Any, questions: Questions, number: int) -> None:
        installation.take(questions.rest(), number)
        questions.asked(number)

    monkeypatch.setattr(rounds, "replay", replay)
    monkeypatch.setattr("tests.benchmarks.measuring.warming.each_at_once", each_at_once)
    monkeypatch.setattr(measure, "count", count)
    monkeypatch.setattr(measure, "measure_first", lambda place, questions, effort: 1.5)


def measured_at(places: list[Any], workload: Workload) -> dict[int, Figures]:
    hello: Any = Hello(Asked(0), Asked(0))  # type: ignore[arg-type]  # as workers
    found = measure.measure(workload, places, hello, EFFORT)
    assert found is not None
    return found


def test_a_run_asks_no_question_twice_and_warms_each_worker_once(quiet: None) -> None:
    def make(random: Any) -> Call:
        return Call(str(random.randrange(10**6)))

    places: list[Any] = [Asked(10), Asked(1000)]
    figures = measured_at(places, never_repeated("numbers", lambda _: Makers(make, make), AIM))
    assert [each.repeated for each in figures.values()] == [0, 0]
    assert (figures[10].first, figures[1000].first) == (None, 1.5)
    sent = 3 * 2 * PER_SECOND
    for place, number in zip(places, (sent, sent + EFFORT.counted_calls), strict=True):
        # One finds out whether there is anything to ask for; it is the first of those that warm.
        probe, *others = place.sent
        assert len(others) == EFFORT.warming_calls + number
        assert max(Counter(others).values()) == 1
        assert probe == others[0]


def test_a_run_with_too_few_questions_says_how_many_repeat(quiet: None) -> None:
    place: Any = Asked(10)
    listed = iter([Call(str(number)) for number in range(200)] + [Call("0")] * 10**4)

    def makers(_: Any) -> Makers:
        return Makers(lambda random: next(listed), lambda random: Call(f"w{random.random()}"))

    figures = measured_at([place], never_repeated("few", makers, AIM))[10]
    # All of the third round; and of the second the last two, since the first left two unanswered.
    assert figures.repeated == 2 * PER_SECOND + 2


def test_what_repeats_by_intention_is_no_mistake(quiet: None) -> None:
    place: Any = Asked(10)
    figures = measured_at([place], Workload("same", lambda _: [Call("a"), Call("b")], AIM))[10]
    assert (figures.repeated, figures.first) == (0, None)
    assert set(place.sent) == {"a", "b"}
