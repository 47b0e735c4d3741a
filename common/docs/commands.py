"""`flask openapi document`: what a release stores as docs/openapi.json."""

from pathlib import Path

import click
import orjson
from flask import current_app
from flask_smorest.spec import openapi_cli


@openapi_cli.command("document")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def write_document(file: Path) -> None:
    """Write the finished OpenAPI document, as it is served, to FILE."""
    document = orjson.loads(current_app.extensions["openapi_document"].body)
    file.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
