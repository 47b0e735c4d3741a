"""What the activity endpoints share: their blueprint and the body type of their errors."""

from typing import Any

from common.http.api import Blueprint, Problem

PROBLEM: dict[str, Any] = {
    "schema": Problem,
    "content_type": "application/problem+json",
}
bp = Blueprint(
    "activity",
    __name__,
    url_prefix="/api",
    description="What happened: each person reads their own log. The server records what changes"
    " accounts and profiles; clients may add events of their own.",
)
