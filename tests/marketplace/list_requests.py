"""The list as a visitor reads it."""

from typing import Any

from flask.testing import FlaskClient

from tests.marketplace.generated_tutors import parameters

ADDRESS = "/api/marketplace/tutors/"

Page = dict[str, Any]


def get_page(client: FlaskClient, **query: Any) -> Page:
    return follow(client, ADDRESS, **query)


def follow(client: FlaskClient, url: str, **query: Any) -> Page:
    answer = client.get(url, query_string=parameters(query) or None)
    assert answer.status_code == 200, answer.json
    page: Page = answer.json
    return page


def ids_of(page: Page) -> list[int]:
    return [card["id"] for card in page["results"]]


def get_ids(client: FlaskClient, **query: Any) -> list[int]:
    return ids_of(get_page(client, **query))


def walk(client: FlaskClient, page: Page, direction: str = "next") -> list[Page]:
    """A page and all that follow in a direction."""
    pages = [page]
    while url := pages[-1][direction]:
        pages.append(follow(client, url))
    return pages


def all_ids(pages: list[Page]) -> list[int]:
    return [tutor_id for page in pages for tutor_id in ids_of(page)]
