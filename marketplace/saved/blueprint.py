"""The blueprint of what a person saved."""

from typing import Any

from common.http.api import Blueprint, Problem
from profiles.saved.models import MOST_SAVED_SEARCHES, MOST_SAVED_TUTORS

PROBLEM: dict[str, Any] = {"schema": Problem, "content_type": "application/problem+json"}
# What is saved changes with every call, and with what others unlist.
PRIVATE = "private, no-store"

saved = Blueprint(
    "saved",
    __name__,
    url_prefix="/api/me",
    description=(
        f"Tutors (at most {MOST_SAVED_TUTORS}) and searches (at most {MOST_SAVED_SEARCHES}) that the"
        " caller saved. Whoever is signed in may save; nobody else sees what, or how much."
    ),
)
