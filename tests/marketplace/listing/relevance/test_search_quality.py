"""People find whom they mean, in the order they mean; docs/search-quality.md tells how well.

`make search-quality` writes the page.
"""

import os

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.marketplace.listing.relevance.judgements import read_corpora
from tests.marketplace.listing.relevance.measures import measure
from tests.marketplace.listing.relevance.page import COMMAND, PAGE, page, summary
from tests.marketplace.listing.relevance.searches import worst_results

LEAST_PRECISION, LEAST_RECALL, LEAST_NDCG = 0.95, 0.9, 0.95


def test_the_page_tells_how_well_searches_find_and_order(
    app: Flask, client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    results = worst_results(client, read_corpora())
    with capsys.disabled():
        print("", *summary(results), sep="\n")
    text = page(results)
    if os.environ.get("SEARCH_QUALITY") == "write":
        PAGE.write_text(text, encoding="utf-8")
    figures = measure([result for _, of_corpus in results for result in of_corpus])
    assert (figures.precision or 0) >= LEAST_PRECISION
    assert (figures.recall or 0) >= LEAST_RECALL
    assert (figures.ndcg or 0) >= LEAST_NDCG
    assert PAGE.read_text(encoding="utf-8") == text, f"{COMMAND} writes the page"
