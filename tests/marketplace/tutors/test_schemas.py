"""What may be asked of the list, and how a mistake is answered."""

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.listing.query import Filters, TutorQuery
from marketplace.tutors.schemas import TutorQuerySchema
from tests.marketplace.list_requests import ADDRESS

MISTAKES: list[tuple[str, str]] = [
    ("search=" + "a" * 101, "search"),
    ("q=" + quote("я" * 101), "q"),
    ("search=one&q=two", "q"),
    ("query=one&q=two", "q"),
    ("search=one&search=one", "search"),
    ("search=%00", "search"),
    ("subject=" + "a" * 101, "subject"),
    ("subject=" + ",".join(f"s{number}" for number in range(21)), "subject"),
    ("price_min=-1", "price_min"),
    ("price_min=1.5", "price_min"),
    ("price_min=1e3", "price_min"),
    ("price_min=1_0", "price_min"),
    ("price_min=%D9%A3", "price_min"),
    ("price_min=%205", "price_min"),
    ("price_max=2147483648", "price_max"),
    ("price_max=99999999999999999999", "price_max"),
    ("price_min=2&price_max=1", "price_min"),
    ("experience_min=-1", "experience_min"),
    ("experience_min=ten", "experience_min"),
    ("language=ukr", "language"),
    ("language=qq", "language"),
    ("language=u%D0%BA", "language"),
    ("has_certifications=1", "has_certifications"),
    ("has_certifications=yes", "has_certifications"),
    ("ordering=email", "ordering"),
    ("ordering=best", "ordering"),
    ("ordering=-newest", "ordering"),
    ("ordering=rating,hourly_rate", "ordering"),
    ("ordering=rating&ordering=newest", "ordering"),
    ("page_size=0", "page_size"),
    ("page_size=101", "page_size"),
    ("page_size=-20", "page_size"),
    ("page_size=abc", "page_size"),
    ("page=2", "page"),
    ("limit=5", "limit"),
    ("show_email_publicly=true", "show_email_publicly"),
    ("price__gte=5", "price__gte"),
    ("price_min[]=5", "price_min[]"),
]


@pytest.mark.parametrize(("mistake", "field"), MISTAKES)
def test_a_mistake_is_a_422_that_names_its_field(
    app: Flask, client: FlaskClient, mistake: str, field: str
) -> None:
    answer = client.get(f"{ADDRESS}?{mistake}")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert field in answer.json["errors"]["query"]
    assert answer.json["detail"].startswith(field)


@pytest.mark.parametrize(
    ("mistakes", "fields"),
    [
        ("price_min=2&price_max=1&page_size=0", {"price_min", "page_size"}),
        ("price_min=2&price_max=1&language=xyz", {"price_min", "language"}),
        ("search=a&q=b&query=c", {"query", "q"}),
        ("search=a&q=b&price_min=2&price_max=1&ordering=best", {"q", "price_min", "ordering"}),
        ("price_min=x&price_max=1", {"price_min"}),
    ],
)
def test_one_answer_names_every_mistake(
    client: FlaskClient, mistakes: str, fields: set[str]
) -> None:
    answer = client.get(f"{ADDRESS}?{mistakes}")
    assert answer.status_code == 422
    assert set(answer.json["errors"]["query"]) == fields


@pytest.mark.parametrize(
    ("query_string", "meaning"),
    [
        ({}, TutorQuery()),
        ({"search": "  "}, TutorQuery()),
        ({"search": " нмт "}, TutorQuery(search="нмт")),
        ({"q": "нмт"}, TutorQuery(search="нмт")),
        ({"q": "нмт ", "search": "нмт"}, TutorQuery(search="нмт")),
        ({"ordering": "settings__hourly_rate"}, TutorQuery(ordering="hourly_rate")),
        ({"subject": ["maths, English", "математика"]}, TutorQuery(Filters(("english", "math")))),
        ({"subject": [","]}, TutorQuery()),
        ({"language": ["UK,pl"]}, TutorQuery(Filters(language=("pl", "uk")))),
        ({"price_min": "5", "price_max": "5"}, TutorQuery(Filters(price_min=5, price_max=5))),
        ({"has_certifications": "false"}, TutorQuery(Filters(has_certifications=False))),
    ],
)
def test_parameters_become_typed_values(query_string: dict[str, Any], meaning: TutorQuery) -> None:
    assert TutorQuerySchema().load(query_string) == meaning


def test_a_query_string_is_read_once_and_a_mistake_every_time(
    app: Flask, client: FlaskClient
) -> None:
    for _ in range(2):
        assert client.get(f"{ADDRESS}?price_min=7").status_code == 200
        assert client.get(f"{ADDRESS}?price_min=x").status_code == 422


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from(
            ["search", "q", "subject", "price_min", "price_max", "language", "ordering", "cursor"]
        ),
        st.one_of(
            st.text(max_size=60),
            st.text(alphabet="'\"-:*&|!()<> \\%абв+#.", max_size=60),
            st.integers().map(str),
        ),
        max_size=4,
    )
)
def test_no_parameter_makes_the_server_fail(
    app: Flask, client: FlaskClient, parameters: dict[str, str]
) -> None:
    query = "&".join(
        f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}"
        for name, value in parameters.items()
    )
    answer = client.get(f"{ADDRESS}?{query}")
    assert answer.status_code in {200, 400, 422}
    if answer.status_code != 200:
        assert answer.json["detail"]


def test_a_search_of_ten_thousand_characters_is_refused_unread(
    app: Flask, client: FlaskClient
) -> None:
    assert client.get(ADDRESS, query_string={"search": "a " * 5000}).status_code == 422
