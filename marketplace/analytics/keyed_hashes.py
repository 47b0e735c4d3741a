"""Names that cannot be read back: callers under the key of a day, searches under the application's.

The key of a day is random and deleted with it; from then on nobody can tell whether two callers
were one, or try out addresses until a hash comes out.
"""

from datetime import date
from hashlib import blake2b

from sqlalchemy import Connection

from marketplace.analytics.shown import Caller

CALLER_BYTES = 12
SEARCH_BYTES = 16
# A visitor may invent any number of user agents: viewers of cards are told apart by so many classes.
AGENT_CLASSES = 16

READ_SALT = "select salt from insight_salts where day = %(day)s"
# Waits for another process that makes it at the same time.
MAKE_SALT = """
    insert into insight_salts (day, salt)
    values (%(day)s, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    on conflict do nothing
"""


def salt_of(connection: Connection, day: date) -> bytes:
    """The key of a day, made by whoever needs it first.

    Read anew for each window: a database that was restored meanwhile holds another.
    """
    salt = connection.exec_driver_sql(READ_SALT, {"day": day}).scalar()
    if salt is None:
        connection.exec_driver_sql(MAKE_SALT, {"day": day})
        salt = connection.exec_driver_sql(READ_SALT, {"day": day}).scalar_one()
    return bytes(salt)


def caller_hash(caller: Caller, salt: bytes) -> str:
    """A caller's name on the day of the salt, in hex."""
    if caller.user_id is not None:
        name = f"user:{caller.user_id}"
    else:
        agent = blake2b(caller.agent.encode(errors="replace"), key=salt, digest_size=1).digest()
        name = f"{caller.address} {agent[0] % AGENT_CLASSES}"
    return blake2b(name.encode(errors="replace"), key=salt, digest_size=CALLER_BYTES).hexdigest()


def search_hash(value: str, key: bytes) -> str:
    """The stored name of a search's text or of a `query_id`, in hex; `key` is `search_key`'s.

    Without the key nobody can try words until one fits.
    """
    return blake2b(value.encode(errors="replace"), key=key, digest_size=SEARCH_BYTES).hexdigest()


def search_key(secret: str) -> bytes:
    """A key for this purpose alone, made of SECRET_KEY: a new one begins new counts."""
    return blake2b(secret.encode(), person=b"search names").digest()
