"""What gunicorn works out anew for every request, though it is the same for a process or a second."""

import time
from collections.abc import Collection
from typing import Any

from gunicorn import util
from gunicorn.config import Config
from gunicorn.http import message, wsgi


def work_out_once(cfg: Config) -> None:
    """Have this process's gunicorn store what does not change. Settings are final from here on."""
    # A setting is found by `__getattr__`, but only where the object has no such attribute.
    vars(cfg).update({name: setting.get() for name, setting in cfg.settings.items()})
    environ = wsgi.base_environ(cfg)
    wsgi.base_environ = lambda cfg: environ.copy()
    util.http_date = HttpDate()
    message._ip_in_allow_list = _is_in_allow_list


class HttpDate:
    """Gunicorn's `http_date`, formatting each second once."""

    _format = staticmethod(util.http_date)

    def __init__(self) -> None:
        self._current = (-1, "")

    def __call__(self, timestamp: float | None = None) -> str:
        second = int(time.time() if timestamp is None else timestamp)
        current = self._current
        if current[0] != second:
            # One assignment, as several threads ask.
            current = self._current = (second, self._format(second))
        return current[1]


def _is_in_allow_list(
    address: str,
    allowed: Collection[str],
    networks: Collection[Any],
    parse: Any = message._ip_in_allow_list,
) -> bool:
    """As gunicorn's, which parses the address where nobody is allowed, too."""
    return bool(networks or "*" in allowed) and bool(parse(address, allowed, networks))
