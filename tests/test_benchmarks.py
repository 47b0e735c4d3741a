"""The benchmark's own parts; figures are never asserted."""

import json
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from tests.benchmarks import aims, hostile
from tests.benchmarks.__main__ import WORKLOADS, main
from tests.benchmarks.aims import Aim
from tests.benchmarks.client import Call, Connected, Load, each_once, replay, replay_from_here
from tests.benchmarks.distinct import DISTINCT, QUESTIONS
from tests.benchmarks.measure import Figures, part_of
from tests.benchmarks.mixed import SAVES_PER_SECOND, SteadySaves
from tests.benchmarks.record import Recorder, compare, read_record
from tests.benchmarks.report import Measured, markdown, verdicts, with_cold
from tests.benchmarks.workloads import Workload


@pytest.fixture
def seen():
    """What the server below was asked."""
    return Counter()


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that hang up in mid-call, as a load does when its time is over."""

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@pytest.fixture
def server(seen):
    """The address of a server that refuses what is below /no."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            seen[self.command, self.path, self.headers.get("X-Asked", ""), body] += 1
            answer = json.dumps({"path": self.path}).encode()
            self.send_response(404 if self.path.startswith("/no") else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET

        def log_message(self, *arguments):
            """Say nothing."""

    server = QuietServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("client", "seconds"), [(replay, 1), (replay_from_here, 0.3)])
def test_a_client_sends_every_call_in_turn(server, seen, client, seconds):
    calls = [
        Call("/one?a=b%20c", headers={"X-Asked": "first"}),
        Call("/two", "POST", {"X-Asked": "second"}, '{"a": 1}'),
    ]
    load = client(server, calls, seconds, 2)
    first = seen["GET", "/one?a=b%20c", "first", ""]
    second = seen["POST", "/two", "second", '{"a": 1}']
    assert first + second == sum(seen.values()) >= load.requests > 0
    # Both connections may have been at the same call when time was up.
    assert abs(first - second) <= 3
    assert load.errors == 0
    assert 0 < load.p50 <= load.p99


@pytest.mark.parametrize(("client", "seconds"), [(replay, 1), (replay_from_here, 0.3)])
def test_a_client_counts_what_is_refused(server, client, seconds):
    load = client(server, [Call("/no")], seconds, 1)
    assert load.errors == load.requests > 0


def test_calls_are_sent_a_given_number_of_times(server, seen):
    assert list(each_once(server, [Call("/a"), Call("/no")], 3)) == [200, 404, 200]
    assert sum(seen.values()) == 3


def test_saves_go_on_at_their_rate_and_from_where_they_were(server, seen):
    saves = SteadySaves(server, [Call(f"/{number}", "POST") for number in range(1000)])
    with saves:
        time.sleep(0.4)
    assert 0 < saves.sent <= SAVES_PER_SECOND
    sent = saves.sent
    with saves:
        time.sleep(0.3)
    assert saves.sent > sent
    assert saves.failed == 0
    assert set(seen.values()) == {1}
    with SteadySaves(server, [Call("/no", "POST")]) as refused:
        time.sleep(0.3)
    assert refused.failed == refused.sent > 0


def test_a_connection_gives_the_whole_answer(server):
    with Connected(server) as connection:
        status, headers, body = connection.answer(Call("/a"))
    assert (status, json.loads(body)) == (200, {"path": "/a"})
    assert headers["Content-Length"] == str(len(body))


def figures(p50, processor, **rest):
    return Figures([Load(100, 1.0, p50, 2 * p50, 0)], [processor], **rest)


def workload(aim=None):
    return Workload("search", lambda installation: [], aim)


def test_the_table_compares_with_the_hello_world_and_with_the_smallest_place():
    mixed = figures(4.0, 1.4)
    large = figures(2.5, 1.3, database=0.4, pages=40.2, mixed=mixed, hello=[0.4], by_bitmaps=[0.75])
    sizes = {10_000: figures(1.0, 0.8), 100_000: large}
    measured = [Measured(workload(Aim(3, 0.4, 2, pages=900)), sizes)]
    table = markdown(figures(0.5, 0.4), measured).splitlines()
    assert [cell.strip() for cell in table[-1].split("|")[1:-1]] == [
        "search",
        "100,000",
        "100",
        "2.50",
        "5.0",
        "2.50 !",
        "1.30",
        "3.25 !",
        "0.40",
        "40",
        "",
        "75%",
        "1.60 !",
    ]
    assert table[2].startswith("| hello-world |")
    assert len(table) == 4


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
        assert "MB" in result.output
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


def test_each_round_begins_with_other_calls():
    calls = [Call(str(number)) for number in range(10)]
    parts = [part_of(calls, number, 4) for number in range(4)]
    assert [part[0].path for part in parts] == ["0", "2", "5", "7"]
    assert all(sorted(part, key=str) == sorted(calls, key=str) for part in parts)


@pytest.mark.parametrize("each", [each for each in DISTINCT if each.warming])
def test_a_process_is_warmed_with_other_questions_than_those_measured(each):
    warming = each.warming(None)
    assert len(warming) == QUESTIONS
    assert not {call.path for call in warming} & {call.path for call in each.calls(None)}


def store(path, title, measured, is_complete=True):
    recorder = Recorder(path, title, measured=measured)
    recorder.write(figures(0.5, 0.4), is_complete)


def test_a_recorded_run_is_compared_with_another(tmp_path):
    for name, factor in (("before", 1), ("after", 2)):
        found = figures(1.0 * factor, 0.8, database=0.5 * factor, hello=[0.4])
        store(tmp_path / name, name, [Measured(workload(Aim(2, 0.5, 2)), {10_000: found})])
    before, after = (read_record(tmp_path / name) for name in ("before", "after"))
    *_, row = compare(before, after).splitlines()
    assert row.startswith("| search | 10,000 | 0.80 | 0.80 | 1.00 | 2.00 | 2.00 | 1.00 | 0.50 |")
    assert "| 1.00 | 2.00 | 2.00 |" in row
    assert row.endswith("| met | missed: PG ms |")
    both_files = ["--compare", str(tmp_path / "before"), "--compare", str(tmp_path / "after")]
    result = CliRunner().invoke(main, both_files)
    assert (result.exit_code, row in result.output) == (0, True)


def test_a_run_that_was_cut_off_leaves_what_it_has(tmp_path):
    file = tmp_path / "record.json"
    recorder = Recorder(file, "a run")
    recorder.write(Figures(), False)
    assert read_record(file).workloads == {}
    recorder.measured.append(Measured(workload(), {10_000: figures(1.0, 0.8)}))
    recorder.failed["list"] = "no answer"
    recorder.write(figures(0.5, 0.4), False)
    document = json.loads(file.read_text())
    assert (document["is_complete"], document["failed"]) == (False, {"list": "no answer"})
    assert [*read_record(file).workloads] == [("search", 10_000)]
    assert [*tmp_path.iterdir()] == [file]


@pytest.mark.parametrize("setting", ["WORD_INDEX_MB", "NONE_SUCH=1", "=1"])
def test_a_setting_that_there_is_not_is_refused(tmp_path, setting):
    result = CliRunner().invoke(main, ["--setting", setting, "--home", str(tmp_path)])
    assert result.exit_code == 2
    assert "NAME=VALUE" in result.output


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 0}'])
def test_a_file_that_no_run_has_written_is_refused(tmp_path, content):
    (tmp_path / "odd").write_text(content)
    result = CliRunner().invoke(main, ["--compare", str(tmp_path / "odd")])
    assert result.exit_code == 2
    assert "odd" in result.output
