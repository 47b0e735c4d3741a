"""Addresses of Redis: one server, one found by Sentinel, or a cluster; and clients of each.

redis://[user:password@]host[:port][/number]            also rediss:// and unix://
redis+sentinel://[user:password@]host[:port],…/service[/number][?sentinel_password=…]
redis+cluster://[user:password@]host[:port],…
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import ConnectionError as ConnectionLost
from redis.retry import Retry
from redis.sentinel import Sentinel

SINGLE = ("redis://", "rediss://", "unix://")
SENTINEL, CLUSTER = "redis+sentinel://", "redis+cluster://"
SENTINEL_PORT, REDIS_PORT = 26379, 6379
NODE = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\[\]:@/,\s]+)(?::([0-9]{1,5}))?")
SENTINEL_OPTIONS = {"sentinel_username", "sentinel_password"}

# Opens a client; only a cluster is contacted by that.
Opener = Callable[[], Any]


class Nodes(NamedTuple):
    """What an address of several nodes says."""

    nodes: list[tuple[str, int]]
    path: list[str]
    credentials: dict[str, str]
    options: dict[str, str]


def client_opener(url: str, timeout_seconds: float) -> Opener:
    """What opens a client of the address, with one time limit for all that it waits for.

    Raises ValueError, which quotes no password, for an address that cannot work.
    """
    common: dict[str, Any] = {
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        # A lost connection is replaced at once; a timeout is not repeated.
        "retry": Retry(NoBackoff(), 1, supported_errors=(ConnectionLost,)),
    }
    if url.startswith(SENTINEL):
        return _sentinel(url, common)
    if url.startswith(CLUSTER):
        return _cluster(url, common)
    if not url.startswith(SINGLE):
        raise ValueError(
            "must start with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://"
        )
    return _single(url, common)


def _single(url: str, common: dict[str, Any]) -> Opener:
    try:
        path = urlsplit(url).path.strip("/")
        client = redis.Redis.from_url(url, **common)
        # Made and not opened: redis-py checks its options here.
        client.connection_pool.make_connection()
    except TypeError as error:
        # "… got an unexpected keyword argument 'foo'"
        unknown = re.search(r"argument '(\w+)'", str(error))
        raise ValueError(f"has an unknown option {unknown[1] if unknown else ''}".strip()) from None
    except Exception:
        raise ValueError("is refused by redis-py: host, port or an option is malformed") from None
    if not url.startswith("unix://") and path:
        _number(path)
    return lambda: client


def _sentinel(url: str, common: dict[str, Any]) -> Opener:
    address = _nodes(url, SENTINEL_PORT)
    if not 1 <= len(address.path) <= 2 or not set(address.options) <= SENTINEL_OPTIONS:
        raise ValueError("must be redis+sentinel://host:port,…/service or …/service/number")
    number = _number(address.path[1]) if len(address.path) == 2 else 0
    own = {name.removeprefix("sentinel_"): value for name, value in address.options.items()}
    sentinel = Sentinel(address.nodes, sentinel_kwargs={**common, **own}, **common)
    client = sentinel.master_for(address.path[0], db=number, **address.credentials)
    return lambda: client


def _cluster(url: str, common: dict[str, Any]) -> Opener:
    address = _nodes(url, REDIS_PORT)
    if address.path not in ([], ["0"]) or address.options:
        raise ValueError("must be redis+cluster://host:port,…; a cluster has one database, 0")
    nodes = [ClusterNode(host, port) for host, port in address.nodes]
    once = {**common, **address.credentials, "retry": Retry(NoBackoff(), 1)}
    return lambda: RedisCluster(startup_nodes=nodes, **once)


def _nodes(url: str, default_port: int) -> Nodes:
    rest = url.partition("://")[2]
    rest, _, query = rest.partition("?")
    authority, *path = rest.split("/")
    before, _, hosts = authority.rpartition("@")
    user, _, password = before.partition(":")
    credentials = {"username": unquote(user), "password": unquote(password)}
    nodes = []
    for part in hosts.split(","):
        found = NODE.fullmatch(part.strip())
        port = int(found[2] or default_port) if found else 0
        if not found or not 0 < port < 65536:
            raise ValueError("has a malformed host or port")
        nodes.append((found[1].strip("[]"), port))
    return Nodes(
        nodes,
        [unquote(part) for part in path if part],
        {name: value for name, value in credentials.items() if value},
        dict(parse_qsl(query)),
    )


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise ValueError("names its database by something that is no number")
    return int(text)
