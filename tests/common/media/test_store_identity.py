"""A store that is not the one of the database's files takes none, and is said to be another one."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from common.database.session import db, read_rows
from common.http.problems.errors import Unavailable
from common.media.files import current_store, remove_file, rename_file, store_file
from common.media.store_identity import (
    ADVICE,
    INSERT,
    NAME,
    DifferentStore,
    adopt,
    copy_id,
    identify,
    require_own,
)
from common.media.withdrawal import (
    settle,
    settle_all,
    settle_others,
    withdraw,
    withdrawn_names,
)
from common.stores import FolderStore
from tests.profiles.public.rebuilding.test_rebuild_laws import in_threads

CONTENT = b"RIFF and so on"


@pytest.fixture
def own(app: Flask, tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "own")


@pytest.fixture
def other(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "other")


@pytest.fixture
def use(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the app a node with that store: `use(store)`."""
    return lambda store: monkeypatch.setitem(app.config, "MEDIA_DIR", str(store.folder))


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=arguments)


def ready(app: Flask) -> tuple[int, dict[str, Any]]:
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.json or {}


def test_the_first_use_gives_both_sides_one_id(own: FolderStore) -> None:
    identity = identify(own)
    assert identity.is_same and identity.in_store == own.get(NAME).decode()
    assert read_rows("select store_id, is_stored from file_store") == [(identity.in_store, True)]
    assert identify(own) == identity
    require_own(own)


def test_files_of_a_release_before_are_adopted_quietly(own: FolderStore) -> None:
    own.put("avatars/a.webp", CONTENT)
    assert identify(own).is_same
    assert own.get("avatars/a.webp") == CONTENT


def test_a_second_folder_is_another_store_whoever_asks_first(
    own: FolderStore, other: FolderStore
) -> None:
    identify(own)
    assert not identify(other).is_same
    assert not other.folder.exists(), "nothing is written into it"
    with pytest.raises(DifferentStore):
        require_own(other)
    assert identify(own).is_same


def test_a_store_of_another_database_is_not_taken(own: FolderStore) -> None:
    own.put(NAME, b"another one's")
    assert identify(own) == (None, "another one's")
    assert read_rows("select from file_store") == []


def test_a_process_that_died_halfway_leaves_nothing_to_repair(own: FolderStore) -> None:
    db.session.execute(db.text(INSERT.replace("%(store_id)s", "'known'")))
    db.session.commit()
    assert identify(own) == ("known", "known")
    own.delete(NAME)
    db.session.execute(db.text("update file_store set is_stored = false"))
    db.session.commit()
    own.put(NAME, b"known")
    assert identify(own) == ("known", "known")
    assert read_rows("select is_stored from file_store") == [(True,)]


def test_nodes_that_start_at_once_agree_on_a_shared_store(app: Flask, own: FolderStore) -> None:
    found = []
    assert in_threads(app, *[lambda: found.append(identify(own))] * 8) == []
    assert len(found) == 8
    assert set(found) == {identify(own)} and found[0].is_same


def test_of_nodes_with_a_folder_each_that_start_at_once_one_is_right(
    app: Flask, tmp_path: Path
) -> None:
    stores = [FolderStore(tmp_path / str(number)) for number in range(6)]
    found = []

    def ask(store: FolderStore) -> None:
        found.append(identify(store).is_same)

    assert in_threads(app, *(lambda each=each: ask(each) for each in stores)) == []
    assert sorted(found) == [False] * 5 + [True]
    assert sum(identify(store).is_same for store in stores) == 1


def test_readiness_says_which_is_which_and_what_to_do(
    make_app: Any, own: FolderStore, other: FolderStore
) -> None:
    right, wrong = (make_app(MEDIA_DIR=str(store.folder)) for store in (own, other))
    status, body = ready(right)
    assert (status, body["media"]) == (200, "ok") and "detail" not in body
    status, body = ready(wrong)
    assert (status, body["status"], body["media"]) == (503, "unavailable", "different store")
    assert body["detail"] == (
        "The store of files of this process has no id, and the database names the store"
        f" {own.get(NAME).decode()}. {ADVICE}"
    )
    assert ready(right)[0] == 200


def test_a_wrong_store_takes_no_file(use: Any, own: FolderStore, other: FolderStore) -> None:
    identify(own)
    use(other)
    with pytest.raises(Unavailable):
        store_file(CONTENT, "avatars", ".webp")
    assert not other.folder.exists()


@pytest.mark.parametrize("hide", [remove_file, rename_file])
def test_what_is_hidden_at_a_wrong_store_stays_dead_until_the_right_one_follows(
    use: Any, own: FolderStore, other: FolderStore, hide: Any
) -> None:
    identify(own)
    own.put("avatars/a.webp", CONTENT)
    use(other)
    hide("avatars/a.webp")
    db.session.commit()
    assert settle_all(current_store()) == 1
    assert withdrawn_names() == {"avatars/a.webp"}
    assert settle_all(own) == 0
    assert "avatars/a.webp" not in {file.name for file in own.files("avatars")}


class CountingStore(FolderStore):
    """Counts how often its id is read."""

    looks = 0

    def get(self, name: str) -> bytes:
        self.looks += name == NAME
        return super().get(name)


def test_however_many_files_are_withdrawn_the_store_is_looked_at_once(
    app: Flask, tmp_path: Path
) -> None:
    store = CountingStore(tmp_path / "own")
    identify(store)
    names = [f"avatars/{number}.webp" for number in range(7)]
    for name in names:
        store.put(name, CONTENT)
        withdraw(db.session.connection(), name, None)
    db.session.commit()
    store.looks = 0
    assert settle(store, names[0])
    settle_others(store)
    assert store.looks == 1 and list(store.files("avatars")) == []
    assert settle_all(store) == 0 and store.looks == 2


def test_the_upkeep_deletes_nothing_of_another_store(
    app: Flask, use: Any, own: FolderStore, other: FolderStore
) -> None:
    identify(own)
    use(other)
    result = run(app, "clean-media")
    assert result.exit_code == 1 and "flask adopt-media" in result.output


def test_an_adopted_store_is_the_only_one(
    app: Flask, use: Any, own: FolderStore, other: FolderStore
) -> None:
    identify(own)
    use(other)
    result = run(app, "adopt-media")
    assert result.exit_code == 0 and other.get(NAME).decode() in result.output
    assert identify(other).is_same
    assert not identify(own).is_same, "it might still be in use"
    adopt(own)
    assert identify(own).is_same and not identify(other).is_same


def test_a_store_that_refuses_is_not_adopted(app: Flask, use: Any, own: FolderStore) -> None:
    identity = identify(own)
    (own.folder / "file").touch()
    use(FolderStore(own.folder / "file"))
    result = run(app, "adopt-media")
    assert result.exit_code == 1 and "does not answer" in result.output
    assert identify(own) == identity


def test_a_copy_of_the_files_has_their_id(app: Flask, own: FolderStore, other: FolderStore) -> None:
    identify(own)
    command = ["copy-media", f"file://{own.folder}", f"file://{other.folder}", "--quiet"]
    assert run(app, *command, "--dry-run").exit_code == 0
    assert not other.folder.exists()
    assert run(app, *command).exit_code == 0
    assert identify(other).is_same and identify(own).is_same
    other.put(NAME, b"another one's")
    result = run(app, *command)
    assert result.exit_code == 1 and "another installation" in result.output
    with pytest.raises(DifferentStore):
        copy_id(FolderStore(own.folder / "none"), other)
