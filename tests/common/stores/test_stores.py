"""A folder and a bucket do the same; the bucket's server is a real one."""

import resource
import signal
import time
from contextlib import contextmanager

import pytest

from common.stores import open_store
from common.stores.bucket import BucketStore

CONTENT = bytes(range(256)) * 300


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path):
    if request.param == "folder":
        return open_store(f"file://{tmp_path}/files")
    return open_store(request.getfixturevalue("seaweed").url(f"tests/{tmp_path.name}"))


def test_a_file_is_read_as_it_was_written(store):
    store.put("avatars/one.webp", CONTENT)
    assert store.get("avatars/one.webp") == CONTENT
    assert store.state() == "ok"


def test_what_is_not_there_is_not_found(store):
    with pytest.raises(FileNotFoundError):
        store.get("avatars/none.webp")
    store.delete("avatars/none.webp")
    assert list(store.files("avatars")) == []
    assert store.state() == "ok"


def test_a_deleted_file_is_gone(store):
    store.put("avatars/one.webp", CONTENT)
    store.delete("avatars/one.webp")
    with pytest.raises(FileNotFoundError):
        store.get("avatars/one.webp")


def test_the_files_of_a_folder_are_listed_with_size_and_time(store):
    began = time.time() - 5
    for number in range(3):
        store.put(f"avatars/{number}.webp", CONTENT[: number + 1])
    store.put("others/3.webp", b"x")
    found = sorted(store.files("avatars"))
    assert [(file.name, file.size) for file in found] == [
        ("avatars/0.webp", 1),
        ("avatars/1.webp", 2),
        ("avatars/2.webp", 3),
    ]
    assert all(began < file.written_at < time.time() + 5 for file in found)


def test_a_file_that_cannot_be_replaced_stays_as_it_was(tmp_path):
    store = open_store(f"file://{tmp_path}/files")
    store.put("avatars/one.webp", CONTENT)
    with file_size_limit(len(CONTENT) // 2), pytest.raises(OSError, match="File too large"):
        store.put("avatars/one.webp", CONTENT[::-1])
    assert store.get("avatars/one.webp") == CONTENT
    assert [file.name for file in store.files("avatars")] == ["avatars/one.webp"]


@contextmanager
def file_size_limit(size):
    """No file grows beyond that here, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_two_prefixes_of_a_bucket_do_not_see_each_other(seaweed):
    one, other = open_store(seaweed.url("one")), open_store(seaweed.url("other"))
    one.put("avatars/a.webp", CONTENT)
    with pytest.raises(FileNotFoundError):
        other.get("avatars/a.webp")


def test_wrong_credentials_are_a_failure_of_the_store(seaweed, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another secret")
    with pytest.raises(ConnectionError):
        open_store(seaweed.url("one")).put("avatars/a.webp", CONTENT)


@pytest.mark.parametrize("call", ["put", "get", "delete", "files"])
def test_a_server_that_is_away_is_an_error_and_is_left_alone_for_a_moment(call, monkeypatch):
    store = BucketStore("media", "", "http://127.0.0.1:1")
    calls = {
        "put": lambda: store.put("avatars/a.webp", b"x"),
        "get": lambda: store.get("avatars/a.webp"),
        "delete": lambda: store.delete("avatars/a.webp"),
        "files": lambda: list(store.files("avatars")),
    }
    with pytest.raises(ConnectionError, match="does not answer"):
        calls[call]()
    with pytest.raises(ConnectionError, match="a moment ago"):
        calls[call]()
    assert store.state() == "away"
