"""Builds the application out of settings and domains; names no domain itself."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import orjson
from flask import Flask, Request, Response
from flask.json.provider import JSONProvider
from flask.sessions import NullSession, SessionInterface, SessionMixin
from werkzeug.middleware.proxy_fix import ProxyFix

from common import docs, mail
from common.config import ConfigError, development_secret, load_settings
from common.database import command_errors, replicas
from common.database import session as db
from common.database import teardown
from common.database.connections import statement_time
from common.database.connections.connection import start_watchdog
from common.http import auth
from common.http.api import Api
from common.http.limits import rate_limit
from common.http.middleware import request_hooks
from common.http.middleware.host import client_address, named_client
from common.http.parsing import converters
from common.http.parsing.request import WholeBodyRequest
from common.http.problems import error_handlers
from common.media import files as media
from common.media import serving as media_serving
from common.operations import (
    access_log,
    grants,
    health,
    logging,
    maintenance,
    role_settings,
    tracing,
)
from common.operations.metrics import replica_reads, sampling
from common.operations.metrics.sampling import start_sampling
from common.redis import client as redis
from common.server.connections import malformed_requests
from common.translation import reader

# Of links in answers.
SCHEMES = ("http", "https")


class Domain(Protocol):
    """A package that plugs itself in."""

    def init_app(self, app: Flask, api: Api) -> None: ...


class OrjsonProvider(JSONProvider):
    """Flask's JSON through orjson: strict UTF-8, no NaN, and quicker."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        options = orjson.OPT_SORT_KEYS if kwargs.get("sort_keys") else 0
        options |= orjson.OPT_INDENT_2 if kwargs.get("indent") else 0
        return orjson.dumps(obj, default=kwargs.get("default"), option=options).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        body = orjson.dumps(self._prepare_response_obj(args, kwargs))
        return Response(body, mimetype="application/json")


class NoSessions(SessionInterface):
    """There are no cookie sessions here, so no request pays for opening one."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        return self._none

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """There is nothing to save."""


class MarketplaceApp(Flask):
    json_provider_class = OrjsonProvider
    request_class = WholeBodyRequest
    session_interface = NoSessions()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # WSGI callables of a domain, asked before Flask dispatches; None leaves the request to Flask.
        self.fast_paths: list[Callable[[Any, Any], Iterable[bytes] | None]] = []
        # Called before each request, and cheap once done: a thread has to be started after the fork.
        self.thread_starters: list[Callable[[], None]] = [
            start_watchdog,
            start_sampling,
        ]

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        # Before the fast paths, which read the database too.
        for start_thread in self.thread_starters:
            start_thread()
        statement_time.restart()
        # Not by ProxyFix, which would read quoted strings: a quote that a client has opened would
        # make it look like the proxy.
        named = named_client(environ.get("HTTP_X_FORWARDED_FOR", ""), self.config["PROXY_HOPS"])
        environ["REMOTE_ADDR"] = client_address(named or environ.get("REMOTE_ADDR") or "")
        if environ["wsgi.url_scheme"] not in SCHEMES:
            # A proxy that does not set X-Forwarded-Proto passes on what its client says there.
            environ["wsgi.url_scheme"] = "http"
        for fast_path in self.fast_paths:
            body = fast_path(environ, start_response)
            if body is not None:
                return body
        return super().wsgi_app(environ, start_response)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view here is a coroutine, and Flask would look into six functions a request."""
        return func


def build_app(domains: Iterable[Domain], overrides: Mapping[str, Any] | None = None) -> Flask:
    """The WSGI application. Opens no connection; raises ConfigError when settings are wrong."""
    settings = load_settings(overrides=overrides)
    if not settings["DATABASE_URL"]:
        raise ConfigError("DATABASE_URL is not set, and no embedded server was started.")
    # The first signs; the others are former ones, whose tokens and cursors are still in use.
    keys = settings["SECRET_KEY"] or (development_secret(settings["INSTANCE_DIR"]),)
    settings["SECRET_KEY"], settings["SECRET_KEYS"] = keys[0], keys
    app = MarketplaceApp(
        "marketplace-backend",
        static_folder=None,
        instance_path=settings["INSTANCE_DIR"],
    )
    app.config.update(settings)
    app.config["MAX_CONTENT_LENGTH"] = settings["MAX_BODY_BYTES"]
    app.config["MAX_FORM_MEMORY_SIZE"] = settings["MAX_BODY_BYTES"]
    # Flask's own check knows no exception for probes, and does not say what is wrong.
    app.extensions["trusted_hosts"] = tuple(settings["TRUSTED_HOSTS"] or ())
    app.config["TRUSTED_HOSTS"] = None
    if settings["PROXY_HOPS"]:
        hops = settings["PROXY_HOPS"]
        wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=hops, x_host=hops, x_prefix=0)
        # Flask's documented way to wrap an application, which its own types do not know.
        app.wsgi_app = wsgi_app  # type: ignore[method-assign]
    logging.configure(settings["LOG_LEVEL"])
    for part in (
        converters,
        access_log,
        request_hooks,
        error_handlers,
        reader,
        db,
        replicas,
        teardown,
        redis,
        auth,
        rate_limit,
        media,
        media_serving,
        sampling,
        replica_reads,
    ):
        part.init_app(app)
    malformed_requests.init_app(app)
    app.thread_starters += mail.init_app(app)
    api = Api(app, spec_kwargs=spec_options())
    for domain in domains:
        domain.init_app(app, api)
    health.init_app(app, api)
    maintenance.init_app(app)
    grants.init_app(app)
    role_settings.init_app(app)
    docs.init_app(app, api)
    command_errors.init_app(app)
    tracing.init_app(app)
    return app


def spec_options() -> dict[str, Any]:
    return {
        "title": "Tutor marketplace",
        "version": "1.0.0",
        "openapi_version": "3.1.0",
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The access token. As RFC8725 asks, one algorithm (HS256) is"
                    " accepted, issuer and lifetime are checked, and the account is looked up with"
                    " every call.",
                }
            }
        },
    }
