"""The benchmark's own parts; figures are never asserted."""

import pytest
from click.testing import CliRunner

from tests.benchmarks import hostile
from tests.benchmarks.__main__ import WORKLOADS, main
from tests.benchmarks.workloads.distinct import DISTINCT
from tests.benchmarks.workloads.questions import QUESTIONS


def test_workloads_have_names_of_their_own():
    names = [workload.name for workload in WORKLOADS]
    assert len(names) == len(set(names))


def test_a_name_that_no_workload_has_is_refused(tmp_path):
    result = CliRunner().invoke(main, ["--only", "nonsense", "--home", str(tmp_path)])
    assert result.exit_code == 2
    assert "nonsense" in result.output
    assert not any(tmp_path.iterdir())


@pytest.mark.slow
def test_the_benchmark_runs_and_its_second_run_finds_the_data(tmp_path):
    arguments = ["--sizes", "400", "--events", "1000", "--seconds", "0.3", "--rounds", "1"]
    for only in ("one tutor", "autosave", "distinct: log"):
        options = ["--only", only, "--home", str(tmp_path), "--mixed", "--reuse"]
        result = CliRunner().invoke(main, [*arguments, *options])
        assert result.exit_code == 0, result.output
        assert only in result.output
        assert "errors!" not in result.output
        assert "bitmaps of words at the end, MB" in result.output
        assert " 0 refused" in result.output
    assert len([*tmp_path.glob("tutors-400-*")]) == 1


def test_the_hostile_queries_fit_what_the_service_takes(app):
    """Each of every endpoint that has parameters is a query that it accepts."""
    client = app.test_client()
    asked = list(hostile.filtered_and_sought())
    assert {endpoint for endpoint, _ in asked} >= {"list, search", "facets, search", "suggestions"}
    assert len({path for _, path in asked}) == len(asked)
    for _, path in asked[:: len(asked) // 40]:
        assert client.get(path).status_code == 200, path


def test_the_table_of_hostile_queries_marks_what_misses_its_aim():
    rows = [
        hostile.Worst("list, search", 9, hostile.AIM, 4000.4, "/api?search=x"),
        hostile.Worst("facets, search", 3, hostile.AIM + 1, 12, "/api?q=y"),
    ]
    *_, within, beyond = hostile.hostile_markdown(rows).splitlines()
    assert within == "| list, search | 9 | 150 | 4000 | `search=x` |"
    assert "| 151 ! |" in beyond


@pytest.mark.parametrize("workload", DISTINCT, ids=lambda workload: workload.name)
def test_distinct_questions_never_repeat_and_the_service_takes_them(app, workload):
    calls = workload.calls(None)
    assert len({call.path for call in calls}) == len(calls) == QUESTIONS
    assert calls == workload.calls(None)
    client = app.test_client()
    for call in calls[:: QUESTIONS // 20]:
        assert client.get(call.path).status_code == 200, call.path


@pytest.mark.parametrize("setting", ["WORD_INDEX_MB", "NONE_SUCH=1", "=1"])
def test_a_setting_that_there_is_not_is_refused(tmp_path, setting):
    result = CliRunner().invoke(main, ["--setting", setting, "--home", str(tmp_path)])
    assert result.exit_code == 2
    assert "NAME=VALUE" in result.output
