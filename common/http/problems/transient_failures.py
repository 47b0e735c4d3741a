"""Which failures of the database are transient: the same request may succeed in a while."""

import psycopg2
from psycopg2 import errorcodes
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

# The class of SQLSTATEs that PgBouncer answers with while it has no connection to lend.
CONNECTION_EXCEPTION = "08"
TRANSIENT_STATES = {
    errorcodes.QUERY_CANCELED,
    errorcodes.LOCK_NOT_AVAILABLE,
    errorcodes.DEADLOCK_DETECTED,
    errorcodes.SERIALIZATION_FAILURE,
    errorcodes.TOO_MANY_CONNECTIONS,
    errorcodes.ADMIN_SHUTDOWN,
    errorcodes.CRASH_SHUTDOWN,
    errorcodes.CANNOT_CONNECT_NOW,
    errorcodes.READ_ONLY_SQL_TRANSACTION,
    errorcodes.DISK_FULL,
    errorcodes.OUT_OF_MEMORY,
    errorcodes.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
}


def is_transient(error: DBAPIError | psycopg2.Error) -> bool:
    """Whether the failure is the database's present state, not the statement's fault."""
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "pgcode", None)
        is_lost = isinstance(error, OperationalError | InterfaceError)
        if error.connection_invalidated:
            return True
    else:
        code = error.pgcode
        is_lost = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
    # Without a code the server never answered: it refused, closed or lost the connection.
    if code is None:
        return is_lost
    return code in TRANSIENT_STATES or code.startswith(CONNECTION_EXCEPTION)
