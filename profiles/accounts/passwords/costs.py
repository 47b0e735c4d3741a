"""At which costs passwords are hashed: the settings' one, and those that stored hashes still have.

A cost is written as the parameters of the PHC string format: "m=19456,t=2,p=1".
"""

import re
import time
from typing import NamedTuple

from argon2 import PasswordHasher
from flask import current_app

from common.database.session import read_rows

EXTENSION = "password_costs"
READ_AGAIN_SECONDS = 60.0
COST = re.compile(r"m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})")

# One look into the index per cost, however many accounts there are.
READ_COSTS = """
    with recursive costs (cost) as (
        (select split_part(password_hash, '$', 4) as cost from users order by 1 limit 1)
        union all
        select (
            select split_part(password_hash, '$', 4) from users
            where split_part(password_hash, '$', 4) > costs.cost order by 1 limit 1
        ) from costs where costs.cost is not null
    )
    select cost from costs where cost is not null
"""


class StoredCosts(NamedTuple):
    """The costs of stored hashes, and until when (of the monotonic clock) they count as read."""

    costs: frozenset[str]
    read_again_at: float


def current_cost() -> str:
    """The cost at which new passwords are hashed."""
    config = current_app.config
    memory, passes = config["PASSWORD_HASH_MEMORY_KIB"], config["PASSWORD_HASH_PASSES"]
    return f"m={memory},t={passes},p=1"


def cost_of(password_hash: str) -> str | None:
    """The cost of a stored hash; None when it is no argon2id hash."""
    parts = password_hash.split("$")
    if len(parts) != 6 or parts[1] != "argon2id" or not COST.fullmatch(parts[3]):
        return None
    return parts[3]


def costs_in_use(seen: str | None = None) -> list[str]:
    """The costs of all accounts' hashes and the current one, in a fixed order.

    Read from the database once a minute, and when `seen`, the cost of some hash, is new.
    """
    stored: StoredCosts | None = current_app.extensions.get(EXTENSION)
    is_new = stored is not None and seen is not None and seen not in stored.costs
    if stored is None or is_new or stored.read_again_at <= time.monotonic():
        costs = {cost for (cost,) in read_rows(READ_COSTS, {}) if COST.fullmatch(cost)}
        stored = StoredCosts(frozenset(costs), time.monotonic() + READ_AGAIN_SECONDS)
        current_app.extensions[EXTENSION] = stored
    return sorted({current_cost(), *stored.costs})


def hasher_of(cost: str) -> PasswordHasher:
    """A hasher of that cost."""
    found = COST.fullmatch(cost)
    if found is None:
        raise ValueError(f"{cost!r} is no argon2 cost")
    memory, passes, lanes = map(int, found.groups())
    return PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes)
