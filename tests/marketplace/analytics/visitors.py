"""Visitors with addresses of their own, and what was counted of them."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from activity import event_queue
from common.database.session import db
from marketplace.analytics.roll_up import roll_up_all
from tests.marketplace.list_requests import ADDRESS

BROWSER = "A browser"


def visitor(client: FlaskClient, number: int, agent: str = BROWSER) -> FlaskClient:
    """A client at an address of its own; `client` stays who it was."""
    app: Flask = client.application
    mine = type(client)(app, app.response_class)
    mine.environ_base["REMOTE_ADDR"] = f"198.51.100.{number}"
    mine.environ_base["HTTP_USER_AGENT"] = agent
    return mine


def view(client: FlaskClient, tutor_id: int, query: str = "") -> None:
    assert client.get(f"{ADDRESS}{tutor_id}/{query}").status_code == 200


def search(client: FlaskClient, words: str, **query: Any) -> str:
    """Search for the words; the `query_id` of the list."""
    answer = client.get(ADDRESS, query_string={"search": words, **query})
    assert answer.status_code == 200
    return str(answer.json["query_id"])


def settle() -> None:
    """Have everything written that was counted, and every page's tutors counted."""
    assert event_queue().drain()
    roll_up_all(db.engine)
    db.session.rollback()


def rows(statement: str, **values: Any) -> list[Any]:
    settle()
    found = [tuple(row) for row in db.session.execute(text(statement), values)]
    db.session.rollback()
    return found


def count_of(tutor_id: int) -> dict[str, Any]:
    """The tutor's counts, all days together."""
    settle()
    statement = text(
        "select coalesce(sum(views), 0)::int as views,"
        " coalesce(sum(appearances), 0)::int as appearances,"
        " coalesce(sum(placed), 0)::int as placed,"
        " coalesce(sum(position_sum), 0)::int as position_sum"
        " from tutor_daily_counts where tutor_id = :id"
    )
    found = dict(db.session.execute(statement, {"id": tutor_id}).mappings().one())
    db.session.rollback()
    return found


def views_of(tutor_id: int) -> int:
    return int(count_of(tutor_id)["views"])
