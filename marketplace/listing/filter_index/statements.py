"""SQL of the filter index: all public values in chunks, and those of the tutors who changed.

Each statement answers with rows (field, value, ids, numbers), where `ids` are 32-bit big-endian
integers in one bytea: a thousand times fewer rows than one for each tutor and value.
"""

_IDS = "string_agg(int4send(tutor_id), ''::bytea order by tutor_id)"
_NO_IDS = "null::bytea"
_NO_NUMBERS = "null::bigint[]"


def _field(name: str, value: str, source: str, condition: str = "true") -> str:
    """Rows of one field: each of its values in `source`, and who has it."""
    return (
        f"select '{name}' as field, {value} as value, {_IDS} as ids, {_NO_NUMBERS} as numbers"
        f" from {source} where {condition} group by 2"
    )


_LANGUAGES = "(select tutor_id, unnest(string_to_array(languages, ',')) as code from tutors) spoken"
_TUTOR_FIELDS = " union all ".join(
    (
        _field("listed", "'true'", "tutors"),
        _field("hourly_rate", "hourly_rate::text", "tutors", "hourly_rate is not null"),
        _field(
            "experience_years", "experience_years::text", "tutors", "experience_years is not null"
        ),
        _field("languages", "code", _LANGUAGES, "code <> ''"),
        _field("has_certifications", "has_certifications::text", "tutors"),
    )
)
_SUBJECTS = """select 'subject', code, ids, null::bigint[] from (
    select subject_id, string_agg(int4send(tutor_id), ''::bytea order by tutor_id) as ids
    from postings group by subject_id) taught join public_subjects on id = subject_id"""
_COLUMNS = "tutor_id, hourly_rate, experience_years, languages, has_certifications"

SLOTS = "select slot, version, n from public_revision"
# In an index that holds all of these columns, so that no card is read. `last` is where the next
# chunk begins; it is absent where there are no more.
TUTORS = f"""
    with tutors as materialized (
        select by_score, {_COLUMNS} from public_tutors
        where (by_score, tutor_id) > (%(after_0)s, %(after_1)s)
        order by by_score, tutor_id limit %(size)s)
    {_TUTOR_FIELDS} union all
    (select 'last', '', {_NO_IDS}, array[by_score, tutor_id] from tutors
    where (select count(*) from tutors) = %(size)s
    order by by_score desc, tutor_id desc limit 1)"""
POSTINGS = f"""
    with postings as materialized (
        select tutor_id, subject_id from public_tutor_subjects
        where (tutor_id, subject_id) > (%(after_0)s, %(after_1)s)
        order by tutor_id, subject_id limit %(size)s)
    {_SUBJECTS} union all
    (select 'last', '', {_NO_IDS}, array[tutor_id, subject_id] from postings
    where (select count(*) from postings) = %(size)s
    order by tutor_id desc, subject_id desc limit 1)"""

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
            select {_COLUMNS} from public_tutors where tutor_id = changed.tutor_id offset 0) tutor
    ), postings as materialized (
        select posting.* from changed cross join lateral (
            select tutor_id, subject_id from public_tutor_subjects
            where tutor_id = changed.tutor_id offset 0) posting
    )
    {_TUTOR_FIELDS} union all {_SUBJECTS} union all
    select 'slot', '', {_NO_IDS}, array[slot, version, n] from public_revision union all
    select case when tutor_ids is null then 'unnamed change' else 'change' end, '', {_NO_IDS},
        array[slot, version, previous, n] from changes union all
    select 'changed', '', {_IDS}, {_NO_NUMBERS} from changed"""
