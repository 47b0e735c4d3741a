"""SQL of the list, one file per question. Nothing here runs it: its readers, in `listing`, do."""

from typing import Any

Values = dict[str, Any]
# Text in psycopg2's `%(name)s` style, and its values.
Statement = tuple[str, Values]
