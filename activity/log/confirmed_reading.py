"""Reads whose first statement asks too whether the caller may act (see `common.http.acting_accounts`)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from common.database.connections.prepared_statements import INDEX_WALK
from common.http.acting_accounts import (
    caller_condition,
    caller_values,
    confirm,
    is_confirmed,
    refuse_unconfirmed,
)

# Runs one statement: `read_rows`, or within the caller's transaction `read_in_session`.
Read = Callable[[str, Mapping[str, Any]], Iterable[Sequence[Any]]]


def confirming(read: Read) -> Read:
    """The same read, whose first statement within a request asks about the caller too.

    Raises UserLookupError, a 401, for one who may not act.
    """

    def run(sql: str, values: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
        if is_confirmed():
            return read(sql, values)
        rows = list(read(_asking(sql, caller_condition()), {**values, **caller_values()}))
        if not rows[0][0]:
            refuse_unconfirmed()
        confirm()
        return [row[2:] for row in rows if row[1]]

    return run


@lru_cache(256)
def _asking(sql: str, condition: str) -> str:
    """The statement with two columns before its own: whether the caller may act, true in each row;
    and whether there is a row at all, as one comes anyway to tell the former."""
    statement = sql.removeprefix(INDEX_WALK)
    prefix = INDEX_WALK if statement is not sql else ""
    return (
        f"{prefix}select caller.may_act, found.* from (select exists (select from users"
        f" where users.id = %(caller_id)s and {condition}) as may_act) caller"
        f" left join lateral (select true, page.* from ({statement}) page) found on caller.may_act"
    )
