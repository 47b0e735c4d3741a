"""SECURITY.md names tests that exist, for every threat that it promises to speak of."""

import ast
import re

import pytest

from common.config import ROOT

TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "---" not in line]
CHANNELS = (
    "filter",
    "range filter",
    "sort position",
    "facet counts",
    "total",
    "full-text hit",
    "did_you_mean",
    "suggestions",
    "explained",
    "saved",
    "insights",
    "ETags",
    "timing and caches",
    "avatar",
    "cursor",
    "error",
    "logs",
    "activity",
    "export",
    "drafts",
)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_exists(file, name):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_row_names_a_test():
    rows = [row for row in ROWS if not row.startswith(("| threat", "| channel"))]
    assert len(rows) > 45
    assert [row for row in rows if "::test_" not in row] == []


@pytest.mark.parametrize("number", range(1, 11))
def test_every_threat_of_the_top_ten_has_a_row(number):
    assert sum(row.startswith(f"| API{number} ") for row in ROWS) == 1


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_has_a_row(channel):
    assert any(channel in row.split("|")[1] for row in ROWS)
