import random
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.marketplace.crowd import (
    ORDERINGS,
    expected_ids,
    make_crowd,
    parameters,
    random_query,
    store_crowd,
)

ADDRESS = "/api/marketplace/tutors/"


def get_page(client: FlaskClient, **asked: Any) -> dict[str, Any]:
    answer = client.get(ADDRESS, query_string=parameters(asked))
    assert answer.status_code == 200, answer.json
    page: dict[str, Any] = answer.json
    return page


def ids_of(page: dict[str, Any]) -> list[int]:
    return [card["id"] for card in page["results"]]


def walk(client: FlaskClient, direction: str, address: str) -> list[dict[str, Any]]:
    """Every page from an address on, following `next` or `previous`."""
    pages = []
    url: str | None = address
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.json
        pages.append(answer.json)
        url = pages[-1][direction]
    return pages


@pytest.mark.parametrize("seed", range(12))
def test_any_filters_in_any_order_give_what_plain_python_gives(
    app: Any, client: FlaskClient, seed: int
) -> None:
    crowd = make_crowd(60, seed)
    store_crowd(crowd)
    chance = random.Random(seed)
    for _ in range(12):
        asked = random_query(chance)
        page = get_page(client, **asked, page_size=100)
        expected = expected_ids(crowd, **asked)
        assert (asked, ids_of(page)) == (asked, expected)
        assert (page["count"], page["count_capped"]) == (len(expected), False)
