"""The folder in which the workers of one gunicorn share their counts, and those of earlier ones."""

import os

from common.operations.metrics.registry import _remove_dead_folders, _started_at


def test_folders_of_gunicorns_that_are_gone_are_removed_and_no_other(tmp_path):
    mine = f"metrics-{os.getpid()}-{_started_at(os.getpid())}"
    dead = ["metrics-4194305-12", f"metrics-{os.getpid()}-1", "metrics-4194306-99"]
    others = ["metrics-of-an-operator", "something-else", mine]
    for name in [*dead, *others]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "counter_1.db").touch()
    _remove_dead_folders(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)


def test_a_started_gunicorn_removes_what_an_earlier_one_left(serve, tmp_path):
    parent = tmp_path / f"tutor-marketplace-{os.getuid()}"
    (parent / "metrics-4194305-12").mkdir(parents=True)
    parent.chmod(0o700)
    server = serve(workers=1, TMPDIR=tmp_path)
    (left,) = parent.glob("metrics-*")
    assert left.name.startswith(f"metrics-{server.process.pid}-")
    server.stop()
