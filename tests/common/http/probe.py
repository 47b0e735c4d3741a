"""A tiny domain that uses every convention of `common`, to test them over HTTP."""

from types import SimpleNamespace

from flask import Flask, jsonify
from flask_smorest.fields import Upload
from marshmallow import fields

from common.http.acting_accounts import set_account_check
from common.http.api import Api, Blueprint, ResponseSchema, Schema
from common.http.auth import current_user_id
from common.http.conditional import check_preconditions, not_modified, strong_etag, with_etag
from common.http.pagination import Position, envelope, link, paginate
from common.http.problems import errors
from common.http.schemas.fields import BodyFlag, BodyInteger, Flag, Integer, Separated, Text

NUMBERS = list(range(1, 48))
INACTIVE_USER = 666


class Person(Schema):
    name = Text(min=1, max=10, required=True)
    age = BodyInteger(min=0, max=150)
    happy = BodyFlag()
    nested = fields.Nested("Person")


class Form(Schema):
    file = Upload(required=True)


class Query(Schema):
    size = Integer(min=1, max=100, load_default=20)
    cursor = Text(max=512)
    sort = Text(max=10, load_default="up")
    only = Flag()
    tags = Separated(Text(max=5))
    letters = Text(min=2, max=2)


class Echo(ResponseSchema):
    value = fields.Raw(required=True)


blueprint = Blueprint("probe", __name__, url_prefix="/probe", description="Probe.")


@blueprint.route("/people/", methods=["POST"])
@blueprint.login("ignored")
@blueprint.arguments(Person)
@blueprint.response(201, Echo)
def create_person(person):
    """Create a person."""
    return {"value": person}


@blueprint.route("/numbers/")
@blueprint.login("optional")
@blueprint.arguments(Query, location="query")
@blueprint.response(200, Echo)
def list_numbers(query):
    """List numbers."""
    ascending = query["sort"] == "up"

    def fetch(position: Position | None, limit: int):
        rows = NUMBERS if ascending else NUMBERS[::-1]
        if position:
            at = rows.index(position.key[0])
            rows = rows[:at][::-1] if position.backward else rows[at + 1 :]
        return rows[:limit]

    page = paginate(
        fetch,
        lambda row: (row,),
        query["size"],
        query.get("cursor"),
        f"numbers:{query['sort']}",
    )
    body = envelope(page, page.rows)
    return link(jsonify(body), body["next"], body["previous"])


@blueprint.route("/query/")
@blueprint.login("ignored")
@blueprint.arguments(Query, location="query")
@blueprint.response(200, Echo)
def echo_query(query):
    """Echo the query."""
    return {"value": query}


@blueprint.route("/me/")
@blueprint.login("required")
@blueprint.response(200, Echo)
def show_me():
    """Show the caller."""
    return {"value": current_user_id()}


@blueprint.route("/anyone/")
@blueprint.login("optional")
@blueprint.response(200, Echo)
def show_anyone():
    """Show the caller, if any."""
    return {"value": current_user_id()}


@blueprint.route("/ignored/")
@blueprint.login("ignored")
@blueprint.response(200, Echo)
def ignore_caller():
    """Ignore the caller."""
    return {"value": current_user_id()}


@blueprint.route("/limited/", methods=["POST"])
@blueprint.login("optional")
@blueprint.limit("TRIGGER_LIMIT")
@blueprint.response(200, Echo)
def call_limited():
    """Call something limited."""
    return {"value": "counted"}


@blueprint.route("/document/", methods=["GET"])
@blueprint.login("ignored")
@blueprint.response(200, Echo)
def read_document():
    """Read a document."""
    etag = strong_etag("document")
    return not_modified(etag) or with_etag(jsonify(value="document"), etag)


@blueprint.route("/document/", methods=["PATCH"])
@blueprint.login("ignored")
@blueprint.response(200, Echo)
def write_document():
    """Write a document."""
    check_preconditions(strong_etag("document"), {"value": "document"})
    return {"value": "written"}


@blueprint.route("/absent/", methods=["PATCH"])
@blueprint.login("ignored")
@blueprint.response(200, Echo)
def write_absent():
    """Write what does not exist."""
    check_preconditions(None)
    return {"value": "written"}


@blueprint.route("/raise/<name>/")
@blueprint.login("ignored")
@blueprint.response(200, Echo)
def fail(name):
    """Fail."""
    if name == "Invalid":
        raise errors.Invalid({"user": {"first_name": ["Too short."]}})
    if name == "crash":
        raise RuntimeError("secret-value-in-the-message")
    raise getattr(errors, name)("A sentence.")


@blueprint.route("/items/<int:item_id>/")
@blueprint.login("ignored")
@blueprint.response(200, Echo)
def show_item(item_id):
    """Show an item."""
    return {"value": item_id}


@blueprint.route("/upload/", methods=["POST"])
@blueprint.login("ignored")
@blueprint.arguments(Form, location="files")
@blueprint.response(200, Echo)
def upload(files):
    """Upload a file."""
    return {"value": len(files["file"].read())}


def init_app(app: Flask, api: Api) -> None:
    api.register_blueprint(blueprint)
    set_account_check(app, lambda user_id: user_id != INACTIVE_USER)


DOMAIN = SimpleNamespace(init_app=init_app)
