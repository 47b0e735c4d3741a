"""SQL of the filter index: all public values in chunks, and those of the tutors who changed.

The statements of a chunk answer with rows (field, value, ids, numbers), where `ids` are 32-bit big-endian
integers in one bytea: a thousand times fewer rows than one for each tutor and value.
"""

from marketplace.listing.indexed.filter_index.encoding import SENT_IDS
from profiles.public.models import EMPTY_LAST, REVISION_ROWS

_NO_IDS = "null::bytea"
_NO_NUMBERS = "null::bigint[]"


def _field(name: str, value: str, column: str, source: str) -> str:
    """Rows of one field: the value of each content of a column of `source`, and who has it."""
    return (
        f"select '{name}' as field, ({value})::text as value, {SENT_IDS} as ids, {_NO_NUMBERS} as numbers"
        f" from {source} group by {column}"
    )


_TUTOR_FIELDS = " union all ".join(
    (
        _field("score", "-by_score", "by_score", "tutors"),
        _field("hourly_rate", "hourly_rate", "hourly_rate", "tutors"),
        _field("experience_years", "experience_years", "experience_years", "tutors"),
        _field("has_certifications", "has_certifications", "has_certifications", "tutors"),
        # All of a tutor's in one value.
        _field("languages", "languages", "languages", "tutors"),
    )
)
_RATINGS = _field("rating", f"nullif(by_rating, {EMPTY_LAST})", "by_rating", "ratings")
_SUBJECTS = f"""select 'subject', code, ids, {_NO_NUMBERS} from (
    select subject_id, {SENT_IDS} as ids from postings group by subject_id) taught
    join public_subjects on id = subject_id"""
_COLUMNS = "by_score, tutor_id, hourly_rate, experience_years, languages, has_certifications"


def _last(source: str, *keys: str) -> str:
    """A row with the key that a full chunk ends at; none where it is the last chunk."""
    order = ", ".join(f"{key} desc" for key in keys)
    return (
        f"(select 'last', '', {_NO_IDS}, array[{', '.join(keys)}]::bigint[] from {source}"
        f" where (select count(*) from {source}) = %(size)s order by {order} limit 1)"
    )


def _chunk(name: str, columns: str, table: str, *keys: str) -> str:
    """The next rows along an index that holds all these columns, so that no card is read."""
    order = ", ".join(keys)
    return (
        f"{name} as materialized (select {columns} from {table}"
        f" where ({order}) > (%(after_0)s, %(after_1)s) order by {order} limit %(size)s)"
    )


SLOTS = f"select slot, version, n from {REVISION_ROWS} slots"
TUTORS = (
    f"with {_chunk('tutors', _COLUMNS, 'public_tutors', 'by_score', 'tutor_id')}"
    f" {_TUTOR_FIELDS} union all {_last('tutors', 'by_score', 'tutor_id')}"
)
RATINGS = (
    f"with {_chunk('ratings', 'by_rating, tutor_id', 'public_tutors', 'by_rating', 'tutor_id')}"
    f" {_RATINGS} union all {_last('ratings', 'by_rating', 'tutor_id')}"
)
_POSTED = "tutor_id, subject_id"
POSTINGS = (
    f"with {_chunk('postings', _POSTED, 'public_tutor_subjects', 'tutor_id', 'subject_id')}"
    f" {_SUBJECTS} union all {_last('postings', 'tutor_id', 'subject_id')}"
)

# One statement, so that slots, changes and values are of one snapshot. All is found by keys. Its rows are one
# for each tutor and subject; `numbers` of a tutor begin with TUTOR_NUMBERS, null for one who is not
# listed. `offset 0` has each looked up by key, whatever is thought of their number.
TUTOR_NUMBERS = (
    "-by_score", "hourly_rate", "experience_years", f"nullif(by_rating, {EMPTY_LAST})",
    "has_certifications::int",
)  # fmt: skip
CHANGES = f"""
    with changes as materialized (
        select change.slot, change.version, change.previous, change.n, change.tutor_ids
        from unnest(%(slots)s::smallint[], %(versions)s::bigint[]) as known (slot, version)
        join public_changes change on change.slot = known.slot
            and change.version > known.version and change.version <= known.version + %(most)s
    ), changed as materialized (
        select distinct changed.tutor_id from changes, unnest(tutor_ids) as changed (tutor_id)
    )
    select 'slot', null::text, array[slot, version, n] from {REVISION_ROWS} slots union all
    select case when tutor_ids is null then 'unnamed change' else 'change' end, null,
        array[slot, version, previous, n] from changes union all
    select 'tutor', languages, array[changed.tutor_id, {", ".join(TUTOR_NUMBERS)}]
    from changed left join lateral (
        select {_COLUMNS}, by_rating from public_tutors
        where tutor_id = changed.tutor_id offset 0) tutor on true union all
    select 'subject', code, array[changed.tutor_id] from changed cross join lateral (
        select subject_id from public_tutor_subjects
        where tutor_id = changed.tutor_id offset 0) posting join public_subjects on id = subject_id"""
