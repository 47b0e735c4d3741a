import socket
import threading
import time

import pytest
import redis

from common.redis.client import PAUSE_SECONDS, FallbackRedis


def test_a_command_is_answered_by_redis(redis_url, janitor):
    fallback = FallbackRedis(redis_url, 0.25)
    assert fallback.call(lambda client: client.set("probe", "1"), None) is True
    assert fallback.call(lambda client: client.get("probe"), None) == b"1"
    janitor.clean()


def test_without_an_address_the_default_answers():
    assert FallbackRedis(None, 0.25).call(lambda client: client.ping(), "default") == "default"


def test_a_redis_that_refuses_gives_the_default():
    assert FallbackRedis("redis://127.0.0.1:1/0", 0.25).call(lambda client: client.ping(), 5) == 5


def test_a_programming_error_is_not_hidden(redis_url):
    with pytest.raises(ZeroDivisionError):
        FallbackRedis(redis_url, 0.25).call(lambda client: 1 / 0, None)


@pytest.fixture
def swallowing_port():
    """A server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        accepted = []

        def accept():
            try:
                while True:
                    accepted.append(server.accept()[0])
            except OSError:
                pass

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in accepted:
            connection.close()


def test_a_redis_that_swallows_packets_is_called_once_a_pause_not_once_a_request(swallowing_port):
    fallback = FallbackRedis(f"redis://127.0.0.1:{swallowing_port}/0", 0.05)
    calls = []

    def ping(client: redis.Redis):
        calls.append(1)
        return client.ping()

    assert [fallback.call(ping, None) for _ in range(50)] == [None] * 50
    assert len(calls) == 1
    fallback._skip_until = time.monotonic() - 1
    fallback.call(ping, None)
    assert len(calls) == 2
    assert PAUSE_SECONDS > 0
