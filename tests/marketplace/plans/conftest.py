"""A database of its own for the tests of plans."""

import secrets
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from common.database.connections.prepared_statements import READ_SETTING
from common.embedded import ServerUrls
from tests.database import create_database, drop_database
from tests.marketplace.plans.population import store_population


@pytest.fixture(scope="package")
def population(servers: ServerUrls, migrated_database: str) -> Iterator[Any]:
    """A cursor that plans as the service's connections do."""
    name = f"marketplace_plans_{secrets.token_hex(6)}"
    url = create_database(servers.database_url, name, template=migrated_database)
    connection = psycopg2.connect(url, options=f"-c {READ_SETTING}")
    connection.autocommit = True
    with connection.cursor() as cursor:
        store_population(cursor)
        yield cursor
    connection.close()
    drop_database(servers.database_url, name)
