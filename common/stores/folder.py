"""Files in a folder of this machine."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from common.stores.store import StoredFile

UNFINISHED = ".part"


class FolderStore:
    """The files below `folder`, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, content: bytes) -> None:
        path = self.folder / name
        part = path.with_suffix(UNFINISHED)
        try:
            _make_private(self.folder)
            path.parent.mkdir(exist_ok=True)
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
        except OSError:
            # What has been under the name before stays.
            _try_to_delete(part)
            raise
        try:
            _sync_folder(path.parent)
        except OSError:
            _try_to_delete(path)
            raise

    def get(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def delete(self, name: str) -> None:
        with suppress(NotADirectoryError):
            (self.folder / name).unlink(missing_ok=True)

    def files(self, folder: str) -> Iterator[StoredFile]:
        with suppress(FileNotFoundError), os.scandir(self.folder / folder) as entries:
            for entry in entries:
                if entry.is_file():
                    facts = entry.stat()
                    yield StoredFile(f"{folder}/{entry.name}", facts.st_size, facts.st_mtime)

    def state(self) -> str:
        """Whether files can be stored: in the folder, or where it will be made with the first one."""
        folder = self.folder
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        is_writable = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
        return "ok" if is_writable else "not writable"


def _make_private(folder: Path) -> None:
    """Make the folder, for this account alone; one that exists keeps the rights it has."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def _try_to_delete(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the folder's entries durable (fsync of the directory)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
