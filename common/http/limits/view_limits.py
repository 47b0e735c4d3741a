"""Flask-Limiter's knowledge of limits where single views have them, and nothing else has."""

from flask import Flask
from flask_limiter import ExemptionScope
from flask_limiter._limits import RuntimeLimit
from flask_limiter._manager import LimitManager


class ViewLimits(LimitManager):
    """Neither the application nor a blueprint has limits, and no view is exempt from its own.

    The library asks for all of them with every call, and three times whether a call is exempt, which
    is a twelfth of a trigger's calls of functions. With such limits its own manager has to be used again.
    """

    def __init__(self) -> None:
        super().__init__([], [], {}, {}, {}, {})

    def resolve_limits(
        self,
        app: Flask,
        endpoint: str | None = None,
        blueprint: str | None = None,
        callable_name: str | None = None,
        in_middleware: bool = False,
        marked_for_limiting: bool = False,
    ) -> tuple[list[RuntimeLimit], ...]:
        """No default limits, and those of the view."""
        return [], self.decorated_limits(callable_name or "")

    def exemption_scope(
        self, app: Flask, endpoint: str | None, blueprint: str | None
    ) -> ExemptionScope:
        return ExemptionScope.NONE
