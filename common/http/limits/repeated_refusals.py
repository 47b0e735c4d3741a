"""Callers who go on calling after a limit has refused them many times: their refusals wait."""

import time

from flask import request
from limits import RateLimitItemPerMinute

from common.http.limits.moving_window import MemoryWindows

# A frontend that meets a limit by mistake is not slowed down.
AT_ONCE = [RateLimitItemPerMinute(10)]


def hold_repeated_refusal(windows: MemoryWindows, address: str) -> None:
    """Count a refusal of the present request's caller, and hold its answer back if there were many.

    Counted in each process for itself: a count in Redis would cost more than the call is worth.
    """
    counted = windows.spend(f"refusals:{address}", AT_ONCE, time.time())
    if any(window.is_breached for window in counted):
        # Servers other than this project's worker answer at once.
        hold = getattr(request.environ.get("gunicorn.socket"), "hold", None)
        if hold is not None:
            hold()
