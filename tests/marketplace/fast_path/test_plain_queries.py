"""Queries read without webargs have the values that webargs reads, or are left to it."""

from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from flask import Flask, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import fields, post_load, pre_load
from webargs.flaskparser import FlaskParser

from activity.log.schemas import EventQuery
from common.http.parsing.parser import Parser
from common.http.problems.errors import Invalid
from common.http.schemas.base import CachedQuerySchema
from marketplace.facets.schemas import FacetQuerySchema
from marketplace.suggestions.routes import SuggestionQuerySchema
from marketplace.tutors.schemas import TutorQuerySchema
from tests.benchmarks.workloads.distinct import DISTINCT
from tests.marketplace.tutors.test_schemas import MISTAKES

SCHEMAS = (TutorQuerySchema, FacetQuerySchema, EventQuery, SuggestionQuerySchema)
NAMES = sorted({name for schema in SCHEMAS for name in schema().load_fields} | {"page", "Q"})
VALUES = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "1",
            "20",
            "101",
            "-1",
            "true",
            "false",
            "uk",
            "en,pl",
            "UK",
            ",",
            "math, English",
        ]
        + ["rating", "-rating", "settings__hourly_rate", "best", "2026-02-01", "2026-13-01", "a b"]
    ),
    st.integers(-10, 2**33).map(str),
    st.text(max_size=12),
)
QUERIES = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=5)


def read_by_library(app: Flask, schema: CachedQuerySchema, query: str) -> Any:
    """The values, or None where they are refused."""
    with app.test_request_context(query_string=query):
        try:
            return FlaskParser.parse(Parser(), schema, request, location="query")
        except Invalid:
            return None


@pytest.mark.parametrize("kind", SCHEMAS)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(parameters=QUERIES)
def test_both_read_the_same(
    app: Flask, kind: type[CachedQuerySchema], parameters: list[tuple[str, str]]
) -> None:
    schema = kind()
    query = urlencode(parameters, errors="surrogatepass")
    expected = read_by_library(app, schema, query)
    found = schema.values_at_once(query.encode())
    assert found == expected
    assert schema.values_at_once(query.encode()) == expected


@pytest.mark.parametrize(
    "query",
    [
        *(mistake for mistake, _ in MISTAKES),
        "search=%D0",
        "search=%00",
        "search=%ED%A0%BD",
        "search=%d0%bc",
        "search=м",
        "search",
        "&",
        "search=a&",
        "search=a;b",
        "=a",
        "unknown=",
    ],
)
def test_what_is_not_plainly_valid_is_left_to_the_library(query: str) -> None:
    assert TutorQuerySchema().values_at_once(query.encode()) is None


@pytest.mark.parametrize("number", range(len(DISTINCT)))
def test_what_people_ask_is_read_at_once(number: int) -> None:
    for call in DISTINCT[number].calls(None)[:200]:  # type: ignore[arg-type]  # none is asked
        path, _, query = call.path.partition("?")
        schema = FacetQuerySchema() if "facets" in path else TutorQuerySchema()
        assert schema.values_at_once(query.encode()) is not None


@pytest.mark.parametrize("text", ["репетитор математики", "a+b", "50%", "C++", "Zoë", "a&b=c"])
def test_words_are_decoded(text: str) -> None:
    query = TutorQuerySchema().values_at_once(f"search={quote_plus(text)}".encode())
    assert query is not None
    assert query.search == text


def test_a_schema_that_says_more_is_refused() -> None:
    class Changing(CachedQuerySchema):
        @pre_load
        def _change(self, data: Any, **kwargs: Any) -> Any:
            return data

    class Comparing(CachedQuerySchema):
        @post_load(pass_original=True)
        def _compare(self, data: Any, original: Any, **kwargs: Any) -> Any:
            return data

    class Requiring(CachedQuerySchema):
        name = fields.String(required=True)

    class Renaming(CachedQuerySchema):
        name = fields.String(data_key="called")

    for schema in (Changing, Comparing, Requiring, Renaming):
        with pytest.raises(TypeError, match="plain query"):
            schema()
