"""The limits, shared by a Redis behind Sentinel or by a cluster: real servers, real fail-over."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

import pytest
import redis
from limits import parse_many

from common.embedded.processes import free_port
from common.embedded.redis_server import redis_program
from common.http.limits.moving_window import spend_in_redis
from common.http.limits.shared_counts.calls import Unsent
from common.http.limits.shared_counts.shared_calls import send_calls
from common.redis.client import FallbackRedis

pytestmark = pytest.mark.skipif(redis_program() is None, reason="no redis-server")
RATES = sorted(parse_many("300/minute;500/hour"))
TIMEOUT_SECONDS = 5


class Servers:
    """Redis processes of one test, each in a folder of its own."""

    def __init__(self, stack: ExitStack, folder) -> None:
        self._stack, self._folder = stack, folder

    def start(self, *options: str, extra: str = "") -> tuple[int, subprocess.Popen[bytes]]:
        port = free_port()
        folder = self._folder / str(port)
        folder.mkdir()
        (folder / "redis.conf").write_text(f'port {port}\nbind 127.0.0.1\nsave ""\n{extra}')
        process = subprocess.Popen(
            [str(redis_program()), "redis.conf", *options], cwd=folder, stdout=subprocess.DEVNULL
        )
        self._stack.callback(end, process)
        with closing(redis.Redis(port=port)) as client:
            while True:
                with suppress(redis.ConnectionError):
                    client.ping()
                    return port, process
                assert process.poll() is None
                time.sleep(0.05)


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture
def redis_servers(tmp_path) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack, tmp_path)


def spend(client: FallbackRedis, key: str = "a") -> list[int] | None:
    """The calls in each window after one more; None where Redis did not answer."""
    windows = client.call(lambda each: spend_in_redis(each, key, RATES, time.time()), None)
    return None if windows is None else [window.calls for window in windows]


def await_spending(client: FallbackRedis) -> list[int]:
    while (spent := spend(client)) is None:
        time.sleep(0.1)
    return spent


def test_limits_are_shared_by_a_cluster(redis_servers):
    # Its bus would otherwise be 10,000 above the port, which may be beyond the largest there is.
    bus = f"cluster-port {free_port()}\n"
    extra = f"cluster-enabled yes\ncluster-node-timeout 2000\n{bus}"
    port, _ = redis_servers.start(extra=extra)
    with closing(redis.Redis(port=port)) as admin:
        admin.execute_command("cluster", "addslots", *range(16384))
    url = f"redis+cluster://127.0.0.1:{port}"
    one, other = FallbackRedis(url, TIMEOUT_SECONDS), FallbackRedis(url, TIMEOUT_SECONDS)
    assert await_spending(one) == [1, 1]
    assert await_spending(other) == [2, 2]
    assert [spend(one, f"203.0.113.{number}") for number in range(20)] == [[1, 1]] * 20
    # The callers of several slots are told one by one.
    now = time.time()
    unsent = {f"203.0.113.{number}": Unsent(RATES, [now, now], [2, 2], now) for number in range(20)}
    told = other.call(lambda each: send_calls(each, unsent), None)
    assert {tuple(total.calls for total in totals) for totals in told.values()} == {(3, 3)}
    assert told.keys() == unsent.keys()


def test_a_cluster_that_is_away_gives_the_default():
    client = FallbackRedis(f"redis+cluster://127.0.0.1:{free_port()}", 0.25)
    assert client.call(lambda each: each.ping(), "default") == "default"


def test_sentinels_that_are_away_give_the_default():
    client = FallbackRedis(f"redis+sentinel://127.0.0.1:{free_port()}/mymaster", 0.25)
    assert client.call(lambda each: each.ping(), "default") == "default"


def test_limits_are_shared_again_once_sentinel_has_promoted_another(redis_servers):
    primary, process = redis_servers.start()
    replica, _ = redis_servers.start(extra=f"replicaof 127.0.0.1 {primary}\n")
    watched = f"sentinel monitor mymaster 127.0.0.1 {primary} 1\n"
    watched += "sentinel down-after-milliseconds mymaster 500\n"
    sentinel, _ = redis_servers.start("--sentinel", extra=watched)
    url = f"redis+sentinel://127.0.0.1:{sentinel}/mymaster"
    one, other = FallbackRedis(url, TIMEOUT_SECONDS), FallbackRedis(url, TIMEOUT_SECONDS)
    assert [await_spending(one), await_spending(other)] == [[1, 1], [2, 2]]
    # Sentinel promotes only a replica that it knows of.
    with closing(redis.Redis(port=sentinel)) as admin:
        while not admin.sentinel_slaves("mymaster"):
            time.sleep(0.1)
    with closing(redis.Redis(port=replica)) as copy:
        while copy.info("replication")["master_link_status"] != "up":
            time.sleep(0.1)
        end(process)
        while copy.info("replication")["role"] != "master":
            time.sleep(0.1)
    counts = [await_spending(one), await_spending(other)]
    assert counts[1] == [count + 1 for count in counts[0]]
