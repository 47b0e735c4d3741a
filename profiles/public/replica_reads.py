"""Public rows read at a replica, where its snapshot has the very revision that the primary had when
the request was being answered.

A hidden value is gone with the commit, for the next request of anybody: so a replica's rows count
only where the revision in the same snapshot equals the primary's. No revision ever returns, so an
equal one stands for equal rows, whatever has become of the replica in between.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from common.database.connections.prepared_statements import READ_PLANS
from common.database.replicas import PUBLIC, read_if_same, replicas
from common.database.session import read_rows
from profiles.public.models import REVISION, read_revision

Rows = list[tuple[Any, ...]]


class _Scope:
    """The public reads of one request. One that the primary has answered is followed by no other
    of a replica, so that what a request reads only becomes newer."""

    def __init__(self, revision: int | None) -> None:
        self._revision = revision
        self.is_open = True

    def revision(self) -> int:
        """The primary's, as it was or is while the request is answered. Raises psycopg2.Error."""
        if self._revision is None:
            self._revision = read_revision()
        return self._revision


_scope: ContextVar[_Scope | None] = ContextVar("public_reads", default=None)


@contextmanager
def at_replicas(revision: int | None) -> Iterator[None]:
    """Let `read_public_rows` ask replicas in here: for the answer to one request.

    `revision` is the primary's, where it was read since the request began.
    """
    if not replicas():
        yield
        return
    token = _scope.set(_Scope(revision))
    try:
        yield
    finally:
        _scope.reset(token)


def expected_revision() -> int | None:
    """The revision that replicas are asked for; None where none is asked. Raises psycopg2.Error."""
    scope = _scope.get()
    return scope.revision() if scope is not None and scope.is_open else None


def stay_at_primary() -> None:
    """Ask no replica for the rest of the request."""
    scope = _scope.get()
    if scope is not None:
        scope.is_open = False


def read_public_rows(
    sql: str, values: Mapping[str, Any] | None = None, plans: str = READ_PLANS
) -> Rows:
    """All rows of one statement that reads public rows alone. Raises psycopg2.Error.

    At a replica within `at_replicas`, if one has the revision; else at the primary, planned as `plans` says.
    """
    scope = _scope.get()
    if scope is not None and scope.is_open:
        rows = read_if_same(PUBLIC, sql, values or {}, REVISION, scope.revision)
        if rows is not None:
            return rows
        scope.is_open = False
    return read_rows(sql, values, plans)
