"""What the worker has gunicorn work out once is what it would work out each time."""

import threading
from email.utils import parsedate_to_datetime

import pytest
from gunicorn import util
from gunicorn.config import Config
from gunicorn.http import message, wsgi

from common.server.threads.per_process import HttpDate, work_out_once


@pytest.fixture
def cfg(monkeypatch):
    """Gunicorn's settings in a process that has worked them out."""
    for module, name in [
        (wsgi, "base_environ"),
        (util, "http_date"),
        (message, "_ip_in_allow_list"),
    ]:
        monkeypatch.setattr(module, name, getattr(module, name))
    cfg = Config()
    cfg.set("threads", 7)
    work_out_once(cfg)
    return cfg


def test_settings_have_the_values_they_had(cfg):
    fresh = Config()
    fresh.set("threads", 7)
    for name in fresh.settings:
        assert repr(getattr(cfg, name)) == repr(getattr(fresh, name)), name


def test_each_request_has_an_environment_of_its_own(cfg):
    first, second = wsgi.base_environ(cfg), wsgi.base_environ(cfg)
    first["PATH_INFO"] = "/"
    assert "PATH_INFO" not in second
    assert second["wsgi.version"] == (1, 0)


@pytest.mark.parametrize("timestamp", [0, 0.9, 1_764_000_000.5, 1_764_000_001])
def test_a_date_is_that_of_its_second(timestamp):
    date = HttpDate()
    for each in (timestamp, timestamp + 1, timestamp):
        assert int(parsedate_to_datetime(date(each)).timestamp()) == int(each)
        assert date(each).endswith(" GMT")


def test_threads_that_ask_at_once_have_the_date_of_their_second():
    date, wrong = HttpDate(), []

    def ask(second):
        for _ in range(2_000):
            if int(parsedate_to_datetime(date(second)).timestamp()) != second:
                wrong.append(second)

    threads = [threading.Thread(target=ask, args=(second,)) for second in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    ("address", "allowed", "is_allowed"),
    [
        ("127.0.0.1", "", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("10.0.0.9", "10.0.0.0/8", True),
        ("11.0.0.9", "10.0.0.0/8", False),
        ("::1", "", False),
        ("no address", "", False),
        ("anything", "*", True),
    ],
)
def test_a_proxy_is_trusted_where_it_is_listed(cfg, address, allowed, is_allowed):
    listing = Config()
    listing.set("forwarded_allow_ips", allowed)
    networks = listing.forwarded_allow_networks()
    assert message._ip_in_allow_list(address, listing.forwarded_allow_ips, networks) is is_allowed
