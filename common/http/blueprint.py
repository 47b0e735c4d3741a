"""The blueprint of every domain: each view states its login rule and its rate limit.

Decorators of a view, from the top: `route`, `login`, `limit`, `arguments`, `response`,
`alt_response`. So a request is authenticated first, counted second, and parsed last.
"""

import http
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any, TypeVar

import flask_smorest
import psycopg2
from flask import request

from common.http import auth
from common.http.acting_accounts import confirm_caller, forget_unconfirmed
from common.http.conditional import WRITES, check_condition_headers
from common.http.limits import rate_limit
from common.http.parsing.parser import Parser, refuse_unread_query

View = TypeVar("View", bound=Callable[..., Any])
# Of every operation: it may be called with a wrong host name, an unknown parameter, too slow a
# connection, too long an address or too large headers, meet a fault of ours, or find the database away.
STATUSES_OF_EVERY_OPERATION = (400, 408, 414, 422, 431, 500, 503)


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's Blueprint where every view states its login rule and its limit."""

    ARGUMENTS_PARSER = Parser()

    def login(
        self, rule: auth.LoginRule, *, confirmed_by_statement: bool = False
    ) -> Callable[[View], View]:
        """State and enforce whether an access token is "required", "optional" or "ignored".

        Whether its account may act is asked first, or by the view's statement (`acting_accounts`).
        """

        def decorate(view: View) -> View:
            @wraps(view)
            def checked(*args: Any, **kwargs: Any) -> Any:
                auth.authenticate(rule)
                if request.method in WRITES:
                    check_condition_headers(request.environ, request.method)
                return view(*args, **kwargs)

            @wraps(view)
            def confirmed(*args: Any, **kwargs: Any) -> Any:
                auth.authenticate(rule, confirmed_by_statement=True)
                try:
                    return answered(*args, **kwargs)
                except psycopg2.Error:
                    # It is not asked again, and the answer says nothing of the caller.
                    forget_unconfirmed()
                    raise

            def answered(*args: Any, **kwargs: Any) -> Any:
                try:
                    if request.method in WRITES:
                        check_condition_headers(request.environ, request.method)
                    response = view(*args, **kwargs)
                except psycopg2.Error:
                    raise
                except Exception:
                    # Nothing is explained to a caller who may not act.
                    confirm_caller()
                    raise
                confirm_caller()
                return response

            token: dict[str, list[str]] = {"bearer": []}
            security = {
                "required": [token],
                "optional": [token, {}],
                "ignored": [],
            }[rule]
            responses = [] if rule == "ignored" else [401]
            wrapper = confirmed if confirmed_by_statement else checked
            return _documented(wrapper, view, responses, security=security, login_rule=rule)

        return decorate

    def limit(
        self, setting: str, key: Callable[[], str] = rate_limit.caller, **options: Any
    ) -> Callable[[View], View]:
        """Limit calls to the rates of `setting`, counted per `key()` across all workers."""

        def decorate(view: View) -> View:
            limited = rate_limit.limit(setting, key, **options)(view)
            return _documented(
                limited, view, [429], limit={"setting": setting, "key": key.__name__}
            )

        return decorate

    def arguments(self, schema: Any, **kwargs: Any) -> Callable[[View], View]:
        """As flask-smorest's, with the schema built once, not with every request."""
        if isinstance(schema, type):
            schema = schema()
        decorator: Callable[[View], View] = super().arguments(schema, **kwargs)
        statuses = [400, 413, 415] if kwargs.get("location", "json") == "json" else [400]

        def decorate(view: View) -> View:
            decorated = decorator(view)
            return _documented(decorated, decorated, statuses)

        return decorate

    def response(self, *args: Any, **kwargs: Any) -> Callable[[View], View]:
        """As flask-smorest's, refusing query parameters where the view declares none, and bodies that
        are too large or not whole, whether it reads them or not."""
        decorator: Callable[[Any], View] = super().response(*args, **kwargs)

        def decorate(view: View) -> View:
            @wraps(view)
            def checked(*args: Any, **kwargs: Any) -> Any:
                refuse_unread_query()
                if request.method in WRITES:
                    # Also of a view that needs none: nothing is acted on whose message is not whole.
                    request.get_data()
                return view(*args, **kwargs)

            decorated: View = decorator(checked)
            return decorated

        return decorate

    def _store_endpoint_docs(self, endpoint: str, obj: Any, *args: Any, **options: Any) -> None:
        """Give every operation an id made of its view's name."""
        super()._store_endpoint_docs(endpoint, obj, *args, **options)
        operations = {
            name: doc for name, doc in self._docs[endpoint].items() if name != "parameters"
        }
        first, *rest = obj.__name__.split("_")
        name = first + "".join(word.title() for word in rest)
        for position, (method, doc) in enumerate(operations.items()):
            manual = doc.setdefault("manual_doc", {})
            manual.setdefault("operationId", name if position == 0 else name + method.title())
            # What a view documents itself is better than what is known of every view.
            described = {str(status) for status in doc.get("response", {}).get("responses", {})}
            for status in {
                *doc.pop("common_statuses", ()),
                *STATUSES_OF_EVERY_OPERATION,
                *([413] if method.upper() in WRITES else []),
            }:
                if str(status) not in described:
                    responses = manual.setdefault("responses", {})
                    responses.setdefault(str(status), http.HTTPStatus(status).name)


def _documented(wrapper: Any, view: Any, statuses: list[int], **rules: Any) -> Any:
    """Copy the documentation of `view` onto `wrapper`, adding error statuses and login rules."""
    apidoc = deepcopy(getattr(view, "_apidoc", {}))
    manual = apidoc.setdefault("manual_doc", {})
    if "security" in rules:
        manual["security"] = rules["security"]
    if "limit" in rules:
        # For the document's description, which has the rates of this server.
        manual["x-limits"] = [rules["limit"], *manual.get("x-limits", ())]
    if "login_rule" in rules:
        wrapper.login_rule = rules["login_rule"]
    apidoc["common_statuses"] = [*apidoc.get("common_statuses", ()), *statuses]
    wrapper._apidoc = apidoc
    return wrapper
