"""A real PostgreSQL to ask whether a document matches a query."""

from collections.abc import Callable, Iterator

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor

from common.embedded import ServerUrls
from common.text import TsvectorBuilder, parse_query, to_tsquery_text

Finds = Callable[[str, str], bool]


@pytest.fixture(scope="session")
def postgres(servers: ServerUrls) -> Iterator[Cursor]:
    connection = psycopg2.connect(servers.database_url)
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="session")
def finds(postgres: Cursor) -> Finds:
    """`finds(query, document)`: whether somebody who types the query finds the document."""

    def ask(query: str, document: str) -> bool:
        tsquery = to_tsquery_text(parse_query(query))
        postgres.execute(
            "select %s::tsvector @@ %s::tsquery",
            [TsvectorBuilder().add(document).text(), tsquery],
        )
        [(answer,)] = postgres.fetchall()
        return bool(answer)

    return ask
