"""What every store of files does. A file is written once under its name and never changed."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol


class StoredFile(NamedTuple):
    """A file in a list: its size in bytes, and when it was written, in seconds since 1970."""

    name: str
    size: int
    written_at: float


class Store(Protocol):
    """Files by name, such as `avatars/x.webp`. Each method raises OSError while the store refuses."""

    def put(self, name: str, content: bytes) -> None:
        """Store the whole file durably, or nothing of it."""

    def get(self, name: str) -> bytes:
        """The file's content. Raises FileNotFoundError when there is none."""

    def delete(self, name: str) -> None:
        """Remove the file, if there is one."""

    def files(self, folder: str) -> Iterator[StoredFile]:
        """The files of a folder, in no order; what a killed process has left unfinished is among them."""

    def state(self) -> str:
        """`ok`, or in two words why files can't be stored."""
