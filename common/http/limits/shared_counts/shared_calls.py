"""The calls of many callers, told to Redis at once, which answers how many there are of all processes.

Keys and values are those of the exact limits: lists of times, newest first (`moving_window`).
"""

from collections.abc import Mapping, Sequence
from hashlib import sha1
from typing import cast

from redis import Redis
from redis.cluster import RedisCluster
from redis.exceptions import NoScriptError

from common.http.limits.moving_window import SKEW_SECONDS, window_key
from common.http.limits.shared_counts.calls import Total, Unsent

# Redis does nothing else meanwhile: some 5 µs a window.
MOST_CALLERS = 200

# ARGV: of each key the present, the seconds of its window, the number of calls, and their times.
SCRIPT = f"local skew = {SKEW_SECONDS}" """
local at, result = 1, {}
for i, key in ipairs(KEYS) do
    local now, seconds, calls = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    local newest = redis.call('lindex', key, 0)
    if newest and tonumber(newest) > now + skew then
        redis.call('del', key)
    end
    for j = at + 3, at + 2 + calls do
        redis.call('lpush', key, ARGV[j])
    end
    if calls > 0 then
        redis.call('expire', key, seconds + 1)
    end
    local oldest = redis.call('lindex', key, -1)
    while oldest and tonumber(oldest) < now - seconds do
        redis.call('rpop', key)
        oldest = redis.call('lindex', key, -1)
    end
    result[2 * i - 1], result[2 * i] = redis.call('llen', key), oldest or ARGV[at]
    at = at + 3 + calls
end
return result
"""
DIGEST = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()

Sent = Mapping[str, Unsent]


def send_calls(redis: Redis, sent: Sent) -> dict[str, list[Total]]:
    """Tell Redis the calls of each caller; returns the totals of their windows.

    Raises RedisError; some of the calls may be told then.
    """
    # The keys of a script lie in one slot of a cluster, and so do those of one caller alone.
    size = 1 if isinstance(redis, RedisCluster) else MOST_CALLERS
    names, totals = [*sent], dict[str, list[Total]]()
    for start in range(0, len(names), size):
        part = {name: sent[name] for name in names[start : start + size]}
        answers = iter(_run(redis, part))
        for name, unsent in part.items():
            totals[name] = [next(answers) for _ in unsent.rates]
    return totals


def _run(redis: Redis, sent: Sent) -> Sequence[Total]:
    keys: list[str] = []
    arguments: list[str] = []
    for name, unsent in sent.items():
        times = [repr(time) for time in unsent.times]
        for rate in unsent.rates:
            keys.append(window_key(name, rate))
            arguments += (repr(unsent.now), str(rate.get_expiry()), str(len(times)), *times)
    try:
        reply = redis.evalsha(DIGEST, len(keys), *keys, *arguments)
    except NoScriptError:
        reply = redis.eval(SCRIPT, len(keys), *keys, *arguments)
    found = cast(list[int | bytes], reply)
    return [
        Total(int(calls), float(oldest))
        for calls, oldest in zip(found[::2], found[1::2], strict=True)
    ]
