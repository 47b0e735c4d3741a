"""Table of contents: the domains, in the order of the documentation, and the app."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

import activity
import fixtures
import marketplace
import profiles
from common.app import build_app
from common.config import load_settings
from common.embedded import missing_addresses
from common.operations.memory import bound_heaps
from common.server.connections.malformed_requests import answer_with_problems

DOMAINS = (profiles, marketplace, activity, fixtures)
# These look at the app and not into its database; `demo` starts the servers itself.
COMMANDS_WITHOUT_SERVERS = {"demo", "routes", "openapi", "--help", "--version"}


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The application, from the environment's settings and `overrides`.

    Without addresses in either, development has servers of its own (see common/embedded).
    """
    overrides = dict(overrides or {})
    settings = load_settings(overrides=overrides)
    if not _is_command_without_servers(sys.argv):
        overrides |= missing_addresses(settings, on_progress=_print_progress)
    elif not settings["DATABASE_URL"]:
        overrides["DATABASE_URL"] = "postgresql://localhost/not-needed"
    return build_app(DOMAINS, overrides)


def _is_command_without_servers(arguments: list[str]) -> bool:
    program = Path(arguments[0])
    is_flask = "flask" in {program.name, program.parent.name}
    return is_flask and (not arguments[1:] or bool(COMMANDS_WITHOUT_SERVERS & set(arguments)))


def _print_progress(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def __getattr__(name: str) -> Flask:
    """Build `app` when a server asks for it, so that importing this module does nothing."""
    if name in {"app", "application"}:
        bound_heaps()
        answer_with_problems()
        globals()["app"] = globals()["application"] = create_app()
        return globals()["app"]
    raise AttributeError(name)
