"""The language a person has chosen for the frontend, which answers to them are in too."""

from common.database.connections.prepared_statements import KEYED_PLANS
from common.database.session import read_rows

READ = "select ui_language from user_settings where user_id = %(user_id)s"


def ui_language(user_id: int) -> str | None:
    """`uk`, `en` or `pl`; None for an account without settings. Raises psycopg2.Error."""
    rows = read_rows(READ, {"user_id": user_id}, KEYED_PLANS)
    return rows[0][0] if rows else None
