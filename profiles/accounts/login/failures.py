"""Reports failed log-ins to the account's owner: an event every ten minutes at most, with a count.

Counted in Redis for all processes, per process while it is away. Unknown accounts are counted like
known ones, and events are queued: so the time of an answer does not show whether one exists.
"""

import threading
import time
from typing import NamedTuple

from flask import current_app
from redis import Redis

from activity import Action, observe
from common.redis.client import redis_client

EXTENSION = "login_failures"
# How long failures wait for the next log-in, failed or not, that reports them.
COUNTED_SECONDS = 7 * 86_400
MAX_IN_MEMORY = 10_000


def note_failure(account: str, user_id: int | None) -> None:
    """Count a failed log-in of `account` (a digest); report it to the owner, if there is one."""
    _report(account, user_id, failures=1)


def report_failures(account: str, user_id: int) -> None:
    """Report what is counted and not yet reported: called when the owner logs in."""
    _report(account, user_id, failures=0)


def forget_failures(account: str) -> None:
    """Delete what is counted of an account that is erased."""
    keys = _keys(account)
    redis_client().call(lambda redis: redis.delete(*keys), None)
    current_app.extensions.setdefault(EXTENSION, FailureCounts()).forget(account)


def _keys(account: str) -> tuple[str, str]:
    # Braces: both keys in one slot of a cluster.
    return f"failures:{{{account}}}:count", f"failures:{{{account}}}:reported"


def _report(account: str, user_id: int | None, failures: int) -> None:
    quiet_seconds = current_app.config["LOGIN_FAILED_EVENT_MINUTES"] * 60
    count = redis_client().call(
        lambda redis: _count_in_redis(redis, account, failures, quiet_seconds), None
    )
    if count is None:
        counts = current_app.extensions.setdefault(EXTENSION, FailureCounts())
        count = counts.count(account, failures, quiet_seconds)
    if count and user_id is not None:
        observe(Action.AUTH_LOGIN_FAILED, user_id, metadata={"count": count}, status_code=400)


def _count_in_redis(redis: Redis, account: str, failures: int, quiet_seconds: int) -> int:
    """The failures to report now; 0 when there are none, or others were reported shortly before."""
    counted, reported = _keys(account)
    with redis.pipeline(transaction=False) as commands:
        if failures:
            commands.incrby(counted, failures)
            commands.expire(counted, COUNTED_SECONDS)
        commands.get(counted)
        *_, waiting = commands.execute()
    if not waiting or not redis.set(reported, 1, nx=True, ex=quiet_seconds):
        return 0
    return int(redis.getdel(counted) or 0)


class Counted(NamedTuple):
    """Failures not reported yet, and until when (of the monotonic clock) none is reported."""

    failures: int
    quiet_until: float


class FailureCounts:
    """The same in the memory of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[str, Counted] = {}

    def forget(self, account: str) -> None:
        with self._lock:
            self._counted.pop(account, None)

    def count(self, account: str, failures: int, quiet_seconds: float) -> int:
        """As _count_in_redis."""
        present = time.monotonic()
        with self._lock:
            counted = self._counted.pop(account, Counted(0, present))
            waiting = counted.failures + failures
            if not waiting:
                return 0
            if len(self._counted) >= MAX_IN_MEMORY:
                self._counted.clear()
            if counted.quiet_until > present:
                self._counted[account] = Counted(waiting, counted.quiet_until)
                return 0
            self._counted[account] = Counted(0, present + quiet_seconds)
            return waiting
