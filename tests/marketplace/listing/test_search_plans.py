"""What a search costs the database, in pages of memory touched, among twenty thousand tutors.

The tiers are set small here, so that the last one has as much more than the first as it has in an
installation of a million: what is pinned is that common words never come to it.
"""

import secrets
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from common.database.session import READ_OPTIONS
from common.embedded import ServerUrls
from common.http.pagination import Position
from marketplace.listing.pages import FARTHEST_WALK
from marketplace.listing.query import COUNTED_UP_TO, Filters, TutorQuery
from marketplace.listing.text_search import (
    count_statement,
    finding_statement,
    first_statement,
    gathering_statement,
    relevance_statement,
    walking_statement,
)
from profiles.public.filter_lexemes import price_lexemes
from tests.database import create_database, drop_database

TUTORS = 20_000
LIMIT = 21
SEARCH = 900
# `хімія` is every second tutor's word, every fifth's subject and in every tenth's headline; `львів`
# is every tenth's, `арфа` every thousandth's, `тріо` only of those in the last tier, `удав` only of
# the last of them all. `rare` is a subject of every thousandth, who is dear.
CROWD = f"""
insert into users
    (id, email, email_key, password_hash, role, first_name, last_name, timezone, registered_at)
select i, i || '@example.org', i || '@example.org', '', 'tutor', 'A', 'B', 'UTC', now()
from generate_series(1, {TUTORS}) i;

insert into public_tutors (tutor_id, hourly_rate, experience_years, rating, languages,
    has_certifications, score, registered_us, card, etag)
select i, case when i % 20 = 7 then null else 100 + 10 * ((i * 7919) % 50) end,
    case when i % 10 = 3 then null else (i * 31) % 40 end,
    case when i % 3 = 1 then null else 300 + (i * 17) % 200 end, ',uk', i % 4 = 0,
    {TUTORS} - i, 1700000000000000 + (i * 7919) % 100000, repeat('x', 900), ''
from generate_series(1, {TUTORS}) i;

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


@pytest.fixture(scope="module")
def crowd(servers: ServerUrls, migrated_database: str) -> Iterator[Any]:
    """A cursor in a database of its own."""
    name = f"marketplace_search_{secrets.token_hex(6)}"
    connection = psycopg2.connect(
        create_database(servers.database_url, name, template=migrated_database),
        options=READ_OPTIONS,
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("create temporary table prices (rate int, lexeme text)")
        for rate in range(100, 600, 10):
            (lexeme,) = price_lexemes(rate, rate)
            cursor.execute("insert into prices values (%s, %s)", [rate, lexeme])
        cursor.execute("set synchronous_commit = on")
        cursor.execute(CROWD)
        for table in ("public_tutors", "public_search", "public_tiers"):
            cursor.execute(f"vacuum analyze {table}")
        yield cursor
    connection.close()
    drop_database(servers.database_url, name)


def ask(search: str, **asked: Any) -> TutorQuery:
    ordering = asked.pop("ordering", None)
    return TutorQuery(filters=Filters(**asked), search=search, ordering=ordering)


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes_of(child)


def run(cursor: Any, statement: str, values: dict[str, Any]) -> tuple[int, list[Any]]:
    """The buffers a statement touches, and its rows. It reads no table of tutors whole."""
    cursor.execute(f"explain (analyze, buffers, timing off, format json) {statement}", values)
    plan = cursor.fetchone()[0][0]["Plan"]
    read_whole = [
        node["Relation Name"]
        for node in nodes_of(plan)
        if node["Node Type"] == "Seq Scan" and node["Actual Loops"]
    ]
    assert set(read_whole) <= {"public_tiers", "public_revision"}
    cursor.execute(statement, values)
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], cursor.fetchall()


def relevance(cursor: Any, query: TutorQuery, position: Position | None) -> tuple[int, int, Any]:
    """What one request touches, the count, and the keys of its page."""
    buffers, rows = run(cursor, *relevance_statement(query, position, LIMIT))
    return buffers, rows[0][0], [tuple(key) for _, _, card, *key in rows if card is not None]


# Each step of a range of prices is looked up in every class and tier.
PRICE_RANGE = 5_000
CASES: list[tuple[str, dict[str, Any], int]] = [
    ("хімія", {}, 1001),
    ("хімія арфа", {}, 0),
    ("львів", {}, 1001),
    ("львів арфа", {}, 0),
    ("арфа", {}, 20),
    ("удав", {}, 10),
    ("немає", {}, 0),
    ("х", {}, 1001),
    ("слово1", {}, 1001),
    ("прізвище777", {}, None),
    ("-хімія", {}, 1001),
    ("-хімія -львів", {}, 1001),
    ("-с", {}, 1001),
    ("хімія -арфа", {}, 1001),
    ("хімія", {"subject": ("rare",)}, 20),
    ("хімія", {"subject": ("english", "rare"), "language": ("uk",), "experience_min": 10}, 1001),
    ("-хімія", {"subject": ("rare",)}, 0),
    ("хімія", {"language": ("ja",)}, 0),
]


@pytest.mark.parametrize(("search", "asked", "expected"), CASES)
def test_a_search_is_bounded_whatever_it_finds(
    crowd: Any, search: str, asked: dict[str, Any], expected: int | None
) -> None:
    query = ask(search + (" " if len(search) > 2 and search[-1].isalpha() else ""), **asked)
    buffers, count, keys = relevance(crowd, query, None)
    assert buffers <= SEARCH
    assert expected is None or count == expected
    assert len(keys) == min(count, LIMIT)
    if len(keys) == LIMIT:
        for position in (Position(keys[-2]), Position(keys[-2], backward=True)):
            assert relevance(crowd, query, position)[0] <= SEARCH


def test_a_range_of_prices_is_bounded_too(crowd: Any) -> None:
    for asked in ({"price_min": 590}, {"price_min": 200, "price_max": 300}):
        assert relevance(crowd, ask("хімія ", **asked), None)[0] <= PRICE_RANGE


def test_a_common_word_never_comes_to_the_last_tier(crowd: Any) -> None:
    statement, values = relevance_statement(ask("хімія "), None, LIMIT)
    crowd.execute(f"explain (analyze, format json) {statement}", values)
    visited = [
        node["Relation Name"]
        for node in nodes_of(crowd.fetchone()[0][0]["Plan"])
        if "Relation Name" in node and node["Actual Loops"]
    ]
    assert set(visited) == {
        "public_search_0",
        "public_search_1",
        "public_tutors",
        "public_revision",
    }
    # The second tier is only looked into for the count.
    assert visited.count("public_search_1") == 1


def test_a_word_of_the_last_tier_alone_costs_its_rows_at_most(crowd: Any) -> None:
    (rows,) = run(crowd, "select relpages from pg_class where relname = 'public_search_2'", {})[1]
    buffers, count, _ = relevance(crowd, ask("тріо "), None)
    assert count == COUNTED_UP_TO + 1
    assert buffers <= 2 * rows[0] + SEARCH


@pytest.mark.parametrize("ordering", ["hourly_rate", "-experience_years", "newest"])
@pytest.mark.parametrize("search", ["хімія ", "-хімія"])
def test_common_words_in_another_order_are_met_along_its_index(
    crowd: Any, search: str, ordering: str
) -> None:
    query = ask(search, ordering=ordering)
    ((_, among_best, _),) = run(crowd, *count_statement(query, COUNTED_UP_TO + 1))[1]
    buffers, rows = run(crowd, *walking_statement(query, None, LIMIT, FARTHEST_WALK))
    assert len(rows) == LIMIT
    assert buffers <= 4_000
    gathered = run(crowd, *gathering_statement(query, None, LIMIT))[1]
    assert rows == gathered
    middle = Position(tuple(rows[-1][1:]))
    assert (
        run(crowd, *walking_statement(query, middle, LIMIT, FARTHEST_WALK))[1]
        == run(crowd, *gathering_statement(query, middle, LIMIT))[1]
    )
    assert among_best <= COUNTED_UP_TO + 1


@pytest.mark.parametrize("search", ["арфа ", "удав ", "прізвище777 "])
def test_rare_words_in_another_order_cost_their_matches(crowd: Any, search: str) -> None:
    for ordering in ("hourly_rate", "-rating", "newest"):
        query = ask(search, ordering=ordering)
        assert run(crowd, *gathering_statement(query, None, LIMIT))[0] <= 300


def test_suggestions_and_spellings_are_bounded(crowd: Any) -> None:
    for clause in ("'@п':*", "'#п':*", "'#х':*", "'@немає':*"):
        assert run(crowd, *first_statement(clause, 40))[0] <= 1_200
    words = [ask(f"{word} ").words for word in ("хімія", "львів", "арфа", "немає")]
    buffers, rows = run(crowd, *finding_statement(words, Filters(), 101))
    assert [count for (count,) in rows] == [101, 101, 20, 0]
    assert buffers <= 1_000
