"""Tutors like one tutor: they share subjects and cost about as much.

Bounded however many tutors there are: of each subject the nearest in price on either side and the best
profiles are looked at, each a few entries of one index.
"""

from common.database.connections.connection import AS_BYTES

MOST_SIMILAR = 6
NEIGHBOURS = 8

# The index's own order decides between equal prices, so the answer is one and the same each time.
_SIDE = """
    (select posting.tutor_id from public_tutor_subjects posting
     where posting.subject_id = mine.subject_id
        and (posting.{key}, posting.tutor_id) {side} (mine.{key}, mine.tutor_id)
     order by posting.{key} {order}, posting.tutor_id {order} limit %(neighbours)s)"""
_BEST = """
    (select posting.tutor_id from public_tutor_subjects posting
     where posting.subject_id = mine.subject_id
     order by posting.by_score, posting.tutor_id limit %(neighbours)s)"""

# Shared subjects first, then the price (a price unknown on either side is no nearer than any),
# then the better profile.
READ_SIMILAR = f"""
    with mine as materialized (
        select tutor_id, subject_id, by_rate from public_tutor_subjects
        where tutor_id = %(tutor_id)s
    ), near as materialized (
        select distinct candidate.tutor_id from mine cross join lateral (
            {_SIDE.format(key='by_rate', side='>', order='asc')}
            union all {_SIDE.format(key='by_rate', side='<', order='desc')}
            union all {_BEST}
        ) candidate
        where candidate.tutor_id <> %(tutor_id)s
    ), shared as (
        select near.tutor_id, count(*) as subjects
        from near join public_tutor_subjects posting on posting.tutor_id = near.tutor_id
        where posting.subject_id in (select subject_id from mine)
        group by near.tutor_id
    )
    select tutor.card::{AS_BYTES} from shared join public_tutors tutor on tutor.tutor_id = shared.tutor_id
    cross join (select hourly_rate from public_tutors where tutor_id = %(tutor_id)s) target
    order by shared.subjects desc, abs(tutor.hourly_rate - target.hourly_rate) nulls last,
        tutor.by_score, tutor.tutor_id
    limit %(limit)s
"""
