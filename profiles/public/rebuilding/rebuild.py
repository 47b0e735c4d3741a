"""Rebuilds public rows from what is stored, many tutors in a few statements.

A row that is already as it should be is not written. A change renews the revision, which every
cached answer carries. Callers hold the locks of the tutors' accounts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import bindparam, func, select, text

from common.database.session import Transaction, execute_by_key, write_by_key
from profiles.accounts.models import User
from profiles.models import TutorProfile, UserSettings
from profiles.public.models import PublicTutor, PublicTutorSubject
from profiles.public.privacy import VALUE_COLUMNS, ProfileValues
from profiles.public.revision import renew_revision
from profiles.public.row import PublicRow, public_row
from profiles.public.search.models import PublicSearch
from profiles.public.search.shared_terms import (
    Terms,
    add_terms,
    all_of,
    delete_unused,
    lock_terms,
    read_terms,
    terms_of,
)
from profiles.public.search.tiers import SHARE_ENDS, tier_of


def _written_columns(model: Any) -> dict[str, str]:
    """The columns of a table that are not computed by it, and their types in SQL."""
    columns = model.__table__.columns
    return {column.name: str(column.type) for column in columns if column.computed is None}


TUTOR_COLUMNS = _written_columns(PublicTutor)
POSTING_COLUMNS = _written_columns(PublicTutorSubject)
SEARCH_COLUMNS = _written_columns(PublicSearch)


def _rows_of(columns: Mapping[str, str]) -> str:
    """Rows sent as JSON."""
    kinds = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    return f"json_to_recordset(cast(:rows as json)) as wanted ({kinds})"


NEW_TUTORS = _rows_of(TUTOR_COLUMNS)

PROFILE_VALUES = (
    select(*VALUE_COLUMNS.values())
    .select_from(User)
    .join(TutorProfile, TutorProfile.user_id == User.id)
    .join(UserSettings, UserSettings.user_id == User.id)
)
OF_ACCOUNTS = PROFILE_VALUES.where(User.id == func.any(bindparam("ids")))
# With their public rows, and what these are found by.
WITH_PUBLIC_ROWS = (
    OF_ACCOUNTS.add_columns(
        *(getattr(PublicTutor, name).label(f"stored_{name}") for name in TUTOR_COLUMNS),
        func.tsvector_to_array(PublicSearch.words).label("stored_lexemes"),
    )
    .outerjoin(PublicTutor, PublicTutor.tutor_id == User.id)
    .outerjoin(PublicSearch, PublicSearch.tutor_id == User.id)
)


def _of(alias: str, names: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def _upsert(table: str, key: str, columns: Iterable[str], source: str) -> str:
    """An upsert of the rows of `source` (called `wanted`) that are not in the table as they are."""
    names = list(columns)
    same_key = " and ".join(f"stored.{name} = wanted.{name}" for name in key.split(", "))
    identical = f"({_of('stored', names)}) is not distinct from ({_of('wanted', names)})"
    return f"""
        insert into {table} ({', '.join(names)})
        select {_of('wanted', names)} from {source}
        where not exists (select from {table} stored where {same_key} and {identical})
        order by {_of('wanted', key.split(', '))}
        on conflict ({key}) do update
        set {', '.join(f'{name} = excluded.{name}' for name in names)}
        returning tutor_id"""


UPSERT_TUTORS = text(_upsert("public_tutors", "tutor_id", TUTOR_COLUMNS, NEW_TUTORS))
DELETE_TUTORS = text("delete from public_tutors where tutor_id = any(:ids) returning tutor_id")

# The postings copy what they are ordered and filtered by from the tutor's row just written.
REPLACE_POSTINGS = text(f"""
    with wanted as materialized (
        select tutor.tutor_id, subject.id as subject_id,
            {_of('tutor', (name for name in POSTING_COLUMNS if not name.endswith('_id')))}
        from json_to_recordset(cast(:pairs as json)) as pair (tutor_id int, code text)
        join public_subjects subject on subject.code = pair.code
        join public_tutors tutor on tutor.tutor_id = pair.tutor_id
    ), dropped as (
        delete from public_tutor_subjects stored
        where stored.tutor_id = any(:written) and (stored.tutor_id, stored.subject_id) not in (
            select wanted.tutor_id, wanted.subject_id from wanted)
        returning stored.tutor_id
    ), put as ({_upsert('public_tutor_subjects', 'tutor_id, subject_id', POSTING_COLUMNS, 'wanted')})
    select tutor_id from dropped union select tutor_id from put""")

# Tiers are partitions, so a row that changes tier is moved: an upsert can't do that.
_SENT = {name: kind for name, kind in SEARCH_COLUMNS.items() if name != "tier"}
# A document that stays is not replaced by an equal one, which would be entered into the index of words.
_NEW = {name: f"wanted.{name}" for name in SEARCH_COLUMNS} | {
    "words": "case when stored.words = wanted.words then stored.words else wanted.words end"
}
_FOUND_BY = f"""
    wanted as materialized (
        select wanted.*, {tier_of('wanted')} as tier from {_rows_of(_SENT)})"""
UPSERT_SEARCH = text(f"""
    with {_FOUND_BY}, changed as (
        update public_search stored
        set {', '.join(f'{name} = {value}' for name, value in _NEW.items())}
        from wanted where stored.tutor_id = wanted.tutor_id
            and ({_of('stored', SEARCH_COLUMNS)}) is distinct from ({_of('wanted', SEARCH_COLUMNS)})
        returning stored.tutor_id
    ), added as (
        insert into public_search ({', '.join(SEARCH_COLUMNS)})
        select {_of('wanted', SEARCH_COLUMNS)} from wanted where not exists (
            select from public_search stored where stored.tutor_id = wanted.tutor_id)
        returning tutor_id
    )
    select tutor_id from changed union all select tutor_id from added""")

WRITE_SEARCH = (SHARE_ENDS, UPSERT_SEARCH)


def read_profile_values(connection: Transaction, ids: Collection[int]) -> list[ProfileValues]:
    """The stored values of these tutors; an id of no account, or of no tutor, has no values."""
    found = execute_by_key(connection, {"ids": sorted(ids)}, OF_ACCOUNTS)
    return [dict(zip(VALUE_COLUMNS, row, strict=True)) for row in found]


class Found(NamedTuple):
    """What is stored of an account: its values, its public row as it stands, and what that shows."""

    profile_values: ProfileValues
    stored: tuple[Any, ...]
    lexemes: Sequence[str]

    @property
    def is_public(self) -> bool:
        """Whether there is a public row, be it right or wrong."""
        return any(value is not None for value in self.stored)


def rebuild(
    connection: Transaction,
    ids: Collection[int],
    *,
    erased: Collection[int] = (),
    erased_terms: Terms = Terms(),
    thorough: bool = False,
) -> set[int]:
    """Make the public rows of these users what they should be; returns the ids that changed.

    A row that stands as it should is taken to have its subjects too, unless `thorough`. `erased`
    are accounts deleted together with their public row, unless a savepoint brought them back, and
    `erased_terms` what these rows showed. In a short transaction, statements are left to be sent with
    its commit.
    """
    found = _find(connection, ids)
    rows = [(row, each) for each in found if (row := public_row(each.profile_values))]
    different = [(row, each) for row, each in rows if _values(row) != each.stored]
    written = rows if thorough else different
    listed = {row.values["tutor_id"] for row, _ in rows}
    unlisted = (
        set(ids) - listed - {each.profile_values["id"] for each in found if not each.is_public}
    )
    changed = {row.values["tutor_id"] for row, _ in different}
    changed |= set(erased) - {each.profile_values["id"] for each in found}
    before = erased_terms | read_terms(connection, unlisted)
    before |= all_of(terms_of(each.lexemes) for _, each in written)
    after = all_of(row.terms for row, _ in written)
    added, removed = after if thorough else after - before, before - after
    changed |= _delete(connection, unlisted)
    lock_terms(connection, added, removed)
    add_terms(connection, added)
    changed |= _write(connection, [row for row, _ in written], thorough)
    delete_unused(connection, removed)
    renew_revision(connection, changed)
    return changed


def _find(connection: Transaction, ids: Collection[int]) -> list[Found]:
    """What is stored of these users; an id of no account, or of no tutor, is left out."""
    names, end = list(VALUE_COLUMNS), len(VALUE_COLUMNS)
    return [
        Found(dict(zip(names, row[:end], strict=True)), row[end:-1], row[-1] or ())
        for row in execute_by_key(connection, {"ids": sorted(ids)}, WITH_PUBLIC_ROWS)
    ]


def _values(row: PublicRow) -> tuple[Any, ...]:
    """As `Found.stored` has them."""
    return tuple([row.values[name] for name in TUTOR_COLUMNS])


def _delete(connection: Transaction, ids: set[int]) -> set[int]:
    """Delete the rows of the unlisted; a cascade deletes their postings."""
    if not ids:
        return set()
    return _ids(execute_by_key(connection, {"ids": sorted(ids)}, DELETE_TUTORS))


def _write(connection: Transaction, rows: list[PublicRow], thorough: bool) -> set[int]:
    """Write rows where they differ from what is stored. If `thorough`, the ids of those whose search row
    or postings did."""
    if not rows:
        return set()
    # The search row and the postings refer to the tutor's row.
    write_by_key(connection, _tutor_values(rows), UPSERT_TUTORS)
    search, postings = _search_values(rows), _posting_values(rows)
    if thorough:
        return _ids(execute_by_key(connection, search, *WRITE_SEARCH)) | _ids(
            execute_by_key(connection, postings, REPLACE_POSTINGS)
        )
    write_by_key(connection, search | postings, *WRITE_SEARCH, REPLACE_POSTINGS)
    return set()


def _ids(rows: Iterable[tuple[Any, ...]]) -> set[int]:
    return {tutor_id for (tutor_id,) in rows}


def _tutor_values(rows: list[PublicRow]) -> dict[str, Any]:
    """The values of UPSERT_TUTORS."""
    return {"rows": orjson.dumps([row.values for row in rows]).decode()}


def _search_values(rows: list[PublicRow]) -> dict[str, Any]:
    """The values of WRITE_SEARCH, which writes the search rows of these tutors, each in its tier."""
    return {"rows": orjson.dumps([row.search for row in rows]).decode()}


def _posting_values(rows: list[PublicRow]) -> dict[str, Any]:
    """The values of REPLACE_POSTINGS, which writes these tutors' rows per subject, and deletes those of
    other subjects."""
    pairs = [
        {"tutor_id": row.values["tutor_id"], "code": code}
        for row in rows
        for code in row.subject_codes
    ]
    written = sorted(row.values["tutor_id"] for row in rows)
    return {"pairs": orjson.dumps(pairs).decode(), "written": written}
