"""The benchmark's tables and records; figures are never asserted."""

import json

import pytest
from click.testing import CliRunner

from tests.benchmarks.__main__ import main
from tests.benchmarks.clients.client import Load
from tests.benchmarks.measuring.figures import Figures
from tests.benchmarks.reports.record import Recorder, compare, read_record
from tests.benchmarks.reports.report import Measured, markdown, verdicts, with_cold
from tests.benchmarks.servers.state import states_table
from tests.benchmarks.workloads import aims
from tests.benchmarks.workloads.aims import Aim
from tests.benchmarks.workloads.repeated import Workload


def figures(p50, processor, **rest):
    return Figures([Load(100, 1.0, p50, 2 * p50, 0)], [processor], **rest)


def workload(aim=None):
    return Workload("search", lambda installation: [], aim)


def test_the_table_compares_with_the_hello_world_and_with_the_smallest_place():
    mixed = figures(4.0, 1.4)
    large = figures(2.5, 1.3, database=0.4, pages=40.2, mixed=mixed, hello=[0.4], by_bitmaps=[0.75])
    large.gthread, large.first, large.repeated = 0.65, 2.1, 3
    sizes = {10_000: figures(1.0, 0.8), 100_000: large}
    measured = [Measured(workload(Aim(3, 0.4, 2, pages=900)), sizes)]
    references = {"hello-world": figures(0.5, 0.4), "hello-world, gthread": figures(0.9, 0.65)}
    table = markdown(references, measured).splitlines()
    assert [cell.strip() for cell in table[-1].split("|")[1:-1]] == [
        "search (3 repeated)",
        "100,000",
        "100",
        "2.50",
        "5.0",
        "2.50 !",
        "1.30",
        "3.25 !",
        "2.00",
        "2.10",
        "0.40",
        "40",
        "",
        "75%",
        "1.60 !",
    ]
    assert table[2].startswith("| hello-world |")
    assert table[3].startswith("| hello-world, gthread |")
    assert len(table) == 5


def test_each_figure_stands_beside_its_aim():
    large = figures(2.5, 1.3, database=0.404, pages=951, hello=[0.4])
    measured = [Measured(workload(Aim(3.25, 0.4, 2, pages=900)), {100_000: large})]
    *_, row = verdicts(measured).splitlines()
    assert row == ("| search | 3.25 of 3.25 | 0.40 of 0.40 | 951 of 900 ! |  |  | missed: pages |")
    measured = [Measured(workload(), {100_000: large})]
    assert len(verdicts(measured).splitlines()) == 2


@pytest.mark.parametrize(("milliseconds", "is_met"), [(4.2, True), (4.3, False)])
def test_an_aim_may_add_milliseconds_to_those_of_hello_worlds(milliseconds, is_met):
    found = figures(1.0, milliseconds, hello=[0.4])
    [judgement] = Measured(workload(aims.FACETS), {1: found}).judgements()
    assert judgement.is_met is is_met


def test_the_processor_time_is_compared_with_the_hello_world_of_the_same_round():
    loads = [Load(1, 1.0, 1.0, 1.0, 0)] * 3
    assert Figures(loads, [1.0, 4.0, 9.0], hello=[1.0, 2.0, 3.0]).times_hello == 2.0


def test_a_cold_process_has_a_row_of_its_own():
    cold = figures(9.0, 2.0, database=30.0, hello=[0.4])
    measured = with_cold(workload(aims.SEARCH), {1: figures(1.0, 0.4, hello=[0.4], cold=cold)})
    assert [each.workload.name for each in measured] == ["search", "search, cold"]
    met, missed = verdicts(measured).splitlines()[2:]
    assert met.endswith("| met |")
    assert missed.endswith("| missed: × hello, PG ms |")


def test_several_rounds_are_reported_by_their_median():
    loads = [Load(100, 1.0, p50, 2 * p50, 0) for p50 in (1.0, 9.0, 2.0)]
    one = Figures(loads, [0.1, 0.9, 0.2])
    assert (one.p50, one.milliseconds) == (2.0, 0.2)


def test_what_an_installation_takes_says_what_the_memory_is_of():
    def state(tutors, **memory):
        return {
            "tutors": tutors,
            "seconds": {},
            "disk_megabytes": {"all": 9.0},
            "memory_megabytes": memory,
            "worker_megabytes": 200.0,
        }

    first, words = {"at its first answer": 130.0}, {"bitmaps of words at the end": 12.5}
    states = [state(10, **first, **words), state(1000, **first)]
    assert states_table(states).splitlines() == [
        "|  | 10 tutors | 1,000 tutors |",
        "| --- | ---: | ---: |",
        "| disk: all, MB | 9.0 | 9.0 |",
        "| memory of the worker: at its first answer, MB | 130.0 | 130.0 |",
        "| memory of the worker: bitmaps of words at the end, MB | 12.5 |  |",
        "| memory of the worker: all at the end, MB | 200.0 | 200.0 |",
    ]


def store(path, title, measured, is_complete=True):
    recorder = Recorder(path, title, measured=measured)
    recorder.write({"hello-world": figures(0.5, 0.4)}, is_complete)


def test_a_recorded_run_is_compared_with_another(tmp_path):
    for name, factor in (("before", 1), ("after", 2)):
        found = figures(1.0 * factor, 0.8, database=0.5 * factor, hello=[0.4])
        store(tmp_path / name, name, [Measured(workload(Aim(2, 0.5, 2)), {10_000: found})])
    before, after = (read_record(tmp_path / name) for name in ("before", "after"))
    *_, row = compare(before, after).splitlines()
    assert row.startswith("| search | 10,000 | 0.80 | 0.80 | 1.00 | 2.00 | 2.00 | 1.00 |  |  |  |")
    assert "| 1.00 | 2.00 | 2.00 |" in row
    assert row.endswith("| met | missed: PG ms |")
    both_files = ["--compare", str(tmp_path / "before"), "--compare", str(tmp_path / "after")]
    result = CliRunner().invoke(main, both_files)
    assert (result.exit_code, row in result.output) == (0, True)


def test_a_run_with_one_hello_world_is_compared_with_one_of_two(tmp_path):
    """Runs of old have no second hello-world, and nothing of a worker that has just started."""
    found = figures(1.0, 0.8, hello=[0.4])
    store(tmp_path / "old", "old", [Measured(workload(), {1: found})])
    document = json.loads((tmp_path / "old").read_text())
    del document["references"]
    for row in document["workloads"]:
        for name in ("first_milliseconds", "times_gthread", "repeated"):
            del row[name]
    (tmp_path / "old").write_text(json.dumps(document))
    both = {"hello-world": figures(0.5, 0.2), "hello-world, gthread": figures(0.9, 0.5)}
    found.first = 3.0
    recorder = Recorder(tmp_path / "new", "new", measured=[Measured(workload(), {1: found})])
    recorder.write(both, True)
    *_, hello, row = compare(
        *(read_record(tmp_path / name) for name in ("old", "new"))
    ).splitlines()
    assert hello.startswith("| hello-world |  | 0.40 | 0.20 | 0.50 |")
    assert row.startswith("| search | 1 | 0.80 | 0.80 | 1.00 | 2.00 | 2.00 | 1.00 |  | 3.00 |  |")
    assert json.loads((tmp_path / "new").read_text())["hello"]["milliseconds"] == 0.2


def test_a_run_that_was_cut_off_leaves_what_it_has(tmp_path):
    file = tmp_path / "record.json"
    recorder = Recorder(file, "a run")
    recorder.write({}, False)
    assert read_record(file).workloads == {}
    recorder.measured.append(Measured(workload(), {10_000: figures(1.0, 0.8)}))
    recorder.failed["list"] = "no answer"
    recorder.write({"hello-world": figures(0.5, 0.4)}, False)
    document = json.loads(file.read_text())
    assert (document["is_complete"], document["failed"]) == (False, {"list": "no answer"})
    assert [*read_record(file).workloads] == [("search", 10_000)]
    assert [*tmp_path.iterdir()] == [file]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 0}'])
def test_a_file_that_no_run_has_written_is_refused(tmp_path, content):
    (tmp_path / "odd").write_text(content)
    result = CliRunner().invoke(main, ["--compare", str(tmp_path / "odd")])
    assert result.exit_code == 2
    assert "odd" in result.output
