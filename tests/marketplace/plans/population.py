"""Twenty thousand tutors for the tests of plans, every value out of the number, so that they are
the same everywhere.

`english` is taught by every second tutor, `math` by every fifth, `rare` by every thousandth, who
is thirty times as expensive as others. The word `хімія` is every second tutor's, every fifth's
subject and in every tenth's headline; `львів` is every tenth's, `арфа` every thousandth's, `тріо`
only of those in the last tier, `удав` only of the last of them all. The tiers are small, so that
the last one has as much more than the first as it has among a million.
"""

from typing import Any

from profiles.public.search.filter_lexemes import price_lexemes

TUTORS = 20_000
TABLES = (
    "public_tutors",
    "public_tutor_subjects",
    "public_subjects",
    "public_search",
    "public_tiers",
)

_TUTORS = f"""
insert into users
    (id, email, email_key, password_hash, role, first_name, last_name, timezone, registered_at)
select i, i || '@example.org', i || '@example.org', '', 'tutor', 'A', 'B', 'UTC', now()
from generate_series(1, {TUTORS}) i;

insert into public_tutors (tutor_id, hourly_rate, experience_years, rating, languages,
    has_certifications, score, registered_us, card, etag)
select i,
    case when i % 20 = 7 then null else 100 + 10 * ((i * 7919) % 50) end
        * case when i % 1000 = 0 then 30 else 1 end,
    case when i % 10 = 3 then null else (i * 31) % 40 end,
    case when i % 3 = 1 then null else 300 + (i * 17) % 200 end,
    case when i % 2500 = 1 then ',ja' when i % 5 = 0 then ',en' else ',uk,en' end,
    i % 4 = 0, {TUTORS} - i, 1700000000000000 + (i * 7919) % 100000, repeat('x', 900), ''
from generate_series(1, {TUTORS}) i;
"""
_SUBJECTS = """
insert into public_subjects (code) values ('english'), ('math'), ('rare');
insert into public_tutor_subjects (tutor_id, subject_id, hourly_rate, experience_years, rating,
    languages, has_certifications, score, registered_us)
select tutor_id, subject.id, hourly_rate, experience_years, rating, languages,
    has_certifications, score, registered_us
from public_tutors join public_subjects subject on
    subject.code = 'english' and tutor_id % 2 = 0
    or subject.code = 'math' and tutor_id % 5 = 0
    or subject.code = 'rare' and tutor_id % 1000 = 0;
"""
_SEARCH = """
insert into public_tiers select tier, by_score, tutor_id
from (values (0, 1000), (1, 6000)) ending (tier, tutor_id) join public_tutors using (tutor_id);

insert into public_search (tutor_id, tier, score, hourly_rate, experience_years, rating,
    registered_us, words)
select i, (i > 1000)::int + (i > 6000)::int, score, hourly_rate, experience_years, rating,
    registered_us, array_to_tsvector(array(select distinct word from unnest(array[
        case when i % 2 = 0 then 'хімія' end, case when i % 5 = 0 then '#хімія' end,
        case when i % 10 = 0 then '$хімія' end,
        case when (i / 10) % 10 = 3 then 'львів' end, case when i % 1000 = 7 then 'арфа' end,
        case when i > 6000 and i % 2 = 1 then 'тріо' end, case when i > 19990 then 'удав' end,
        case when i % 2 = 0 then 's:english' end, case when i % 1000 = 0 then 's:rare' end,
        case when i % 4 = 0 then 'c:1' else 'c:0' end, 'l:uk', 'e:0',
        case when experience_years >= 10 then 'e:10' end,
        (select lexeme from prices where rate = hourly_rate),
        'прізвище' || i, '@прізвище' || i, '$прізвище' || i, '#прізвище' || i
    ] || array(select 'слово' || (i * n) % 5000 from generate_series(1, 80) n)) word
    where word is not null))
from public_tutors, lateral (select tutor_id as i) number;
"""


def store_population(cursor: Any) -> None:
    """Fill an empty, migrated database."""
    cursor.execute("create temporary table prices (rate int, lexeme text)")
    rates = range(100, 600, 10)
    for rate in (*rates, *(30 * rate for rate in rates)):
        (lexeme,) = price_lexemes(rate, rate)
        cursor.execute("insert into prices values (%s, %s)", [rate, lexeme])
    # Rows count as visible to all only once their commit is written.
    cursor.execute("set synchronous_commit = on")
    cursor.execute(_TUTORS + _SUBJECTS + _SEARCH)
    for table in TABLES:
        cursor.execute(f"vacuum analyze {table}")
