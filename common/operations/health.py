"""Whether the process lives, whether it can serve, and what it counted."""

from typing import Any

from flask import Flask, Response, current_app, jsonify, redirect
from flask.typing import ResponseReturnValue
from marshmallow import fields

from common.http.api import Api, Blueprint, ResponseSchema
from common.http.auth import open_to_all
from common.http.problems.schema import Problem
from common.operations.maintenance.exposition import maintenance_exposition
from common.operations.metrics import database_state
from common.operations.metrics.access import (
    LOCAL_DETAIL,
    TOKEN_DETAIL,
    require_metrics_access,
)
from common.operations.metrics.database_state import state_exposition
from common.operations.metrics.registry import exposition
from common.operations.metrics.sampling import sampler_of
from common.operations.readiness import (
    DATABASE_STATES,
    MEDIA_STATES,
    REDIS_STATES,
    SCHEMA_STATES,
    assess_readiness,
)

health = Blueprint(
    "operations",
    __name__,
    description="For load balancers, orchestrators and Prometheus: is it alive, can it serve, what"
    " did it count.",
)

PROBLEM: dict[str, Any] = {
    "schema": Problem,
    "content_type": "application/problem+json",
}
ABOUT = {
    "type": "about:blank",
    "instance": "urn:uuid:0b5f6f0e-6c55-4f7e-9d3a-5a1f6f6b1c11",
}
NO_TOKEN = {**ABOUT, "title": "Unauthorized", "status": 401, "detail": TOKEN_DETAIL}
NOT_LOCAL = {**ABOUT, "title": "Forbidden", "status": 403, "detail": LOCAL_DETAIL}

READY = {"status": "ok", "database": "ok", "schema": "ok", "redis": "ok", "media": "ok"}


class Liveness(ResponseSchema):
    """The process answers."""

    status = fields.String(required=True, metadata={"enum": ["ok"]})


class Readiness(ResponseSchema):
    """The state of what the service depends on."""

    status = fields.String(required=True, metadata={"enum": ["ok", "degraded", "unavailable"]})
    database = fields.String(required=True, metadata={"enum": [*DATABASE_STATES]})
    schema = fields.String(required=True, metadata={"enum": [*SCHEMA_STATES]})
    redis = fields.String(required=True, metadata={"enum": [*REDIS_STATES]})
    media = fields.String(required=True, metadata={"enum": [*MEDIA_STATES]})
    detail = fields.String(
        metadata={
            "description": "With media `different store`: which it is, and what to do.",
            "maxLength": 1000,
        }
    )


@health.route("/healthz")
@health.login("ignored")
@health.response(200, Liveness, example={"status": "ok"})
def check_liveness() -> ResponseReturnValue:
    """Tell whether the process is alive.

    Asks neither database nor Redis: a process need not be killed because they are away.
    """
    return jsonify(status="ok")


@health.route("/readyz")
@health.login("ignored")
@health.response(200, Readiness, example=READY)
@health.alt_response(
    503,
    schema=Readiness,
    description="The database is away, read only, or has not the schema of this release; or its"
    " files are in another store.",
    example=READY | {"status": "unavailable", "database": "away", "schema": "unknown"},
)
def check_readiness() -> ResponseReturnValue:
    """Tell whether requests can be served now.

    Without Redis, or with one that cannot run the limits' script, the service goes on, degraded:
    limits are counted per process and nothing is cached. Without a database that takes writes and
    has been migrated (`flask db upgrade`) it cannot serve, and says so with a 503; nor with a store
    of files that is not the one of the database, such as a folder that the nodes do not share.
    """
    readiness = assess_readiness()
    states = {name: state for name, state in readiness._asdict().items() if state is not None}
    response = jsonify(status=readiness.status, **states)
    if readiness.status == "unavailable":
        response.status_code = 503
        response.headers["Retry-After"] = "2"
    return response


@health.route("/metrics")
@health.login("ignored")
@health.response(
    200,
    {"type": "string", "maxLength": 10_000_000},
    content_type="text/plain",
    description="Prometheus text format",
    example='http_request_seconds_count{method="GET",route="/healthz",status="200"} 12.0\n',
)
@health.alt_response(401, description="No METRICS_TOKEN", example=NO_TOKEN, **PROBLEM)
@health.alt_response(403, description="Not this machine", example=NOT_LOCAL, **PROBLEM)
def read_metrics() -> ResponseReturnValue:
    """Read the counters of all workers of this machine.

    Requests by route and status, their durations, and their statements'; connections in use and
    waited for, hits of caches, failures of Redis; the depth and the drops of the event queue; what
    the database says of itself; and when each task of `flask maintain` last succeeded. Asks for the
    operator's `METRICS_TOKEN` as a bearer token; where none is set, only direct calls from the
    machine itself are answered.
    """
    require_metrics_access()
    sampler_of(current_app).sample()
    body, content_type = exposition()
    return Response(body + state_exposition() + maintenance_exposition(), content_type=content_type)


def init_app(app: Flask, api: Api) -> None:
    api.register_blueprint(health)
    database_state.init_app(app, api.spec.version)
    app.add_url_rule("/", "front_page", redirect_to_docs)
    app.add_url_rule("/api/", "api_root", redirect_to_docs)


@open_to_all
def redirect_to_docs() -> Any:
    """The addresses of the service and of the API redirect to the documentation."""
    return redirect("/api/docs/")
