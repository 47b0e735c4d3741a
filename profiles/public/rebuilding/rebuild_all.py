"""Rebuilds all public rows, batch by batch, each in a transaction of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, text

from common.database.session import db
from profiles.public.rebuilding.rebuild import (
    NEW_TUTORS,
    TUTOR_COLUMNS,
    read_profile_values,
    rebuild,
)
from profiles.public.row import public_row

# Small enough that a writer who waits for a batch hardly notices.
BATCH = 200

_WITH_PUBLIC_ROW = """
    from users where (role = 'tutor' or exists (
        select from public_tutors where public_tutors.tutor_id = users.id))"""
COUNT = text(f"select count(*) {_WITH_PUBLIC_ROW}")
# Locked in order, as every writer locks.
NEXT = text(f"""
    select id {_WITH_PUBLIC_ROW} and id > :after order by id limit {BATCH}
    for no key update""")

STORED = text("select tutor_id from public_tutors where tutor_id = any(:ids)")
# Name by name, how the stored rows differ from those they should be.
_DIFFERENT = ", ".join(
    f"case when stored.{name} is distinct from wanted.{name} then '{name}' end"
    for name in TUTOR_COLUMNS
)
DIFFERENCES = text(f"""
    select wanted.tutor_id, stored.card, wanted.card,
        array_remove(array[{_DIFFERENT}], null) as names
    from {NEW_TUTORS} join public_tutors stored on stored.tutor_id = wanted.tutor_id""")


@dataclass(frozen=True)
class Batch:
    """How many tutors were looked at, and what was wrong with whose public row."""

    size: int
    differences: dict[int, list[str]]


def count_public() -> int:
    """How many accounts have or could have a public row."""
    return int(db.session.scalar(COUNT) or 0)


def rebuild_all() -> Iterator[Batch]:
    """Rebuild everything, committing batch by batch."""
    after = 0
    while True:
        db.session.rollback()
        connection = db.session.connection()
        ids = list(connection.scalars(NEXT, {"after": after}))
        if not ids:
            db.session.rollback()
            return
        after = ids[-1]
        found = differences(connection, ids)
        changed = rebuild(connection, ids, thorough=True)
        db.session.commit()
        yield Batch(
            len(ids),
            {each: found.get(each, ["words or subjects"]) for each in sorted(changed)},
        )


def differences(connection: Connection, ids: list[int]) -> dict[int, list[str]]:
    """What is wrong with the public rows of these users, by id; of the card, its fields."""
    rows = [
        row.values
        for profile_values in read_profile_values(connection, ids)
        if (row := public_row(profile_values))
    ]
    listed = {row["tutor_id"] for row in rows}
    stored = set(connection.scalars(STORED, {"ids": ids}))
    found = {each: ["missing"] for each in listed - stored}
    found |= {each: ["should not be public"] for each in stored - listed}
    parameters = {"rows": orjson.dumps(rows).decode()}
    for tutor_id, old, new, names in connection.execute(DIFFERENCES, parameters):
        if names:
            found[tutor_id] = [name for name in names if name != "card"] + _fields(old, new)
    return found


def _fields(old: str, new: str) -> list[str]:
    """The fields in which two cards differ."""
    before, after = orjson.loads(old), orjson.loads(new)
    return [
        f"card.{name}"
        for name in {**before, **after}
        if name not in before or name not in after or before[name] != after[name]
    ]
