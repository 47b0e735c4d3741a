"""The benchmark's own parts; figures are never asserted."""

import json
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from tests.benchmarks import hostile
from tests.benchmarks.__main__ import WORKLOADS, main
from tests.benchmarks.client import Call, Connected, Load, each_once, replay, replay_from_here
from tests.benchmarks.distinct import DISTINCT, QUESTIONS
from tests.benchmarks.measure import Figures, both, part_of
from tests.benchmarks.mixed import SAVES_PER_SECOND, SteadySaves
from tests.benchmarks.record import compare, read_record, write_record
from tests.benchmarks.report import Measured, markdown, marked
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


def test_the_table_compares_with_the_hello_world_and_with_the_smallest_place():
    workload = Workload("search", lambda installation: [], times_hello=3, growth=2, pages=900)
    mixed = figures(4.0, 1.4)
    large = figures(2.5, 1.3, database=0.4, pages=40.2, mixed=mixed)
    sizes = {10_000: figures(1.0, 0.8), 100_000: large}
    table = markdown(figures(0.5, 0.4), [Measured(workload, sizes)]).splitlines()
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
        "1.60 !",
    ]
    assert table[2].startswith("| hello-world |")
    assert len(table) == 4


@pytest.mark.parametrize(
    ("value", "aim", "text"),
    [(None, 1, ""), (2.004, 2, "2.00"), (2.01, 2, "2.01 !"), (9, None, "9.00")],
)
def test_only_what_misses_its_aim_is_marked(value, aim, text):
    assert marked(value, aim, 2) == text


def test_several_rounds_are_reported_by_their_median():
    one = both(both(figures(1.0, 0.1), figures(9.0, 0.9)), figures(2.0, 0.2))
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


def test_a_recorded_run_is_compared_with_another(tmp_path):
    workload = Workload("search", lambda installation: [])
    for name, factor in (("before", 1), ("after", 2)):
        measured = [Measured(workload, {10_000: figures(1.0 * factor, 0.8, database=0.5)})]
        write_record(tmp_path / name, name, figures(0.5, 0.4), measured)
    before, after = (read_record(tmp_path / name) for name in ("before", "after"))
    *_, row = compare(before, after).splitlines()
    assert row.startswith("| search | 10,000 | 0.80 | 0.80 | 1.00 | 0.50 | 0.50 | 1.00 |  |  |  |")
    assert "| 1.00 | 2.00 | 2.00 |" in row
    assert row.endswith("|  |  |  |")
    both_files = ["--compare", str(tmp_path / "before"), "--compare", str(tmp_path / "after")]
    result = CliRunner().invoke(main, both_files)
    assert (result.exit_code, row in result.output) == (0, True)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 0}'])
def test_a_file_that_no_run_has_written_is_refused(tmp_path, content):
    (tmp_path / "odd").write_text(content)
    result = CliRunner().invoke(main, ["--compare", str(tmp_path / "odd")])
    assert result.exit_code == 2
    assert "odd" in result.output
