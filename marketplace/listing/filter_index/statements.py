"""SQL of the filter index: all public values in chunks, and those of the tutors who changed.

Each statement answers with rows (field, value, ids, numbers), where `ids` are 32-bit big-endian
integers in one bytea: a thousand times fewer rows than one for each tutor and value.
"""

from profiles.public.models import EMPTY_LAST, REVISION_ROWS

_IDS = "string_agg(int4send(tutor_id), ''::bytea order by tutor_id)"
_NO_IDS = "null::bytea"
_NO_NUMBERS = "null::bigint[]"


def _field(name: str, value: str, source: str) -> str:
    """Rows of one field: each of its values in `source`, and who has it."""
    return (
        f"select '{name}' as field, {value} as value, {_IDS} as ids, {_NO_NUMBERS} as numbers"
        f" from {source} group by 2"
    )


_SPOKEN = """(select tutor_id, code from tutors, unnest(string_to_array(languages, ',')) as code
    where code <> '') spoken"""
_TUTOR_FIELDS = " union all ".join(
    (
        _field("listed", "'true'", "tutors"),
        _field("score", "(-by_score)::text", "tutors"),
        _field("hourly_rate", "hourly_rate::text", "tutors"),
        _field("experience_years", "experience_years::text", "tutors"),
        _field("has_certifications", "has_certifications::text", "tutors"),
        _field("languages", "code", _SPOKEN),
    )
)
_RATINGS = _field("rating", f"nullif(by_rating, {EMPTY_LAST})::text", "ratings")
_SUBJECTS = """select 'subject', code, ids, null::bigint[] from (
    select subject_id, string_agg(int4send(tutor_id), ''::bytea order by tutor_id) as ids
    from postings group by subject_id) taught join public_subjects on id = subject_id"""
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

# One statement, so that slots, changes and values are of one snapshot. `offset 0` has each tutor
# looked up by key, whatever is thought of their number.
CHANGES = f"""
    with known as (
        select * from unnest(%(slots)s::smallint[], %(versions)s::bigint[]) as known (slot, version)
    ), changes as materialized (
        select change.slot, change.version, change.previous, change.n, change.tutor_ids
        from known join public_changes change on change.slot = known.slot
            and change.version > known.version and change.version <= known.version + %(most)s
    ), changed as materialized (
        select distinct tutor_id from changes, unnest(tutor_ids) as tutor_id
    ), tutors as materialized (
        select tutor.* from changed cross join lateral (
            select {_COLUMNS}, by_rating from public_tutors
            where tutor_id = changed.tutor_id offset 0) tutor
    ), ratings as (
        select by_rating, tutor_id from tutors
    ), postings as materialized (
        select posting.* from changed cross join lateral (
            select tutor_id, subject_id from public_tutor_subjects
            where tutor_id = changed.tutor_id offset 0) posting
    )
    {_TUTOR_FIELDS} union all {_RATINGS} union all {_SUBJECTS} union all
    select 'slot', '', {_NO_IDS}, array[slot, version, n] from {REVISION_ROWS} slots union all
    select case when tutor_ids is null then 'unnamed change' else 'change' end, '', {_NO_IDS},
        array[slot, version, previous, n] from changes union all
    select 'changed', '', {_IDS}, {_NO_NUMBERS} from changed"""
