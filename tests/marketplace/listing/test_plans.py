"""What a page costs the database, in pages of memory touched, among twenty thousand tutors.

The bounds hold at any size: each is a few index pages, twenty-one rows by primary key, and at
worst one walk along one index.
"""

import secrets
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from common.database.session import READ_OPTIONS
from common.embedded import ServerUrls
from common.http.pagination import Position
from marketplace.listing.filters import source_of
from marketplace.listing.pages import page_statement
from marketplace.listing.query import ORDERINGS, Filters, TutorQuery
from marketplace.similar import LATER_EVENTS_CHECKED, MOST_SIMILAR, READ_SIMILAR
from tests.database import create_database, drop_database

TUTORS = 20_000
SMALL = {"public_subjects", "public_revision"}
LIMIT = 21

# Every value out of the number, so that the crowd is the same everywhere. `english` is taught by
# every second tutor, `math` by every fifth, `rare` by every thousandth, and rare subjects are
# three times as dear as the dearest other.
CROWD = f"""
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
    i % 4 = 0, (i * 37) % 180, 1700000000000000 + i, repeat('x', 900), ''
from generate_series(1, {TUTORS}) i;

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


@pytest.fixture(scope="module")
def crowd(servers: ServerUrls, migrated_database: str) -> Iterator[Any]:
    """A cursor in a database of its own."""
    name = f"marketplace_plans_{secrets.token_hex(6)}"
    connection = psycopg2.connect(
        create_database(servers.database_url, name, template=migrated_database),
        options=READ_OPTIONS,
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        # Rows count as visible to all only once their commit is written.
        cursor.execute("set synchronous_commit = on")
        cursor.execute(CROWD)
        for table in ("public_tutors", "public_tutor_subjects", "public_subjects"):
            cursor.execute(f"vacuum analyze {table}")
        yield cursor
    connection.close()
    drop_database(servers.database_url, name)


def ask(**asked: Any) -> TutorQuery:
    ordering = asked.pop("ordering", None)
    return TutorQuery(filters=Filters(**asked), ordering=ordering)


class Cost:
    """What a page takes: buffers touched, rows visited outside of indexes, tables read whole."""

    def __init__(self, cursor: Any, query: TutorQuery, position: Position | None) -> None:
        statement, values = page_statement(query, position, LIMIT)
        self._explain(cursor, statement, values)
        cursor.execute(statement, values)
        rows = cursor.fetchall()
        self.count = rows[0][0]
        self.keys = [tuple(row[3:]) for row in rows if row[2] is not None]

    @classmethod
    def of(cls, cursor: Any, statement: str, values: dict[str, Any]) -> "Cost":
        """What any statement takes."""
        cost = cls.__new__(cls)
        cost._explain(cursor, statement, values)
        return cost

    def _explain(self, cursor: Any, statement: str, values: dict[str, Any]) -> None:
        cursor.execute(f"explain (analyze, buffers, timing off, format json) {statement}", values)
        plan = cursor.fetchone()[0][0]["Plan"]
        self.buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        nodes = list(self._nodes(plan))
        self.heap_fetches = sum(node.get("Heap Fetches", 0) for node in nodes)
        self.read_whole = [
            node["Relation Name"]
            for node in nodes
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] not in SMALL
        ]

    def _nodes(self, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield node
        for child in node.get("Plans", ()):
            yield from self._nodes(child)


def middle_of(cursor: Any, query: TutorQuery) -> Position:
    """A place half way down the list."""
    source = source_of(query)
    keys = ", ".join(source.keys)
    matching = f"{source.walk(keys, str(TUTORS))} everybody"
    cursor.execute(
        f"select {keys} from {matching} order by {keys}"
        f" offset (select count(*) / 2 from {matching}) limit 1",
        source.values,
    )
    return Position(tuple(cursor.fetchone()))


COMMON = 120
# Every index of all tutors has about a hundred and fifty pages here, that of a subject its share.
ONE_WALK = 260
CASES: list[tuple[dict[str, Any], int]] = [
    ({}, COMMON),
    ({"subject": ("english",)}, COMMON),
    ({"subject": ("rare",)}, COMMON),
    ({"subject": ("nobody's",)}, 8),
    ({"subject": ("english", "math", "rare")}, COMMON),
    ({"subject": ("english", "math"), "language": ("uk",), "experience_min": 5}, 160),
    ({"language": ("uk",), "has_certifications": True}, COMMON),
    ({"experience_min": 20, "price_max": 300, "language": ("uk", "en")}, 140),
    # Whoever teaches it costs more than this: nobody matches, in one subject's few entries.
    ({"subject": ("rare",), "price_max": 600}, 8),
    ({"subject": ("english",), "price_max": 110, "experience_min": 30}, ONE_WALK),
    ({"language": ("ja",)}, ONE_WALK),
    ({"price_min": 90_000}, ONE_WALK),
    ({"subject": ("english",), "price_min": 90_000}, ONE_WALK),
]


@pytest.mark.parametrize("ordering", [None, *(name for name in ORDERINGS if name != "best")])
@pytest.mark.parametrize(("asked", "bound"), CASES)
def test_a_page_is_a_walk_along_an_index_however_deep(
    crowd: Any, asked: dict[str, Any], bound: int, ordering: str | None
) -> None:
    query = ask(**asked, ordering=ordering)
    first = Cost(crowd, query, None)
    assert (first.read_whole, first.heap_fetches) == ([], 0)
    assert first.buffers <= bound
    if not first.keys:
        return
    middle = middle_of(crowd, query)
    for position in (middle, Position(middle.key, backward=True)):
        deep = Cost(crowd, query, position)
        assert (deep.read_whole, deep.heap_fetches) == ([], 0)
        assert deep.count == first.count
        assert deep.buffers <= bound + COMMON // 2


@pytest.mark.parametrize("ordering", ["hourly_rate", "-hourly_rate"])
def test_a_range_of_the_ordering_itself_is_entered_where_it_begins(
    crowd: Any, ordering: str
) -> None:
    for asked in ({"price_min": 90_000}, {"price_min": 3001, "price_max": 3009}):
        assert Cost(crowd, ask(**asked, ordering=ordering), None).buffers < 10
    assert Cost(crowd, ask(price_min=400, ordering=ordering), None).buffers <= COMMON


@pytest.mark.parametrize("tutor_id", [2, 10, 1000, 2001])
def test_the_similar_of_a_tutor_are_a_few_entries_of_each_subject_s_index(
    crowd: Any, tutor_id: int
) -> None:
    values = {"tutor_id": tutor_id, "neighbours": LATER_EVENTS_CHECKED, "limit": MOST_SIMILAR}
    cost = Cost.of(crowd, READ_SIMILAR, values)
    assert cost.read_whole == []
    assert cost.buffers <= 400
